-- conferences_of: the conferences somebody organises, the coming ones first.  $1 person_id  $2 whether all are theirs (the platform's admins)
select id, slug, name, starts_on, ends_on, published_at
from conference
where $2 or exists (
    select from role
    where role.conference_id = conference.id and role.person_id = $1 and role.role = 'organiser'
)
order by starts_on desc, id desc;

-- add_conference: a new conference, seen by its organisers alone.  $1 slug  $2 name  $3 tagline  $4 about  $5 zone  $6 languages  $7 language  $8 first day  $9 last day  $10 theme
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

-- unpublish_conference: only its organisers see it.  $1 conference_id
update conference
set published_at = null
where id = $1;

-- set_frame_hosts: whose players may stand in its pages.  $1 conference_id  $2 hosts
update conference
set frame_hosts = $2
where id = $1;

-- framed_streams: channels that show a page of another site.  $1 conference_id
select channel.id, channel.name, stream.address
from stream
join channel on channel.id = stream.channel_id
where channel.conference_id = $1 and stream.kind = 'frame'
order by channel.position;

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

-- picture: a picture by what is in it.  $1 digest
select type, bytes
from picture
where digest = $1
limit 1;

-- picture_named: what a picture is called.  $1 picture_id
select digest
from picture
where id = $1;

-- portrait: the face of a speaker: a picture, or else the drawing, an SVG.  $1 speaker_id
select speaker.portrait, picture.type, picture.bytes
from speaker
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
