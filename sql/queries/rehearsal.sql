-- What a team said, asked and voted while a conference was not public, and how it is cleared before the doors open.

-- hidden_since: when a conference was hidden last; null: it never was public.  $1 conference_id
select max(made_at)
from change
where conference_id = $1 and what = 'conference.publish' and after ->> 'public' = 'false';

-- channels: the channels of a conference that is not public.  $1 conference_id
select channel.id
from channel
join conference on conference.id = channel.conference_id
where conference.id = $1 and conference.published_at is null
order by channel.id;

-- rehearsed: how much was said, asked and voted since then.  $1 chat rooms  $2 rooms of questions  $3 channel_ids  $4 since, or null: ever
select
    (
        select count(*) from chat_message
        where room = any ($1::text[]) and text is not null and retracted_at is null
            and (said_at >= $4 or $4::timestamptz is null)
    ) as messages,
    (
        select count(*) from question
        where room = any ($2::text[]) and status in ('asked', 'approved', 'answering', 'answered')
            and (asked_at >= $4 or $4::timestamptz is null)
    ) as questions,
    (
        select count(*) from vote
        where room = any ($1::text[] || $2::text[]) and (voted_at >= $4 or $4::timestamptz is null)
    ) + (
        select count(*) from ballot
        join poll on poll.id = ballot.poll_id
        where poll.channel_id = any ($3::bigint[]) and (ballot.cast_at >= $4 or $4::timestamptz is null)
    ) as votes,
    (
        select count(*) from poll
        where channel_id = any ($3::bigint[]) and status <> 'draft' and (opened_at >= $4 or $4::timestamptz is null)
    ) as polls;

-- messages: what a chat said in this life of its and in this while, and nobody took back.  $1 room  $2 epoch  $3 since, or null: ever  $4 until
select "offset"
from chat_message
where room = $1 and epoch = $2 and text is not null and retracted_at is null
    and (said_at >= $3 or $3::timestamptz is null) and said_at <= $4
order by "offset";

-- questions: what was asked in a room in this while and waits or is shown, by the names that live rooms have for its fields.  $1 room  $2 since, or null: ever  $3 until
select
    item, status, name, badge, anonymous, text, original, reason, answer, pinned, merged as "into",
    coalesce(person_id, 0) as "user", coalesce(session_id, 0) as session, coalesce(changed_by, 0) as "by",
    (extract(epoch from asked_at) * 1000)::bigint as "when",
    (extract(epoch from changed_at) * 1000)::bigint as changed
from question
where room = $1 and status in ('asked', 'approved', 'answering', 'answered')
    and (asked_at >= $2 or $2::timestamptz is null) and asked_at <= $3
order by asked_at, item;

-- drop_votes: votes of this while are forgotten.  $1 rooms  $2 since, or null: ever  $3 until
delete from vote
where room = any ($1::text[]) and (voted_at >= $2 or $2::timestamptz is null) and voted_at <= $3;

-- drop_ballots: ballots of this while are forgotten.  $1 channel_ids  $2 since, or null: ever  $3 until
delete from ballot
using poll
where poll.id = ballot.poll_id and poll.channel_id = any ($1::bigint[])
    and (ballot.cast_at >= $2 or $2::timestamptz is null) and ballot.cast_at <= $3;

-- recall_polls: polls that were opened in this while are drafts again, and pages forget them.  $1 channel_ids  $2 since, or null: ever  $3 until
update poll
set status = 'draft', opened_at = null, closed_at = null
where channel_id = any ($1::bigint[]) and status <> 'draft'
    and (opened_at >= $2 or $2::timestamptz is null) and opened_at <= $3;

-- imposed: what moderators imposed in this while on these rooms and on people in them, and is in force: a mute, a ban, the slow mode, read-only.  $1 rooms  $2 since, or null: ever  $3 until, or null: now
select room, "offset", kind, coalesce((event ->> 'user')::bigint, 0) as person_id
from (
    select distinct on (room, event ->> 'is', event ->> 'user')
        room, "offset", event, event ->> 'is' as kind, to_timestamp((event ->> 'when')::bigint / 1000.0) as happened_at
    from live_event
    where room = any ($1::text[]) and event ->> 'is' in ('chat.muted', 'chat.banned', 'chat.slowed', 'chat.closed')
    order by room, event ->> 'is', event ->> 'user', (event ->> 'when')::bigint desc, "offset" desc
) as latest
where happened_at >= coalesce($2::timestamptz, '-infinity') and happened_at <= coalesce($3::timestamptz, 'infinity')
    and case kind
        when 'chat.muted' then to_timestamp((event ->> 'until')::bigint / 1000.0) > now()
        when 'chat.slowed' then (event ->> 'seconds')::bigint > 0
        else (event ->> 'on')::boolean
    end
order by room, "offset";
