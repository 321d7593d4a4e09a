-- remember: make the table of applied migrations where there is none.
create table if not exists migration (
    number     int primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default now()
);

-- take_turn: wait until no other process migrates; the turn ends with the connection.  $1 key of the advisory lock
select pg_advisory_lock($1);

-- applied: every migration this database has had, in order.
select number, name, checksum, applied_at from migration order by number;

-- landed: note that a migration has been applied.  $1 number  $2 name  $3 checksum
insert into migration (number, name, checksum) values ($1, $2, $3);
