-- What happens around a session: polls, screens, the phones of the hall, its page and its speaker's view.

-- polls: the polls of a channel or of a session that are open or over, the open one first, then the newest, with what is counted.  $1 channel_id or null: all  $2 session_id or null: all  $3 how many at most
select
    poll.id, poll.status, poll.kind, poll.secret, poll.question, poll.session_id, poll.closed_at,
    channel.slug as channel_slug,
    (select count(*) from ballot where ballot.poll_id = poll.id) as votes,
    (
        select jsonb_agg(
            jsonb_build_object('id', poll_option.id, 'text', poll_option.text, 'count', coalesce(counted.votes, 0))
            order by poll_option.position
        )
        from poll_option
        left join (
            select one.option_id, count(*) as votes
            from ballot
            cross join unnest(ballot.options) as one (option_id)
            where ballot.poll_id = poll.id
            group by one.option_id
        ) as counted on counted.option_id = poll_option.id
        where poll_option.poll_id = poll.id
    ) as options
from poll
join channel on channel.id = poll.channel_id
where (poll.channel_id = $1 or $1::bigint is null) and (poll.session_id = $2 or $2::bigint is null)
    and poll.status <> 'draft'
order by poll.status = 'open' desc, poll.opened_at desc, poll.id desc
limit $3;

-- ballots_of: what one voter chose in some polls.  $1 poll ids  $2 voter
select poll_id, options from ballot where poll_id = any($1::bigint[]) and voter = $2;

-- poll_in: how a poll of a channel stands that people may see; no row when there is none.  $1 channel_id  $2 poll_id
select status, kind from poll where channel_id = $1 and id = $2 and status <> 'draft';

-- cast_ballot: one voter's choice, in the place of an earlier one; no row when the poll is not open or the options are not such of it.  $1 channel_id  $2 poll_id  $3 voter  $4 options
with here as (select id, kind from poll where channel_id = $1 and id = $2 and status = 'open' for share)
insert into ballot (poll_id, voter, options)
select here.id, $3, $4::bigint[]
from here
where (here.kind = 'multiple' or cardinality($4::bigint[]) = 1)
    and $4::bigint[] <@ (select array_agg(poll_option.id) from poll_option where poll_option.poll_id = here.id)
on conflict (poll_id, voter) do update set options = excluded.options, cast_at = now()
returning poll_id;

-- desk_polls: every poll of a conference, the ones that are open first.  $1 conference_id  $2 a poll alone, or null
select
    poll.id, poll.channel_id, poll.session_id, poll.question, poll.kind, poll.secret, poll.status, poll.opened_at,
    poll.closed_at, channel.slug as channel_slug, channel.name as channel_name, session.title as session_title,
    (select count(*) from ballot where ballot.poll_id = poll.id) as votes,
    (
        select jsonb_agg(
            jsonb_build_object(
                'id', poll_option.id, 'text', poll_option.text,
                'count', (select count(*) from ballot where ballot.poll_id = poll.id and poll_option.id = any(ballot.options))
            )
            order by poll_option.position
        )
        from poll_option
        where poll_option.poll_id = poll.id
    ) as options
from poll
join channel on channel.id = poll.channel_id
left join session on session.id = poll.session_id
where channel.conference_id = $1 and (poll.id = $2 or $2::bigint is null)
order by array_position(array['open', 'draft', 'closed'], poll.status), poll.opened_at desc nulls first, poll.id desc;

-- add_poll: a poll nobody sees yet.  $1 channel_id  $2 session_id or null  $3 question  $4 kind  $5 secret
insert into poll (channel_id, session_id, question, kind, secret)
values ($1, $2, $3, $4, $5)
returning id;

-- add_poll_option: one thing to choose.  $1 poll_id  $2 position  $3 text
insert into poll_option (poll_id, position, text) values ($1, $2, $3);

-- hold_poll: let nobody else change or move a poll until this transaction ends.  $1 poll_id
select id from poll where id = $1 for update;

-- change_poll: another wording, as long as nobody sees it; no row otherwise, or when it leaves a channel whose room was not told yet that it is gone.  $1 poll_id  $2 channel_id  $3 session_id or null  $4 question  $5 kind  $6 secret
update poll
set channel_id = $2, session_id = $3, question = $4, kind = $5, secret = $6
where id = $1 and status = 'draft' and (told = '' or channel_id = $2)
returning id;

-- drop_poll_options: before a draft gets others.  $1 poll_id
delete from poll_option where poll_id = $1;

-- open_poll: let people vote; what was counted before it was closed stays.  $1 poll_id
update poll
set status = 'open', opened_at = coalesce(opened_at, now()), closed_at = null
where id = $1 and status in ('draft', 'closed')
returning id;

-- close_poll: nobody votes any more.  $1 poll_id
update poll set status = 'closed', closed_at = now() where id = $1 and status = 'open' returning id;

-- recall_poll: a poll that is over becomes a draft again, and pages forget it.  $1 poll_id
update poll set status = 'draft', opened_at = null, closed_at = null where id = $1 and status = 'closed' returning id;

-- drop_ballots: forget how people voted.  $1 poll_id
delete from ballot where poll_id = $1;

-- drop_poll: a draft is thrown away; no row when its room was not told yet that it is gone.  $1 poll_id
delete from poll where id = $1 and status = 'draft' and told = '' returning id;

-- polls_to_tell: polls of which their rooms heard something else.  $1 channels to pass over
select id, channel_id, status
from poll
where told <> case status when 'draft' then '' else status end and channel_id <> all($1::bigint[])
order by id
limit 20;

-- poll_told: what its room has heard of it.  $1 poll_id  $2 told
update poll set told = $2 where id = $1;

-- counts: how the polls stand that are open, and those just closed.  $1 closed since
select
    poll.id, poll.channel_id, poll.secret and poll.status = 'open' as hidden,
    (select count(*) from ballot where ballot.poll_id = poll.id) as votes,
    (
        select jsonb_object_agg(poll_option.id, coalesce(counted.votes, 0))
        from poll_option
        left join (
            select one.option_id, count(*) as votes
            from ballot
            cross join unnest(ballot.options) as one (option_id)
            where ballot.poll_id = poll.id
            group by one.option_id
        ) as counted on counted.option_id = poll_option.id
        where poll_option.poll_id = poll.id
    ) as options
from poll
where poll.status = 'open' or (poll.status = 'closed' and poll.closed_at > $1);

-- screens: the screens of a conference, the newest first.  $1 conference_id
select
    screen.id, screen.kind, screen.name, screen.language, screen.expires_at, screen.revoked_at, screen.created_at,
    channel.name as channel_name
from screen
join channel on channel.id = screen.channel_id
where screen.conference_id = $1
order by screen.created_at desc, screen.id desc;

-- screen: one screen, where it stands and what it belongs to, and when it was looked at.  $1 screen_id
select
    screen.id, screen.conference_id, screen.channel_id, screen.kind, screen.name, screen.language,
    screen.expires_at, screen.revoked_at, channel.slug as channel_slug, channel.name as channel_name,
    channel.by_hand, channel.on_air_id, conference.slug, conference.zone, conference.name as conference_name,
    conference.theme, conference.published_at, now() as looked_at
from screen
join channel on channel.id = screen.channel_id
join conference on conference.id = screen.conference_id
where screen.id = $1;

-- add_screen: one more screen.  $1 conference_id  $2 channel_id  $3 kind  $4 name  $5 language  $6 expires_at  $7 created_by
insert into screen (conference_id, channel_id, kind, name, language, expires_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7)
returning id;

-- revoke_screen: its address opens nothing any more.  $1 conference_id  $2 screen_id  $3 when
update screen set revoked_at = $3 where conference_id = $1 and id = $2 and revoked_at is null returning id;

-- questions: what people asked and moderators let through, with its votes, the most wanted first.  $1 room or null: whichever  $2 a session or null: whichever  $3 how many at most
select
    question.room, question.item, question.session_id, question.name, question.badge, question.anonymous,
    question.status, question.text, question.answer, question.pinned, question.asked_at, count(vote.voter) as votes
from question
left join vote on vote.room = question.room and vote.item = question.item
where (question.room = $1 or $1::text is null) and (question.session_id = $2 or $2::bigint is null)
    and question.status in ('approved', 'answering', 'answered')
group by question.room, question.item
order by question.status = 'answering' desc, question.pinned desc, votes desc, question.asked_at
limit $3;

-- question_of: one question of a session, whole, whatever room it was asked in.  $1 session_id  $2 item
select
    room, item, session_id, person_id, name, badge, anonymous, status, text, original, reason, answer, merged, pinned,
    asked_at, changed_at, changed_by
from question
where session_id = $1 and item = $2;

-- recording: where a session can be seen afterwards.  $1 session_id
select kind, address
from recording
where session_id = $1;

-- speaks_in: which of these sessions a person speaks in.  $1 person_id  $2 session ids
select distinct seat.session_id
from session_speaker as seat
join speaker on speaker.id = seat.speaker_id
where speaker.person_id = $1 and seat.session_id = any($2::bigint[]);

-- stood: where and when a session was to be, by the schedule of each moment; before the first one was released, by that.  $1 session_id
with release_in_force as (
    select
        id, case when lag(number) over numbered is null then '-infinity' else released_at end as since,
        coalesce(lead(released_at) over numbered, 'infinity') as until
    from release
    where conference_id = (select conference_id from session where id = $1)
    window numbered as (order by number)
)
select slot.channel_id, greatest(slot.starts_at, release.since) as since, least(slot.ends_at, release.until) as until
from release_in_force as release
join slot on slot.release_id = release.id and slot.session_id = $1
where greatest(slot.starts_at, release.since) < least(slot.ends_at, release.until);

-- said_between: what chats said in these whiles and nobody took back, a page of it; lists of the same length.  $1 rooms  $2 from  $3 until  $4 how many to pass over  $5 how many at most
select epoch, "offset", name, text, said_at, count(*) over () as of
from chat_message
where room = any($1::text[]) and text is not null and retracted_at is null and exists (
    select from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as here (room, since, until)
    where here.room = chat_message.room and chat_message.said_at >= here.since and chat_message.said_at < here.until
)
order by said_at, epoch, "offset"
offset $4
limit $5;
