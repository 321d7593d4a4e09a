-- The schedule: its draft, its releases, who starred what, and who is to be told. Pages write it, workers read along.

-- draft: every session of a conference as its organiser has it, with its speakers.  $1 conference_id
select
    session.id, session.title, session.language, session.channel_id, session.starts_at, session.ends_at,
    (
        select coalesce(jsonb_agg(jsonb_build_object('id', speaker.id, 'name', speaker.name) order by seat.position, seat.speaker_id), '[]')
        from session_speaker as seat
        join speaker on speaker.id = seat.speaker_id
        where seat.session_id = session.id
    ) as speakers
from session
where session.conference_id = $1
order by session.starts_at nulls last, session.id

-- hold_schedule: let nobody else release or shift until this transaction ends.  $1 conference_id
select id from conference where id = $1 for no key update

-- hold_draft: the places of the draft, which nobody changes until this transaction ends.  $1 conference_id
select id, channel_id, starts_at, ends_at
from session
where conference_id = $1
order by id
for no key update

-- releases: the newest releases of a conference, the newest first.  $1 conference_id  $2 how many
select
    release.id, release.number, release.note, release.released_at, release.shifted_id, release.shifted_by,
    person.name as released_by
from release
left join person on person.id = release.released_by
where release.conference_id = $1
order by release.number desc
limit $2

-- slots: where a release has its sessions.  $1 release_id
select session_id, channel_id, starts_at, ends_at
from slot
where release_id = $1

-- add_release: a new version of the schedule, after hold_schedule.  $1 conference_id  $2 note  $3 person_id  $4 released_at  $5 the channel it shifts, or null  $6 by how many minutes, or null
insert into release (conference_id, number, note, released_by, released_at, shifted_id, shifted_by)
select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6
from release
where conference_id = $1
returning id, number

-- add_slots: the sessions of a release, as lists of the same length.  $1 release_id  $2 session_ids  $3 channel_ids  $4 starts_at  $5 ends_at
insert into slot (release_id, session_id, channel_id, starts_at, ends_at)
select $1, one.session_id, one.channel_id, one.starts_at, one.ends_at
from unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
    as one (session_id, channel_id, starts_at, ends_at)

-- place_in_draft: put sessions of the draft elsewhere, as lists of the same length.  $1 session_ids  $2 channel_ids  $3 starts_at  $4 ends_at
update session
set channel_id = one.channel_id, starts_at = one.starts_at, ends_at = one.ends_at
from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
    as one (session_id, channel_id, starts_at, ends_at)
where session.id = one.session_id

-- say_what_is_on: by the clock or by hand, unless somebody else has changed it; the channel's id when it is done.  $1 channel_id  $2 by hand  $3 on_air_id or null  $4 by hand before  $5 on_air_id before, or null
update channel
set by_hand = $2, on_air_id = $3
where id = $1 and by_hand = $4 and on_air_id is not distinct from $5
returning id

-- stars: what somebody wants to see.  $1 person_id  $2 session_ids
select session_id from star where person_id = $1 and session_id = any ($2::bigint[])

-- add_stars: somebody wants to see these; what is starred already, and what does not exist, is passed over.  $1 person_id  $2 session_ids
insert into star (person_id, session_id)
select $1, session.id from session where session.id = any ($2::bigint[])
on conflict do nothing

-- take_star: somebody does not want to see it any more.  $1 person_id  $2 session_id
delete from star where person_id = $1 and session_id = $2

-- calendar_key: what opens somebody's calendar.  $1 person_id
select calendar_key from person where id = $1

-- renew_calendar_key: from now on another address opens somebody's calendar.  $1 person_id
update person set calendar_key = gen_random_uuid() where id = $1

-- person_by_calendar_key: whose calendar an address is.  $1 key
select id, name, language from person where calendar_key = $1

-- calendar_of_person: what somebody starred, where it is or last was; it stands while the newest release has it.  $1 person_id
select
    session.id, session.title, session.abstract, last.starts_at, last.ends_at, last.number = newest.number as stands,
    newest.number, newest.released_at, channel.name as channel, conference.slug, conference.name as conference,
    conference.zone,
    (
        select coalesce(jsonb_agg(speaker.name order by seat.position, seat.speaker_id), '[]')
        from session_speaker as seat
        join speaker on speaker.id = seat.speaker_id
        where seat.session_id = session.id
    ) as speakers
from star
join session on session.id = star.session_id
join conference on conference.id = session.conference_id and conference.published_at is not null
cross join lateral (
    select number, released_at
    from release
    where release.conference_id = conference.id
    order by number desc
    limit 1
) as newest
cross join lateral (
    select slot.channel_id, slot.starts_at, slot.ends_at, release.number
    from slot
    join release on release.id = slot.release_id
    where slot.session_id = session.id
    order by release.number desc
    limit 1
) as last
join channel on channel.id = last.channel_id
where star.person_id = $1
order by last.starts_at, session.id

-- speakers_to_match: whom an imported row may mean.  $1 conference_id
select id, name from speaker where conference_id = $1 order by id

-- starred_where: how many people starred each of these, and where everybody sees it; no row of what nobody starred or sees, or of what is past.  $1 conference_id  $2 session_ids  $3 now
select slot.session_id, slot.channel_id, slot.starts_at, count(*)::int as people
from slot
join star on star.session_id = slot.session_id
where slot.release_id = (select id from release where conference_id = $1 order by number desc limit 1)
    and slot.session_id = any ($2::bigint[]) and slot.ends_at > $3
group by slot.session_id, slot.channel_id, slot.starts_at
order by slot.starts_at, slot.session_id

-- import_speaker: somebody who came in a file; their id.  $1 conference_id  $2 name  $3 portrait
insert into speaker (conference_id, name, about, portrait) values ($1, $2, '{}', $3)
returning id

-- import_session: a session that came in a file; its id.  $1 conference_id  $2 channel_id or null  $3 starts_at or null  $4 ends_at or null  $5 title  $6 abstract  $7 language
insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)
values ($1, $2, $3, $4, $5, $6, $7)
returning id

-- import_seat: who speaks in an imported session.  $1 session_id  $2 speaker_id  $3 position
insert into session_speaker (session_id, speaker_id, position) values ($1, $2, $3)
on conflict (session_id, speaker_id) do nothing

-- newest_and_told: the newest release of a conference, and the newest one that people were told of; no row while it is hidden.  $1 conference_id
select
    (select id from release where conference_id = $1 order by number desc limit 1) as newest,
    (select id from release where conference_id = $1 and told_at is not null order by number desc limit 1) as told
from conference
where id = $1 and published_at is not null

-- mark_told: everybody is being told of what this release and those before it changed.  $1 release_id
update release
set told_at = now()
from release as newest
where newest.id = $1 and release.conference_id = newest.conference_id and release.number <= newest.number
    and release.told_at is null

-- concerned: who starred something that is elsewhere now, in order, with all of it.  $1 release_id before  $2 release_id  $3 what ended before this is past  $4 people up to this id were told  $5 how many people  $6 these people alone, or null: everybody
with changed as (
    select
        session_id, old.starts_at as was_at, old.channel_id as was_in, new.starts_at, new.ends_at, new.channel_id
    from (select * from slot where release_id = $1) as old
    full join (select * from slot where release_id = $2) as new using (session_id)
    where (old.starts_at, old.channel_id) is distinct from (new.starts_at, new.channel_id)
        and greatest(old.ends_at, new.ends_at) > $3
)
select
    person.id, person.language, conference.slug, conference.zone, release.number,
    jsonb_agg(
        jsonb_build_object(
            'id', session.id, 'title', session.title, 'starts_at', changed.starts_at, 'was_at', changed.was_at,
            'channel', there.name, 'elsewhere', changed.was_in is distinct from changed.channel_id
        ) order by coalesce(changed.starts_at, changed.was_at), session.id
    ) as sessions
from changed
join session on session.id = changed.session_id
join star on star.session_id = session.id
join person on person.id = star.person_id
join release on release.id = $2 and star.starred_at < release.released_at
join conference on conference.id = release.conference_id and conference.published_at is not null
left join channel as there on there.id = changed.channel_id
where person.id > $4 and ($6::bigint[] is null or person.id = any ($6))
group by person.id, conference.id, release.id
order by person.id
limit $5

-- remind: note that these people are being told of what begins soon, and say whom of what.  $1 now  $2 the latest beginning  $3 how many  $4 persons to pass over
with due as (
    select star.session_id, star.person_id, slot.starts_at, slot.channel_id, session.title, release.conference_id
    from slot
    join release on release.id = slot.release_id
    join star on star.session_id = slot.session_id
    join session on session.id = slot.session_id
    where slot.starts_at > $1 and slot.starts_at <= $2 and star.person_id <> all($4::bigint[])
        and not exists (
            select from release as later
            where later.conference_id = release.conference_id and later.number > release.number
        )
        and not exists (
            select from reminder
            where reminder.session_id = star.session_id and reminder.person_id = star.person_id
                and reminder.starts_at = slot.starts_at
        )
    order by slot.starts_at, star.session_id, star.person_id
    limit $3
), noted as (
    insert into reminder (session_id, person_id, starts_at)
    select session_id, person_id, starts_at from due
    on conflict do nothing
    returning session_id, person_id, starts_at
)
select
    due.session_id, due.person_id, due.starts_at, due.title, person.language, conference.slug, conference.zone,
    channel.slug as channel_slug, channel.name as channel
from noted
join due using (session_id, person_id, starts_at)
join person on person.id = due.person_id
join channel on channel.id = due.channel_id
join conference on conference.id = due.conference_id and conference.published_at is not null
order by due.starts_at, due.session_id, due.person_id

-- forget_untold: these people could not be told after all, lists of the same length.  $1 session_ids  $2 person_ids  $3 starts_at
delete from reminder
using unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) as untold (session_id, person_id, starts_at)
where reminder.session_id = untold.session_id and reminder.person_id = untold.person_id
    and reminder.starts_at = untold.starts_at

-- forget_reminders: of what began long ago nobody needs to know who was told.  $1 before
delete from reminder where starts_at < $1;

-- recorded: which sessions of a conference can be seen afterwards.  $1 conference_id
select recording.session_id
from recording
join session on session.id = recording.session_id
where session.conference_id = $1;
