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

-- changed_since_export: who else changed what last, by its own form or together with others, since somebody took a list away last.  $1 conference_id  $2 person_id  $3 what is written down of the export  $4 subjects
with since as (
    select change.id, change.made_at, person.name, change.subject, change.after -> 'sessions' as sessions
    from change
    join person on person.id = change.person_id
    where change.conference_id = $1 and change.person_id <> $2
        and change.id > (select max(id) from change where conference_id = $1 and person_id = $2 and what = $3)
)
select distinct on (changed.subject) changed.subject, since.name, since.made_at
from since
cross join lateral (
    select since.subject
    union all
    select jsonb_array_elements_text(case jsonb_typeof(since.sessions) when 'array' then since.sessions else '[]' end)
) as changed (subject)
where changed.subject = any ($4::text[])
order by changed.subject, since.id desc;
