-- What people do on a channel's page besides talking: votes for questions and messages, and what they asked themselves.

-- cast_vote: one voter, one vote; a second one changes nothing.  $1 room  $2 item  $3 voter
with cast_now as (
    insert into vote (room, item, voter) values ($1, $2, $3)
    on conflict do nothing
    returning room, item
)
insert into untold_vote (room, item) select room, item from cast_now;

-- take_vote_back: a vote is withdrawn.  $1 room  $2 item  $3 voter
with taken as (
    delete from vote
    where room = $1 and item = $2 and voter = $3
    returning room, item
)
insert into untold_vote (room, item) select room, item from taken;

-- untold_votes: for what people voted of which nobody was told yet, or which is to be told again, by room.  $1 rooms to pass over  $2 what was told before this moment is told again  $3 how many rooms at most
select
    room, array_agg(distinct item) as items, array_agg(id) filter (where told_at is null) as new,
    array_agg(id) filter (where told_at is not null) as again
from untold_vote
where room <> all($1::text[]) and (told_at is null or told_at < $2)
group by room
order by min(id)
limit $3;

-- take_turn_telling: whether nobody else tells counts now; the turn ends with the transaction.  $1 key of the advisory lock
select pg_try_advisory_xact_lock($1);

-- votes_for_each: how many voted for these, lists of the same length.  $1 rooms  $2 items
select asked.room, asked.item, count(vote.voter) as votes
from unnest($1::text[], $2::text[]) as asked (room, item)
left join vote on vote.room = asked.room and vote.item = asked.item
group by asked.room, asked.item;

-- votes_told: of these rooms were told for the first time.  $1 ids  $2 when
update untold_vote set told_at = $2 where id = any($1::bigint[]);

-- votes_told_again: of these nobody need be told any more.  $1 ids
delete from untold_vote where id = any($1::bigint[]);

-- votes_for: how many voted for something.  $1 room  $2 item
select count(*)
from vote
where room = $1 and item = $2;

-- votes_in: how many voted for what in a room, as far as anybody did lately.  $1 room  $2 since when
select item, count(*) as votes
from vote
where room = $1
group by item
having max(voted_at) >= $2;

-- votes_of: what somebody voted for in some rooms.  $1 rooms  $2 voter
select room, item
from vote
where voter = $2 and room = any($1::text[]);

-- asked_by: what somebody asked in a channel, the newest first, as the archive has it.  $1 room  $2 person_id
select item, session_id, status, text, reason, answer, anonymous, asked_at
from question
where room = $1 and person_id = $2
order by asked_at desc
limit 50;

-- is_question_shown: whether readers may read a question, also one that the live room has let go.  $1 room  $2 item
select exists (
    select from question
    where room = $1 and item = $2 and status in ('approved', 'answering', 'answered')
);

-- offline_picture: the name of a picture, for its address.  $1 picture_id
select digest
from picture
where id = $1;
