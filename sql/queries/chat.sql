-- Chats as Postgres remembers them: a projection of the live streams that only workers/archive.py writes.
-- The statements may come in any order and any number of times; the row ends the same.

-- remember_said: one message, unless it was retracted: then only who and when.  $1 room  $2 epoch  $3 offset  $4 person_id  $5 name  $6 text  $7 said_at
insert into chat_message (room, epoch, "offset", person_id, name, text, said_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (room, epoch, "offset") do update
set person_id = excluded.person_id,
    name = excluded.name,
    text = case
        when chat_message.retracted_at is not null then null
        when chat_message.edited_at is not null then chat_message.text
        else excluded.text
    end,
    said_at = excluded.said_at

-- remember_edited: another text of a message, unless it was retracted or is newer than this.  $1 room  $2 epoch  $3 offset of the message  $4 person_id  $5 name  $6 text  $7 said_at  $8 edited_at  $9 epoch of the edit  $10 offset of the edit
insert into chat_message (room, epoch, "offset", person_id, name, text, said_at, edited_at, edit_epoch, edit_offset)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (room, epoch, "offset") do update
set person_id = excluded.person_id,
    name = excluded.name,
    text = case when chat_message.retracted_at is null then excluded.text end,
    said_at = excluded.said_at,
    edited_at = excluded.edited_at,
    edit_epoch = excluded.edit_epoch,
    edit_offset = excluded.edit_offset
where chat_message.edited_at is null
    or (chat_message.edit_epoch = excluded.edit_epoch and chat_message.edit_offset < excluded.edit_offset)
    or (chat_message.edit_epoch <> excluded.edit_epoch and chat_message.edited_at <= excluded.edited_at)

-- remember_retracted: the text is gone for good, also when it comes later.  $1 room  $2 epoch  $3 offset of the message  $4 retracted_at  $5 retracted_by
insert into chat_message (room, epoch, "offset", retracted_at, retracted_by)
values ($1, $2, $3, $4, $5)
on conflict (room, epoch, "offset") do update
set text = null,
    retracted_at = coalesce(chat_message.retracted_at, excluded.retracted_at),
    retracted_by = coalesce(chat_message.retracted_by, excluded.retracted_by)
