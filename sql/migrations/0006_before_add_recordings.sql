-- Where what was on can be seen afterwards, on the page of its session.

create table recording (
    session_id bigint primary key references session on delete cascade,
    kind       text not null check (kind in ('hls', 'youtube', 'vk', 'rutube', 'frame')),
    address    text not null,
    added_at   timestamptz not null default now()
);
