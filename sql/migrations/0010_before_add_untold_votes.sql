-- Counts of votes are told by the workers, and a session has its polls for good.

create table untold_vote (
    id      bigint generated always as identity primary key,
    room    text not null,
    item    text not null,
    told_at timestamptz
);
create index poll_session on poll (session_id);
