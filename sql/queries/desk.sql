-- conferences_of: the conferences somebody organises, the coming ones first.  $1 person_id  $2 whether all are theirs (the platform's admins)
select id, slug, name, starts_on, ends_on, published_at
from conference
where $2 or exists (
    select from role
    where role.conference_id = conference.id and role.person_id = $1 and role.role = 'organiser'
)
order by starts_on desc, id desc;

-- add_conference: a new conference, seen by its team alone.  $1 slug  $2 name  $3 tagline  $4 about  $5 zone  $6 languages  $7 language  $8 first day  $9 last day  $10 theme
insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on, theme)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
returning id;

-- lock_conference: a conference as it is now; others who change it wait until this is done.  $1 conference_id
select id, slug, name, tagline, about, zone, languages, language, starts_on, ends_on, theme, published_at, frame_hosts
from conference
where id = $1
for update;

-- set_conference: what the form of a conference says.  $1 conference_id  $2 slug  $3 name  $4 tagline  $5 about  $6 zone  $7 languages  $8 language  $9 first day  $10 last day  $11 theme
update conference
set slug = $2, name = $3, tagline = $4, about = $5, zone = $6, languages = $7, language = $8,
    starts_on = $9, ends_on = $10, theme = $11
where id = $1;

-- keep_times_of_day: the drafts of a conference that moved to another zone keep what clocks show.  $1 conference_id  $2 zone before  $3 zone now
update session
set starts_at = (starts_at at time zone $2::text) at time zone $3::text,
    ends_at = (ends_at at time zone $2::text) at time zone $3::text
where conference_id = $1 and starts_at is not null;

-- publish_conference: everybody may see it from now on; nothing changes when they already do.  $1 conference_id
update conference
set published_at = now()
where id = $1 and published_at is null;

-- unpublish_conference: only its team sees it.  $1 conference_id
update conference
set published_at = null
where id = $1;

-- set_frame_hosts: whose players may stand in its pages.  $1 conference_id  $2 hosts
update conference
set frame_hosts = $2
where id = $1;

-- framed: whatever shows a page of another site: the stream of a channel, or the recording of a session.  $1 conference_id
select 'channel' as what, channel.name, stream.address
from stream
join channel on channel.id = stream.channel_id
where channel.conference_id = $1 and stream.kind = 'frame'
union all
select 'session', session.title, recording.address
from recording
join session on session.id = recording.session_id
where session.conference_id = $1 and recording.kind = 'frame';

-- readiness: how much of a conference is there already.  $1 conference_id
select
    (select count(*) from channel where conference_id = $1) as channels,
    (select count(distinct stream.channel_id) from stream join channel on channel.id = stream.channel_id
        where channel.conference_id = $1) as streaming,
    (select count(*) from speaker where conference_id = $1) as speakers,
    (select count(*) from session where conference_id = $1) as sessions,
    (select count(*) from session where conference_id = $1 and starts_at is not null) as placed,
    (select max(number) from release where conference_id = $1) as release;

-- add_role: somebody may do more in a conference; nothing changes when they already may.  $1 conference_id  $2 person_id  $3 role
insert into role (conference_id, person_id, role)
values ($1, $2, $3)
on conflict do nothing;

-- keep_picture: a picture of a conference; the one that is there already when it is the same.  $1 conference_id  $2 digest  $3 type  $4 width  $5 height  $6 bytes
insert into picture (conference_id, digest, type, width, height, bytes)
values ($1, $2, $3, $4, $5, $6)
on conflict (digest, conference_id) do update set type = excluded.type
returning id;

-- kept_picture: a picture that a conference has.  $1 conference_id  $2 digest
select id
from picture
where conference_id = $1 and digest = $2;

-- picture: a picture by what is in it, and the conferences that have it, a public one first.  $1 digest
select picture.type, picture.bytes, picture.conference_id, conference.published_at
from picture
join conference on conference.id = picture.conference_id
where picture.digest = $1
order by conference.published_at nulls last, conference.id;

-- portrait: the face of a speaker: a picture, or else the drawing, an SVG; and whether visitors are shown the speaker.  $1 speaker_id
select
    speaker.portrait, picture.type, picture.bytes, speaker.conference_id, conference.published_at,
    speaker.announced or exists (
        select from session_speaker as seat
        join slot on slot.session_id = seat.session_id
        where seat.speaker_id = speaker.id and slot.release_id = (
            select release.id from release where release.conference_id = conference.id order by release.number desc limit 1
        )
    ) as shown
from speaker
join conference on conference.id = speaker.conference_id
left join picture on picture.id = speaker.picture_id
where speaker.id = $1;

-- channels_at_desk: the channels of a conference with what is to be seen in them, in their order.  $1 conference_id
select
    channel.id, channel.slug, channel.name, channel.position, picture.digest as picture,
    (
        select coalesce(jsonb_object_agg(stream.language, jsonb_build_object('kind', stream.kind, 'address', stream.address)), '{}')
        from stream
        where stream.channel_id = channel.id
    ) as streams,
    (select count(*) from session where session.channel_id = channel.id) as sessions
from channel
left join picture on picture.id = channel.offline_picture_id
where channel.conference_id = $1
order by channel.position;

-- add_channel: a new channel, the last one.  $1 conference_id  $2 slug  $3 name
insert into channel (conference_id, position, slug, name)
select $1, coalesce(max(position), 0) + 1, $2, $3
from channel
where conference_id = $1
returning id;

-- set_channel: what the form of a channel says.  $1 channel_id  $2 slug  $3 name
update channel
set slug = $2, name = $3
where id = $1;

-- set_offline_picture: what is shown while there is no stream.  $1 channel_id  $2 picture_id or null
update channel
set offline_picture_id = $2
where id = $1;

-- forget_streams: nothing is to be seen in a channel any more.  $1 channel_id
delete from stream
where channel_id = $1;

-- add_stream: what is to be seen in a channel, in one language.  $1 channel_id  $2 language  $3 kind  $4 address
insert into stream (channel_id, language, kind, address)
values ($1, $2, $3, $4);

-- order_channels: the channels of a conference in a new order.  $1 conference_id  $2 channel_ids
update channel
set position = wanted.position
from unnest($2::bigint[]) with ordinality as wanted (id, position)
where channel.id = wanted.id and channel.conference_id = $1;

-- hangs_on_channel: whether anything would be lost with a channel: sessions, released or not, talk, polls, screens.  $1 channel_id  $2 its chat room  $3 its room of questions
select
    exists (select from session where channel_id = $1)
    or exists (select from slot where channel_id = $1)
    or exists (select from poll where channel_id = $1)
    or exists (select from screen where channel_id = $1)
    or exists (select from chat_message where room = $2)
    or exists (select from question where room = $3);

-- delete_channel: a channel on which nothing hangs.  $1 channel_id
delete from channel
where id = $1;

-- speakers_at_desk: the speakers of a conference by name, each with what they speak in.  $1 conference_id  $2 a piece of a name, or nothing  $3 language
select
    speaker.id, speaker.name, speaker.about, speaker.person_id, person.email, picture.digest as picture,
    speaker.announced,
    exists (
        select from session_speaker as seat
        join slot on slot.session_id = seat.session_id
        where seat.speaker_id = speaker.id
            and slot.release_id = (select id from release where conference_id = $1 order by number desc limit 1)
    ) as released,
    (
        select coalesce(jsonb_agg(jsonb_build_object('id', session.id, 'title', session.title) order by session.starts_at, session.id), '[]')
        from session_speaker as seat
        join session on session.id = seat.session_id
        where seat.speaker_id = speaker.id
    ) as sessions
from speaker
left join person on person.id = speaker.person_id
left join picture on picture.id = speaker.picture_id
where speaker.conference_id = $1
    and exists (select from jsonb_each_text(speaker.name) as said where position(lower($2) in lower(said.value)) > 0)
order by lower(coalesce(speaker.name ->> $3, (select min(said.value) from jsonb_each_text(speaker.name) as said))), speaker.id;

-- person_with_email: whose account has an e-mail.  $1 e-mail, in any case
select id, name, email
from person
where lower(email) = lower($1);

-- add_speaker: somebody who speaks.  $1 conference_id  $2 person_id or null  $3 name  $4 about  $5 portrait, an SVG  $6 picture_id or null  $7 announced
insert into speaker (conference_id, person_id, name, about, portrait, picture_id, announced)
values ($1, $2, $3, $4, $5, $6, $7)
returning id;

-- set_speaker: what the form of a speaker says.  $1 speaker_id  $2 person_id or null  $3 name  $4 about  $5 announced
update speaker
set person_id = $2, name = $3, about = $4, announced = $5
where id = $1;

-- redraw_portrait: new initials for a new name; another drawing stays.  $1 speaker_id  $2 initials before, an SVG  $3 initials now
update speaker
set portrait = $3
where id = $1 and portrait = $2;

-- set_speaker_picture: the picture of a speaker.  $1 speaker_id  $2 picture_id or null
update speaker
set picture_id = $2
where id = $1;

-- delete_speaker: somebody who speaks in no session; no row when they do.  $1 speaker_id
delete from speaker
where id = $1 and not exists (select from session_speaker where speaker_id = $1)
returning id;

-- sessions_at_desk: the drafts of a conference by time, those without one first.  $1 conference_id  $2 a piece of a title or of a speaker's name, or nothing
select
    session.id, session.title, session.abstract, session.language, session.channel_id, session.starts_at,
    session.ends_at, channel.name as channel_name, channel.slug as channel_slug,
    (
        select coalesce(jsonb_agg(jsonb_build_object('id', speaker.id, 'name', speaker.name) order by seat.position, seat.speaker_id), '[]')
        from session_speaker as seat
        join speaker on speaker.id = seat.speaker_id
        where seat.session_id = session.id
    ) as speakers
from session
left join channel on channel.id = session.channel_id
where session.conference_id = $1
    and (
        exists (select from jsonb_each_text(session.title) as said where position(lower($2) in lower(said.value)) > 0)
        or exists (
            select from session_speaker as seat
            join speaker on speaker.id = seat.speaker_id
            cross join jsonb_each_text(speaker.name) as said
            where seat.session_id = session.id and position(lower($2) in lower(said.value)) > 0
        )
    )
order by session.starts_at nulls first, channel.position, session.id;

-- add_session: a new draft.  $1 conference_id  $2 channel_id or null  $3 starts_at or null  $4 ends_at or null  $5 title  $6 abstract  $7 language
insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)
values ($1, $2, $3, $4, $5, $6, $7)
returning id;

-- set_session: what the form of a session says.  $1 session_id  $2 channel_id or null  $3 starts_at or null  $4 ends_at or null  $5 title  $6 abstract  $7 language
update session
set channel_id = $2, starts_at = $3, ends_at = $4, title = $5, abstract = $6, language = $7
where id = $1;

-- forget_seats: nobody speaks in a session any more.  $1 session_id
delete from session_speaker
where session_id = $1;

-- add_seat: somebody speaks in a session.  $1 session_id  $2 speaker_id  $3 position
insert into session_speaker (session_id, speaker_id, position)
values ($1, $2, $3);

-- hangs_on_session: whether anything would be lost with a session: a place in a release, stars, questions, polls.  $1 session_id
select
    exists (select from slot where session_id = $1)
    or exists (select from star where session_id = $1)
    or exists (select from question where session_id = $1)
    or exists (select from poll where session_id = $1);

-- delete_session: a draft on which nothing hangs.  $1 session_id
delete from session
where id = $1;

-- questions_at_desk: everything that was asked in these rooms, with its votes, the oldest first.  $1 rooms
select
    question.room, question.name, question.anonymous, question.status, question.text, question.answer, question.reason,
    question.asked_at, session.title,
    (select count(*) from vote where vote.room = question.room and vote.item = question.item) as votes
from question
left join session on session.id = question.session_id
where question.room = any($1::text[])
order by question.asked_at, question.item;

-- recordings: the recordings of a conference, by session.  $1 conference_id
select recording.session_id, recording.kind, recording.address
from recording
join session on session.id = recording.session_id
where session.conference_id = $1;

-- set_recording: where a session can be seen afterwards.  $1 session_id  $2 kind  $3 address
insert into recording (session_id, kind, address)
values ($1, $2, $3)
on conflict (session_id) do update set kind = excluded.kind, address = excluded.address;

-- drop_recording: it cannot be seen any more.  $1 session_id
delete from recording
where session_id = $1;

-- people_at_desk: people of a conference with their roles, the mightiest first.  $1 conference_id  $2 a piece of a name or an e-mail, or nothing  $3 role or nothing  $4 at most
select person.id, person.name, person.email, array_agg(role.role order by rank.rank) as roles
from role
join person on person.id = role.person_id
cross join lateral (
    select array_position(array['organiser', 'moderator', 'speaker', 'attendee'], role.role) as rank
) as rank
where role.conference_id = $1
    and (position(lower($2) in lower(person.name)) > 0 or position(lower($2) in lower(person.email)) > 0)
group by person.id
having $3 = '' or $3 = any (array_agg(role.role))
order by min(rank.rank), lower(person.name), person.id
limit $4;

-- people_by_role: how many hold each role.  $1 conference_id
select role, count(*) as people
from role
where conference_id = $1
group by role;

-- roles_of: what somebody is in a conference, and their name.  $1 conference_id  $2 person_id
select person.id, person.name, array_agg(role.role) as roles
from role
join person on person.id = role.person_id
where role.conference_id = $1 and role.person_id = $2
group by person.id;

-- other_organisers: how many organise a conference besides somebody.  $1 conference_id  $2 person_id
select count(*)
from role
where conference_id = $1 and role = 'organiser' and person_id <> $2;

-- take_roles: what somebody may not do any more.  $1 conference_id  $2 person_id  $3 the roles they keep
delete from role
where conference_id = $1 and person_id = $2 and role <> all ($3::text[]);
