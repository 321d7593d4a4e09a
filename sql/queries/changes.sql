-- record_change: write down what somebody changed by a form.  $1 conference_id or null  $2 person_id  $3 what  $4 subject  $5 before  $6 after  $7 form_key or null
insert into change (conference_id, person_id, what, subject, before, after, form_key)
values ($1, $2, $3, $4, $5, $6, $7);

-- done_by_form: what a form did when it was sent before; no row when it is new.  $1 form_key
select subject
from change
where form_key = $1;

-- is_done: whether something was done to a subject.  $1 conference_id  $2 what  $3 subject
select exists (select from change where conference_id = $1 and what = $2 and subject = $3);

-- renamed: where a conference is that was at another address before; no row when none was.  $1 slug before
select conference.slug
from change
join conference on conference.id = change.conference_id
where change.what = 'conference.set' and change.before ->> 'slug' = $1
order by change.id desc
limit 1;

-- last_change: who changed something last, and when: by its own form, or a session together with others.  $1 conference_id  $2 subject
select change.person_id, person.name, change.made_at
from change
left join person on person.id = change.person_id
where change.conference_id = $1
    and (change.subject = $2 or change.after -> 'sessions' @> to_jsonb($2::text))
order by change.id desc
limit 1;
