-- What moderators know and did: notes, words, who wrote what, and the log of acts. What happened live is read here and written by the archive.

-- team: everybody who may moderate a conference, for names beside acts.  $1 conference_id
select distinct person.id, person.name
from person
left join role on role.person_id = person.id and role.conference_id = $1 and role.role in ('organiser', 'moderator')
where role.person_id is not null or person.is_admin
order by person.name;

-- upvotes: how many votes each question of these rooms has.  $1 rooms
select room, item, count(*) as votes
from vote
where room = any ($1::text[])
group by room, item;

-- waiting: questions of these rooms in these states, as the archive has them.  $1 rooms  $2 statuses  $3 how many
select room, item, session_id, person_id, name, badge, anonymous, status, text, original, reason, answer, pinned, asked_at
from question
where room = any ($1::text[]) and status = any ($2::text[])
order by asked_at
limit $3;

-- said_lately: what was said in these rooms, the newest first.  $1 rooms  $2 how many
select room, epoch, "offset", person_id, name, text, said_at
from chat_message
where room = any ($1::text[]) and retracted_at is null and text is not null
order by said_at desc
limit $2;

-- participant: somebody who has to do with a conference, with what they are there.  $1 conference_id  $2 person_id  $3 rooms of its channels
select
    person.id, person.name,
    array(select role from role where conference_id = $1 and person_id = $2 order by role) as roles
from person
where person.id = $2 and (
    exists (select from role where conference_id = $1 and person_id = $2)
    or exists (select from chat_message where room = any ($3::text[]) and person_id = $2)
    or exists (select from question where room = any ($3::text[]) and person_id = $2)
);

-- said_by: what a person said in these rooms, the newest first; deleted texts are nowhere.  $1 rooms  $2 person_id  $3 how many
select room, text, said_at, retracted_at
from chat_message
where room = any ($1::text[]) and person_id = $2 and said_at is not null
order by said_at desc
limit $3;

-- asked_by: what a person asked in these rooms, the newest first.  $1 rooms  $2 person_id  $3 how many
select room, status, text, reason, asked_at
from question
where room = any ($1::text[]) and person_id = $2
order by asked_at desc
limit $3;

-- notes: what moderators told each other of a person, the newest first.  $1 conference_id  $2 person_id
select note.text, note.written_at, writer.name as writer
from note
left join person as writer on writer.id = note.written_by
where note.conference_id = $1 and note.person_id = $2
order by note.written_at desc;

-- add_note: write such a note; the same words of the same hand within a minute are one note.  $1 conference_id  $2 person_id  $3 text  $4 written_by
insert into note (conference_id, person_id, text, written_by)
select $1, $2, $3, $4
where not exists (
    select from note
    where conference_id = $1 and person_id = $2 and text = $3 and written_by = $4
        and written_at > now() - interval '1 minute'
)
returning id;

-- lock_words: the word list, one writer after the other.  $1 conference_id
select id
from conference
where id = $1
for update;

-- words: the word list of a conference.  $1 conference_id
select stem, act
from word
where conference_id = $1
order by stem;

-- has_words: whether there is a word list at all.  $1 conference_id
select exists (select from word where conference_id = $1);

-- clear_words: forget the word list.  $1 conference_id
delete from word
where conference_id = $1;

-- add_word: one beginning of a word.  $1 conference_id  $2 stem  $3 act
insert into word (conference_id, stem, act)
values ($1, $2, $3)
on conflict (conference_id, stem) do nothing;

-- all_channels: the channels of a conference, for telling each of them something.  $1 conference_id
select id
from channel
where conference_id = $1
order by position;

-- announcements: what a conference was told and is told no more, the newest first, with who told it and took it back.  $1 room  $2 names of those that stand  $3 how many
select told.event, taken.event as withdrawn, teller.name as by_name, taker.name as withdrawn_by_name
from live_event as told
left join live_event as taken on taken.room = told.room
    and taken.event ->> 'is' = 'withdrawn' and taken.event ->> 'item' = told.event ->> 'item'
left join person as teller on teller.id = (told.event ->> 'by')::bigint
left join person as taker on taker.id = (taken.event ->> 'by')::bigint
where told.room = $1 and told.event ->> 'is' = 'announced' and told.event ->> 'item' <> all ($2::text[])
order by (told.event ->> 'when')::bigint desc
limit $3;

-- acts: what moderators and organisers did, the newest first. One act in several rooms at once is one row.  $1 conference_id  $2 rooms and their desks  $3 by whom, or null  $4 about whom, or null  $5 what their kinds are like, or null  $6 before this moment, or null  $7 and in it before this place  $8 how many
with told as (
    select
        room, epoch, "offset", event, event ->> 'is' as kind,
        lag(event) over (
            partition by room, event ->> 'item'
            order by coalesce(event ->> 'changed', event ->> 'when')::bigint, "offset"
        ) as before
    from live_event
    where room = any ($2::text[]) and event is not null
),
acts as (
    select
        to_timestamp((event ->> 'changed')::bigint / 1000.0) as happened_at, (event ->> 'by')::bigint as by_id, kind,
        room, room || ' ' || epoch || ' ' || "offset" as place, before, event as after,
        (event ->> 'user')::bigint as about_id, 1 as times
    from told
    where kind = 'question.at_desk' and (event ->> 'by')::bigint <> 0
    union all
    select
        to_timestamp(min((event ->> 'when')::bigint) / 1000.0), (event ->> 'by')::bigint, kind, min(room),
        min(room || ' ' || epoch || ' ' || "offset"), (array_agg(before order by room))[1],
        (array_agg(event order by room))[1],
        coalesce((event ->> 'user')::bigint, (min(coalesce(before -> 'said', before) ->> 'user'))::bigint), count(*)
    from told
    where (event ->> 'by')::bigint <> 0 and kind not in ('question.at_desk', 'chat.said', 'chat.worded') -- a word list is a change, below
        and (kind not in ('chat.muted', 'chat.banned') or room like '%:desk')
        and not (
            kind = 'chat.dismissed' and exists ( -- by deleting the message
                select from chat_message as gone
                where gone.room = replace(told.room, ':desk', '') and gone."offset" = (told.before ->> 'target')::bigint
                    and abs(extract(epoch from gone.retracted_at) * 1000 - (told.event ->> 'when')::bigint) < 1000
            )
        )
    group by
        kind, event ->> 'by', event ->> 'user', (event ->> 'when')::bigint / 5000,
        case when kind in ('chat.muted', 'chat.banned', 'chat.purged') then '' else room || ' ' || epoch || ' ' || "offset" end
    union all
    select
        retracted_at, retracted_by, case when count(*) > 1 then 'chat.purged' else 'chat.retracted' end, room,
        room || ' ' || min(epoch) || ' ' || min("offset"),
        jsonb_build_object('name', min(name), 'user', min(person_id)), null, min(person_id), count(*)
    from chat_message
    where room = any ($2::text[]) and retracted_by is not null and retracted_by is distinct from person_id
    group by room, retracted_by, retracted_at, person_id
    union all
    select
        made_at, person_id, case when what like 'export.%' then what else 'change.' || what end, '', 'change ' || id, before, after || jsonb_build_object('subject', subject),
        null, 1
    from change
    where conference_id = $1
)
select acts.*, doer.name as by_name, about.name as about_name
from acts
left join person as doer on doer.id = acts.by_id
left join person as about on about.id = acts.about_id
where ($3::bigint is null or acts.by_id = $3)
    and ($4::bigint is null or acts.about_id = $4)
    and ($5::text[] is null or acts.kind like any ($5::text[]))
    and ($6::timestamptz is null or (acts.happened_at, acts.place) < ($6::timestamptz, $7::text))
order by acts.happened_at desc, acts.place desc
limit $8;
