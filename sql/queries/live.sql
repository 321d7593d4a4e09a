-- What happened live besides what people said in chats: a projection that only workers/archive.py writes.
-- The two statements may come in any order and any number of times; the row ends the same.

-- remember_event: one event, unless it was forgotten.  $1 room  $2 epoch  $3 offset  $4 person_id  $5 event
insert into live_event (room, epoch, "offset", person_id, event)
values ($1, $2, $3, $4, $5)
on conflict (room, epoch, "offset") do nothing

-- remember_forgotten: what it said is gone for good, also when it comes later.  $1 room  $2 epoch  $3 offset of the event
insert into live_event (room, epoch, "offset")
values ($1, $2, $3)
on conflict (room, epoch, "offset") do update
set person_id = null,
    event = null
