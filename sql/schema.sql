-- What is remembered, as one picture. The migrations build exactly this; a test compares the two.
-- Texts people read are jsonb objects by language: {"ru": "...", "en": "...", "kk": "..."}.

create table person (
    id            bigint generated always as identity primary key,
    email         text not null,
    name          text not null,
    password_hash text not null,             -- argon2id
    language      text not null default 'ru',
    portrait      text,                      -- an SVG drawn by the program
    created_at    timestamptz not null default now()
);
create unique index person_email_key on person (lower(email));

create table conference (
    id         bigint generated always as identity primary key,
    slug       text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name       jsonb not null,
    tagline    jsonb not null,
    about      jsonb not null,
    zone       text not null,                -- IANA name; times are shown in it
    languages  text[] not null,
    language   text not null,                -- the default one
    starts_on  date not null,
    ends_on    date not null check (ends_on >= starts_on),
    created_at timestamptz not null default now()
);

-- Whoever may do more than attend; an attendee has a row too.
create table role (
    conference_id bigint not null references conference on delete cascade,
    person_id     bigint not null references person on delete cascade,
    role          text not null check (role in ('organiser', 'moderator', 'speaker', 'attendee')),
    primary key (conference_id, person_id, role)
);
create index role_person on role (person_id);

create table channel (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    position      int not null,
    slug          text not null,
    name          jsonb not null,
    stream_kind   text not null default 'poster' check (stream_kind in ('poster', 'hls')),
    stream_url    text,
    unique (conference_id, slug),
    unique (conference_id, position)
);

create table speaker (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    person_id     bigint references person on delete set null,
    name          jsonb not null,
    about         jsonb not null,
    portrait      text not null              -- an SVG drawn by the program
);
create index speaker_conference on speaker (conference_id);

create table session (
    id         bigint generated always as identity primary key,
    channel_id bigint not null references channel on delete cascade,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null check (ends_at > starts_at),
    title      jsonb not null,
    abstract   jsonb not null,
    language   text not null
);
create index session_channel_time on session (channel_id, starts_at);

create table session_speaker (
    session_id bigint not null references session on delete cascade,
    speaker_id bigint not null references speaker on delete cascade,
    position   int not null default 0,
    primary key (session_id, speaker_id)
);
create index session_speaker_speaker on session_speaker (speaker_id);

-- A projection of the live streams that only the archive writes, by event id (room, epoch, offset).
create table chat_message (
    room         text not null,
    epoch        text not null,
    "offset"     bigint not null,
    person_id    bigint,                     -- no foreign key: the stream is the truth, and people can be erased
    name         text,
    text         text,                       -- null when it was retracted before the archive saw it
    said_at      timestamptz,
    retracted_at timestamptz,
    retracted_by bigint,
    primary key (room, epoch, "offset")
);

-- What else happened live: moderators' acts, questions, inboxes, announcements. Written by the archive alone, as above.
create table live_event (
    room      text not null,
    epoch     text not null,
    "offset"  bigint not null,
    person_id bigint,                        -- whose it is; no foreign key, as above
    event     jsonb,                         -- null when everybody was told to forget it
    primary key (room, epoch, "offset")
);
create index live_event_person on live_event (person_id);

-- What was promised in a transaction and is done afterwards: letters, words in live rooms.
create table outbox (
    id         bigint generated always as identity primary key,
    kind       text not null,
    payload    jsonb not null,
    due_at     timestamptz not null default now(),
    attempts   int not null default 0,
    created_at timestamptz not null default now(),
    done_at    timestamptz,
    failed_at  timestamptz,                  -- given up; an operator looks
    error      text
);
create index outbox_due on outbox (due_at) where done_at is null and failed_at is null;
