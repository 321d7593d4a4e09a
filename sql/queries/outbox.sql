-- What was promised in a transaction and is done after it. Written by whoever promises, read by workers/outbox.py.

-- promise: something to do as soon as this transaction is committed.  $1 kind (workers/kinds.py)  $2 payload
insert into outbox (kind, payload) values ($1, $2)

-- promise_later: something to do at a given time.  $1 kind (workers/kinds.py)  $2 payload  $3 due_at
insert into outbox (kind, payload, due_at) values ($1, $2, $3)

-- take_due: the row that waits longest, locked until this transaction ends; rows others hold are passed over.  $1 kinds that keep their order: take_oldest has them
select id, kind, payload, attempts, created_at
from outbox
where done_at is null and failed_at is null and due_at <= now() and kind <> all ($1::text[])
order by due_at, id
limit 1
for update skip locked

-- take_oldest: the oldest row of a kind that is due; none while somebody else holds it or while it was put off, so the kind keeps its order.  $1 kind
select id, kind, payload, attempts, created_at
from outbox
where id = (
    select id
    from outbox
    where kind = $1 and done_at is null and failed_at is null and (due_at <= now() or attempts > 0)
    order by id
    limit 1
) and done_at is null and failed_at is null and due_at <= now()
for update skip locked

-- clock: what time it is, also while a transaction goes on.
select clock_timestamp()

-- mark_done: it is done, in the transaction that took it.  $1 id
update outbox set done_at = now(), attempts = attempts + 1, error = null where id = $1

-- step_back: something was away, which is not this row's fault; let others go first.  $1 id  $2 how long
update outbox set due_at = now() + $2::interval where id = $1

-- put_off: it did not work; try again later.  $1 id  $2 how long to wait  $3 error
update outbox set attempts = attempts + 1, due_at = now() + $2::interval, error = $3 where id = $1

-- give_up: it will not work; an operator looks.  $1 id  $2 error
update outbox set attempts = attempts + 1, failed_at = now(), error = $2 where id = $1

-- sweep: delete the oldest of the rows done long ago, and say which; rows others sweep are passed over.  $1 how long ago  $2 how many at most
with old as (
    select id
    from outbox
    where done_at < now() - $1::interval
    order by id
    limit $2
    for update skip locked
)
delete from outbox
using old
where outbox.id = old.id
returning outbox.id

-- letter_of_welcome: whom the letter greets and to what.  $1 person_id  $2 conference_id
select
    person.email,
    person.name,
    person.language,
    conference.slug,
    conference.name as conference,
    conference.zone,
    conference.starts_on,
    conference.ends_on
from person, conference
where person.id = $1 and conference.id = $2
