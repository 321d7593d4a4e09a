-- conferences: every conference that is public, the newest first.  No parameters
select slug, name, tagline, zone, starts_on, ends_on
from conference
where published_at is not null
order by starts_on desc, id desc;

-- conference_by_slug: one conference, and when it was looked at.  $1 slug
select
    id, slug, name, tagline, about, zone, languages, language, starts_on, ends_on, theme, published_at, frame_hosts,
    now() as looked_at
from conference
where slug = $1;

-- channels: the channels of a conference, in their order.  $1 conference_id
select id, slug, name, position, offline_picture_id, by_hand, on_air_id
from channel
where conference_id = $1
order by position;

-- streams: what is to be seen in a channel, by the language spoken in it.  $1 channel_id
select language, kind, address
from stream
where channel_id = $1
order by language;

-- sessions: the released schedule with its speakers, by time and channel.  $1 conference_id
select
    session.id, slot.channel_id, slot.starts_at, slot.ends_at, session.title, session.abstract,
    session.language, channel.slug as channel_slug, channel.name as channel_name, channel.position,
    (
        select coalesce(jsonb_agg(jsonb_build_object('id', speaker.id, 'name', speaker.name) order by seat.position, seat.speaker_id), '[]')
        from session_speaker as seat
        join speaker on speaker.id = seat.speaker_id
        where seat.session_id = session.id
    ) as speakers
from slot
join session on session.id = slot.session_id
join channel on channel.id = slot.channel_id
where slot.release_id = (select id from release where conference_id = $1 order by number desc limit 1)
order by slot.starts_at, channel.position, session.id;

-- speakers: whoever speaks in the released schedule or is announced already, in the order they speak.  $1 conference_id
select speaker.id, speaker.name, speaker.about
from speaker
left join session_speaker as seat on seat.speaker_id = speaker.id
left join slot
    on slot.session_id = seat.session_id
    and slot.release_id = (select id from release where conference_id = $1 order by number desc limit 1)
where speaker.conference_id = $1
group by speaker.id
having speaker.announced or count(slot.session_id) > 0
order by min(slot.starts_at) nulls last, speaker.id;

-- roles: what somebody is in a conference.  $1 conference_id  $2 person_id
select role
from role
where conference_id = $1 and person_id = $2;
