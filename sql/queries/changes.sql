-- record_change: write down what somebody changed by a form.  $1 conference_id or null  $2 person_id  $3 what  $4 subject  $5 before  $6 after
insert into change (conference_id, person_id, what, subject, before, after)
values ($1, $2, $3, $4, $5, $6);
