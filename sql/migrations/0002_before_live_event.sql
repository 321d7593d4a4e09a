-- Live rooms other than chats, and what moderators do, are remembered too; only the archive writes this table.

create table live_event (
    room      text not null,
    epoch     text not null,
    "offset"  bigint not null,
    person_id bigint,                        -- whose it is; no foreign key: people can be erased
    event     jsonb,                         -- null when everybody was told to forget it
    primary key (room, epoch, "offset")
);
create index live_event_person on live_event (person_id);
