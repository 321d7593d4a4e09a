-- What happened live besides what people said in chats, and questions as they are: projections that only
-- workers/archive.py writes. Its statements may come in any order and any number of times; the row ends the same.

-- remember_event: one event, unless it was forgotten.  $1 room  $2 epoch  $3 offset  $4 person_id  $5 event
insert into live_event (room, epoch, "offset", person_id, event)
values ($1, $2, $3, $4, $5)
on conflict (room, epoch, "offset") do nothing;

-- remember_forgotten: what it said is gone for good, also when it comes later.  $1 room  $2 epoch  $3 offset of the event
insert into live_event (room, epoch, "offset")
values ($1, $2, $3)
on conflict (room, epoch, "offset") do update
set person_id = null,
    event = null;

-- forget_outlived: what readers were shown of questions that are shown no longer, or in other words, is gone for good.  $1 how long ago they changed at least  $2 how many at most
with outlived as (
    select told.room, told.epoch, told."offset"
    from live_event as told
    join question on question.room = told.room and question.item = told.event ->> 'item'
    where told.event ->> 'is' = 'question.shown' and question.changed_at < now() - $1::interval
        and (question.status not in ('approved', 'answering', 'answered') or question.text <> told.event ->> 'text')
    order by told.room, told.epoch, told."offset"
    limit $2
    for update of told skip locked
)
update live_event
set person_id = null,
    event = null
from outlived
where live_event.room = outlived.room and live_event.epoch = outlived.epoch
    and live_event."offset" = outlived."offset"
returning live_event."offset";

-- remember_question: a question as an event of the desk has it, unless a newer one came.  $1 room  $2 item  $3 epoch  $4 offset  $5 session_id  $6 person_id  $7 name  $8 badge  $9 anonymous  $10 status  $11 text  $12 original  $13 reason  $14 answer  $15 merged  $16 pinned  $17 asked_at  $18 changed_at  $19 changed_by
insert into question (
    room, item, epoch, "offset", session_id, person_id, name, badge, anonymous, status, text, original, reason, answer,
    merged, pinned, asked_at, changed_at, changed_by
)
select
    $1, $2, $3, $4, $5, $6, $7, $8, $9,
    case when purged.it and $10::text in ('approved', 'answering', 'answered') then 'rejected' else $10::text end,
    $11, $12, $13, $14, $15, $16::boolean and not purged.it, $17, $18, $19
from (
    select exists ( -- all of its asker went afterwards
        select from live_event
        where room = $1::text || ':desk' and epoch = $3 and "offset" > $4
            and event ->> 'is' = 'chat.purged' and (event ->> 'user')::bigint = $6
    ) as it
) as purged
on conflict (room, item) do update
set epoch = excluded.epoch,
    "offset" = excluded."offset",
    session_id = excluded.session_id,
    person_id = excluded.person_id,
    name = excluded.name,
    badge = excluded.badge,
    anonymous = excluded.anonymous,
    status = excluded.status,
    text = excluded.text,
    original = excluded.original,
    reason = excluded.reason,
    answer = excluded.answer,
    merged = excluded.merged,
    pinned = excluded.pinned,
    asked_at = excluded.asked_at,
    changed_at = excluded.changed_at,
    changed_by = excluded.changed_by
where (question.epoch = excluded.epoch and question."offset" < excluded."offset")
    or (question.epoch <> excluded.epoch and question.changed_at <= excluded.changed_at);

-- remember_purged: all that a person asked before is shown no longer, also what the desk had let go; what waits never left it.  $1 room  $2 epoch  $3 offset of the purge  $4 person_id  $5 purged_at  $6 purged_by
update question
set status = 'rejected',
    pinned = false,
    changed_at = $5,
    changed_by = $6
where room = $1 and person_id = $4 and status in ('approved', 'answering', 'answered')
    and ((epoch = $2 and "offset" < $3) or (epoch <> $2 and changed_at <= $5));

-- on_air: what is on in each channel now, by hand or by the clock of Postgres and the newest schedule; 0: nothing.
select
    channel.id as channel_id,
    coalesce(
        case when channel.by_hand then channel.on_air_id else (
            select slot.session_id
            from slot
            where slot.release_id = (
                select release.id
                from release
                where release.conference_id = channel.conference_id
                order by release.number desc
                limit 1
            ) and slot.channel_id = channel.id and slot.starts_at <= now() and slot.ends_at > now()
            order by slot.starts_at desc, slot.session_id
            limit 1
        ) end,
        0
    ) as session_id,
    now() as looked_at
from channel;

-- untold: questions whose askers do not know the last step yet, locked, with what it takes to tell them; those that others tell of are passed over.  $1 how many at most  $2 persons to pass over, too
select
    question.room, question.item, question.step, question.tellings, question.text, question.reason, question.merged,
    question.person_id, person.language, conference.slug, channel.slug as channel_slug,
    (select slot.session_id from slot where slot.session_id = question.session_id limit 1) as session_id
from question
left join person on person.id = question.person_id
left join channel on channel.id = split_part(question.room, ':', 2)::bigint
left join conference on conference.id = channel.conference_id
where question.told <> question.step and (question.person_id is null or question.person_id <> all($2::bigint[]))
order by question.changed_at
limit $1
for update of question skip locked;

-- told: the step an asker knows of.  $1 room  $2 item  $3 step  $4 how many they were told of, by one more if there was somebody to tell
update question set told = $3, tellings = $4 where room = $1 and item = $2;
