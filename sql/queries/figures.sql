-- What organisers look at during and after the event: how many watched, talked and asked.

-- channels_counted: the channels of conferences that are on, each in its own zone, also the night around; and the minute it is.
select channel.id, date_trunc('minute', now()) as minute
from channel
join conference on conference.id = channel.conference_id
where (now() at time zone conference.zone)::date between conference.starts_on - 1 and conference.ends_on + 1;

-- remember_audience: the most that watched in a minute, whoever counts it, as lists of the same length.  $1 minute  $2 channel_ids  $3 viewers
insert into audience (channel_id, minute, viewers)
select one.channel_id, $1, one.viewers
from unnest($2::bigint[], $3::int[]) as one (channel_id, viewers)
on conflict (channel_id, minute) do update
set viewers = greatest(audience.viewers, excluded.viewers);

-- audience: how many watched, minute by minute.  $1 channel_ids  $2 from  $3 until
select channel_id, minute, viewers
from audience
where channel_id = any($1::bigint[]) and minute >= $2 and minute < $3;

-- said_by_minute: how many messages were said and not taken back, minute by minute.  $1 rooms  $2 from  $3 until
select room, date_trunc('minute', said_at) as minute, count(*)::int as messages
from chat_message
where room = any($1::text[]) and said_at >= $2 and said_at < $3 and retracted_at is null
group by room, date_trunc('minute', said_at);

-- took_part: how many people wrote messages, asked, voted for something or in a poll.  $1 rooms of chats  $2 rooms of questions  $3 channel_ids  $4 from  $5 until
select
    (
        select count(distinct person_id)::int from chat_message
        where room = any($1::text[]) and said_at >= $4 and said_at < $5 and retracted_at is null
    ) as wrote,
    (
        select count(distinct voter)::int from ballot
        join poll on poll.id = ballot.poll_id
        where poll.channel_id = any($3::bigint[]) and cast_at >= $4 and cast_at < $5
    ) as polled,
    (
        select count(*)::int from vote
        where room = any($2::text[]) and voted_at >= $4 and voted_at < $5
    ) as upvotes;

-- asked_of: what became of the questions of sessions.  $1 session_ids
select
    session_id,
    count(*)::int as asked,
    (count(*) filter (where status in ('approved', 'answering', 'answered')))::int as shown,
    (count(*) filter (where status = 'answered'))::int as answered
from question
where session_id = any($1::bigint[])
group by session_id;
