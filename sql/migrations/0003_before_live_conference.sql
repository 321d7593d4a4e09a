-- What organisers set up by forms and what a live conference is made of; the old program goes on with what it knows.

alter table person add column is_admin boolean not null default false;
alter table person add column calendar_key uuid not null default gen_random_uuid();
alter table person add constraint person_calendar_key_key unique (calendar_key);

alter table conference add column theme text not null default 'paper';
alter table conference add constraint conference_theme_check check (theme in ('paper', 'steppe', 'birch', 'river'));
alter table conference add column published_at timestamptz;
alter table conference add column frame_hosts text[] not null default '{}';
update conference set published_at = created_at;

create table picture (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    digest        text not null,
    type          text not null check (type in ('image/png', 'image/jpeg', 'image/webp')),
    width         int not null,
    height        int not null,
    bytes         bytea not null,
    created_at    timestamptz not null default now(),
    unique (digest, conference_id)
);

create table landing_block (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    position      int not null,
    kind          text not null check (kind in ('hero', 'text', 'speakers', 'programme', 'prices', 'partners', 'faq')),
    content       jsonb not null default '{}',
    hidden        boolean not null default false,
    version       int not null default 1,
    constraint landing_block_position unique (conference_id, position) deferrable initially deferred
);

create table stream (
    channel_id bigint not null references channel on delete cascade,
    language   text not null,
    kind       text not null check (kind in ('hls', 'youtube', 'vk', 'rutube', 'frame')),
    address    text not null,
    primary key (channel_id, language)
);
insert into stream (channel_id, language, kind, address)
select channel.id, conference.language, channel.stream_kind, channel.stream_url
from channel
join conference on conference.id = channel.conference_id
where channel.stream_kind <> 'poster' and channel.stream_url is not null;

alter table channel drop constraint channel_conference_id_position_key;
alter table channel add constraint channel_conference_id_position_key
    unique (conference_id, position) deferrable initially deferred;
alter table channel add column offline_picture_id bigint references picture on delete set null;
alter table channel add column by_hand boolean not null default false;
alter table channel add column on_air_id bigint references session on delete set null;

alter table speaker add column picture_id bigint references picture on delete set null;

-- A session is the organiser's draft; what everybody sees is a release.
alter table session add column conference_id bigint references conference on delete cascade;
update session set conference_id = channel.conference_id from channel where channel.id = session.channel_id;
alter table session alter column channel_id drop not null;
alter table session alter column starts_at drop not null;
alter table session alter column ends_at drop not null;
alter table session add constraint session_has_a_slot_or_none
    check (num_nonnulls(channel_id, starts_at, ends_at) in (0, 3));
alter table session drop constraint session_channel_id_fkey;
alter table session add constraint session_channel_id_fkey foreign key (channel_id) references channel;
create index session_conference on session (conference_id);

create table release (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    number        int not null,
    note          text not null default '',
    released_by   bigint references person on delete set null,
    released_at   timestamptz not null default now(),
    shifted_id    bigint references channel on delete set null,
    shifted_by    int,
    told_at       timestamptz,
    unique (conference_id, number)
);
create table slot (
    release_id bigint not null references release on delete cascade,
    session_id bigint not null references session on delete cascade,
    channel_id bigint not null references channel on delete cascade,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null check (ends_at > starts_at),
    primary key (release_id, session_id)
);
create index slot_session on slot (session_id);
create index slot_channel_time on slot (channel_id, starts_at);

insert into release (conference_id, number, told_at) select id, 1, now() from conference;
insert into slot (release_id, session_id, channel_id, starts_at, ends_at)
select release.id, session.id, session.channel_id, session.starts_at, session.ends_at
from session
join release on release.conference_id = session.conference_id;

create table star (
    person_id  bigint not null references person on delete cascade,
    session_id bigint not null references session on delete cascade,
    starred_at timestamptz not null default now(),
    primary key (person_id, session_id)
);
create index star_session on star (session_id);
create table reminder (
    session_id bigint not null references session on delete cascade,
    person_id  bigint not null references person on delete cascade,
    starts_at  timestamptz not null,
    primary key (session_id, person_id, starts_at)
);
create index reminder_time on reminder (starts_at);

-- Projections that only the archive writes.
create table question (
    room       text not null,
    item       text not null,
    epoch      text not null,
    "offset"   bigint not null,
    session_id bigint,
    person_id  bigint,
    name       text not null,
    badge      text not null,
    anonymous  boolean not null,
    status     text not null,
    text       text not null,
    original   text not null default '',
    reason     text not null default '',
    answer     text not null default '',
    merged     text not null default '',
    pinned     boolean not null default false,
    asked_at   timestamptz not null,
    changed_at timestamptz not null,
    changed_by bigint,
    step       text not null generated always as (case
        when status = 'asked' then ''
        when status = 'answered' and answer <> '' then 'written'
        else status
    end) stored,
    told       text not null default '',
    tellings   int not null default 0,
    primary key (room, item)
);
create index question_untold on question (changed_at) where told <> step;
create index question_session on question (session_id);
create index question_person on question (person_id);

create table vote (
    room     text not null,
    item     text not null,
    voter    text not null,
    voted_at timestamptz not null default now(),
    primary key (room, item, voter)
);
create index vote_voter on vote (voter, room);

create table poll (
    id         bigint generated always as identity primary key,
    channel_id bigint not null references channel on delete cascade,
    session_id bigint references session on delete set null,
    question   jsonb not null,
    kind       text not null check (kind in ('single', 'multiple')),
    secret     boolean not null default true,
    status     text not null default 'draft' check (status in ('draft', 'open', 'closed')),
    told       text not null default '' check (told in ('', 'open', 'closed')),
    opened_at  timestamptz,
    closed_at  timestamptz,
    created_at timestamptz not null default now()
);
create index poll_channel on poll (channel_id);
create unique index poll_open on poll (channel_id) where status = 'open';
create index poll_untold on poll (id) where told <> case status when 'draft' then '' else status end;
create table poll_option (
    id       bigint generated always as identity primary key,
    poll_id  bigint not null references poll on delete cascade,
    position int not null,
    text     jsonb not null,
    unique (poll_id, position)
);
create table ballot (
    poll_id bigint not null references poll on delete cascade,
    voter   text not null,
    options bigint[] not null check (cardinality(options) > 0),
    cast_at timestamptz not null default now(),
    primary key (poll_id, voter)
);

create table screen (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    channel_id    bigint not null references channel on delete cascade,
    kind          text not null check (kind in ('next', 'answering', 'poll', 'qr', 'hall')),
    name          text not null,
    language      text not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    created_by    bigint references person on delete set null,
    created_at    timestamptz not null default now()
);
create index screen_conference on screen (conference_id);

create table word (
    conference_id bigint not null references conference on delete cascade,
    stem          text not null,
    act           text not null check (act in ('hold', 'hide')),
    primary key (conference_id, stem)
);
create table note (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    person_id     bigint not null references person on delete cascade,
    text          text not null,
    written_by    bigint references person on delete set null,
    written_at    timestamptz not null default now()
);
create index note_person on note (conference_id, person_id);

create table change (
    id            bigint generated always as identity primary key,
    conference_id bigint references conference on delete cascade,
    person_id     bigint references person on delete set null,
    what          text not null,
    subject       text not null default '',
    before        jsonb,
    after         jsonb,
    form_key      uuid unique,
    made_at       timestamptz not null default now()
);
create index change_conference on change (conference_id, made_at);

alter table chat_message add column edited_at timestamptz;
alter table chat_message add column edit_epoch text;
alter table chat_message add column edit_offset bigint;
