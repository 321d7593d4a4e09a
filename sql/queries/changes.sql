-- record_change: write down what somebody changed by a form.  $1 conference_id or null  $2 person_id  $3 what  $4 subject  $5 before  $6 after  $7 form_key or null
insert into change (conference_id, person_id, what, subject, before, after, form_key)
values ($1, $2, $3, $4, $5, $6, $7);

-- made_by_form: what a form made when it was sent before; no row when it is new.  $1 form_key
select subject
from change
where form_key = $1;
