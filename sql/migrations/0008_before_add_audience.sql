-- How many watched a channel, minute by minute: what was counted live was told and forgotten.

create table audience (
    channel_id bigint not null references channel on delete cascade,
    minute     timestamptz not null,
    viewers    int not null check (viewers > 0),
    primary key (channel_id, minute)
);
