-- What is remembered, as one picture. The migrations build exactly this; a test compares the two.
-- Texts people read are jsonb objects by language: {"ru": "...", "en": "...", "kk": "..."}.

create table person (
    id            bigint generated always as identity primary key,
    email         text not null,
    name          text not null,
    password_hash text not null,             -- argon2id
    language      text not null default 'ru',
    portrait      text,                      -- an SVG drawn by the program
    is_admin      boolean not null default false, -- of the whole platform
    calendar_key  uuid not null default gen_random_uuid() unique, -- opens the feed of their programme
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
    theme      text not null default 'paper' check (theme in ('paper', 'steppe', 'birch', 'river')),
    published_at timestamptz,                -- null: only its team sees it
    frame_hosts text[] not null default '{}', -- whose players may stand in its pages, besides the known ones
    created_at timestamptz not null default now()
);

-- What organisers upload, made small and clean; named by what is in it.
create table picture (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    digest        text not null,             -- BLAKE2 of the bytes, hexadecimal
    type          text not null check (type in ('image/png', 'image/jpeg', 'image/webp')),
    width         int not null,              -- pixels
    height        int not null,
    bytes         bytea not null,
    created_at    timestamptz not null default now(),
    unique (digest, conference_id)
);

-- What the landing page is made of, from top to bottom; `content` is what web/conferences/landing_rules.py says of a kind.
create table landing_block (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    position      int not null,
    kind          text not null check (kind in ('hero', 'text', 'speakers', 'programme', 'prices', 'partners', 'faq')),
    content       jsonb not null default '{}',
    hidden        boolean not null default false,
    constraint landing_block_position unique (conference_id, position) deferrable initially deferred
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
    offline_picture_id bigint references picture on delete set null, -- shown while there is no stream
    by_hand       boolean not null default false, -- what is on is said by somebody, not by the clock
    on_air_id     bigint,                    -- what is on, if said by hand; null then: nothing
    unique (conference_id, slug),
    constraint channel_conference_id_position_key unique (conference_id, position) deferrable initially deferred
);

-- What is to be seen in a channel, by the language spoken in it.
create table stream (
    channel_id bigint not null references channel on delete cascade,
    language   text not null,
    kind       text not null check (kind in ('hls', 'youtube', 'vk', 'rutube', 'frame')),
    address    text not null,
    primary key (channel_id, language)
);

create table speaker (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    person_id     bigint references person on delete set null,
    name          jsonb not null,
    about         jsonb not null,
    portrait      text not null,             -- an SVG drawn by the program
    picture_id    bigint references picture on delete set null, -- shown instead, if there is one
    announced     boolean not null default false -- visitors see them before a session of theirs is released
);
create index speaker_conference on speaker (conference_id);

-- A session as the organiser has it now: its place and time are a draft, which nobody sees until it is released.
create table session (
    id         bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    channel_id bigint references channel,
    starts_at  timestamptz,
    ends_at    timestamptz check (ends_at > starts_at),
    title      jsonb not null,
    abstract   jsonb not null,
    language   text not null,
    constraint session_has_a_slot_or_none check (num_nonnulls(channel_id, starts_at, ends_at) in (0, 3))
);
create index session_channel_time on session (channel_id, starts_at);
create index session_conference on session (conference_id);
alter table channel add foreign key (on_air_id) references session on delete set null;

-- Where what was on can be seen afterwards.
create table recording (
    session_id bigint primary key references session on delete cascade,
    kind       text not null check (kind in ('hls', 'youtube', 'vk', 'rutube', 'frame')),
    address    text not null,
    added_at   timestamptz not null default now()
);

-- How many watched a channel: the most that were there at once in a minute. A minute without anybody has no row.
create table audience (
    channel_id bigint not null references channel on delete cascade,
    minute     timestamptz not null,
    viewers    int not null check (viewers > 0),
    primary key (channel_id, minute)
);

-- A schedule that everybody sees, until the next one: the one with the highest number of a conference is in force.
create table release (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    number        int not null,              -- 1, 2, 3 ... within the conference
    note          text not null default '',  -- what the organiser said of it
    released_by   bigint references person on delete set null,
    released_at   timestamptz not null default now(),
    shifted_id    bigint references channel on delete set null, -- it only shifted what was to come in this channel
    shifted_by    int,                       -- minutes; null: a whole new version
    told_at       timestamptz,               -- when those it concerns began to be told
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

create table session_speaker (
    session_id bigint not null references session on delete cascade,
    speaker_id bigint not null references speaker on delete cascade,
    position   int not null default 0,
    primary key (session_id, speaker_id)
);
create index session_speaker_speaker on session_speaker (speaker_id);

-- What a person wants to see: their own programme.
create table star (
    person_id  bigint not null references person on delete cascade,
    session_id bigint not null references session on delete cascade,
    starred_at timestamptz not null default now(),
    primary key (person_id, session_id)
);
create index star_session on star (session_id);

-- Who was told that a session begins soon: once for each moment it was to begin at.
create table reminder (
    session_id bigint not null references session on delete cascade,
    person_id  bigint not null references person on delete cascade,
    starts_at  timestamptz not null,
    primary key (session_id, person_id, starts_at)
);
create index reminder_time on reminder (starts_at);

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
    edited_at    timestamptz,                -- its text is another one since then ...
    edit_epoch   text,                       -- ... as the event said that stands there
    edit_offset  bigint,
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
create index live_event_shown on live_event (room, (event ->> 'item')) where event ->> 'is' = 'question.shown';

-- A question as the desk has it now. Written by the archive alone, as above; no foreign keys, as above.
create table question (
    room       text not null,                -- the readers' room, questions:<channel>
    item       text not null,                -- its name within the room
    epoch      text not null,                -- the event that said so ...
    "offset"   bigint not null,              -- ... and its place at the desk
    session_id bigint,                       -- null: it was asked while nothing was on
    person_id  bigint,                       -- null: somebody in the hall, without an account
    name       text not null,
    badge      text not null,
    anonymous  boolean not null,             -- to readers
    status     text not null,                -- one of realtime/questions.py
    text       text not null,
    original   text not null default '',     -- as it was asked, if it was edited
    reason     text not null default '',     -- why it was rejected
    answer     text not null default '',     -- in writing
    merged     text not null default '',     -- the item it became a part of
    pinned     boolean not null default false,
    asked_at   timestamptz not null,
    changed_at timestamptz not null,
    changed_by bigint,
    told       text not null default '',     -- the step its asker was told last (workers/askers.py)
    tellings   int not null default 0,
    step       text not null generated always as (case -- what its asker wants to know; '': it waits
        when status = 'asked' then ''
        when status = 'answered' and answer <> '' then 'written'
        when status = 'approved' and original <> '' then 'edited'
        else status
    end) stored,
    primary key (room, item)
);
create index question_untold on question (changed_at) where told <> step;
create index question_session on question (session_id);
create index question_person on question (person_id);

-- One voter, one vote for a question.
create table vote (
    room     text not null,
    item     text not null,
    voter    text not null,                  -- person:<id>, or device:<digest> of a phone in the hall
    voted_at timestamptz not null default now(),
    primary key (room, item, voter)
);
create index vote_voter on vote (voter, room);

-- A vote that was cast or taken back, until everybody was told of its count (workers/tallies.py).
create table untold_vote (
    id      bigint generated always as identity primary key,
    room    text not null,
    item    text not null,
    told_at timestamptz                      -- for the first time
);

create table poll (
    id         bigint generated always as identity primary key,
    channel_id bigint not null references channel on delete cascade,
    session_id bigint references session on delete set null,
    question   jsonb not null,
    kind       text not null check (kind in ('single', 'multiple')),
    secret     boolean not null default true, -- results are hidden until one's own vote or the end
    status     text not null default 'draft' check (status in ('draft', 'open', 'closed')),
    told       text not null default '' check (told in ('', 'open', 'closed')), -- what the room heard of it last
    opened_at  timestamptz,
    closed_at  timestamptz,
    created_at timestamptz not null default now()
);
create index poll_channel on poll (channel_id);
create index poll_session on poll (session_id);
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
    voter   text not null,                   -- as in vote
    options bigint[] not null check (cardinality(options) > 0),
    cast_at timestamptz not null default now(),
    primary key (poll_id, voter)
);

-- A page that opens without an account, by a token made of its id: kiosks, OBS, the QR in a hall.
create table screen (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    channel_id    bigint not null references channel on delete cascade,
    kind          text not null check (kind in ('next', 'answering', 'poll', 'qr', 'hall')),
    name          text not null,             -- where it stands: "Foyer, left"
    language      text not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    created_by    bigint references person on delete set null,
    created_at    timestamptz not null default now()
);
create index screen_conference on screen (conference_id);

-- What moderators do not want to read in a conference's rooms: beginnings of words.
create table word (
    conference_id bigint not null references conference on delete cascade,
    stem          text not null,
    act           text not null check (act in ('hold', 'hide')),
    primary key (conference_id, stem)
);

-- What moderators tell each other of a person.
create table note (
    id            bigint generated always as identity primary key,
    conference_id bigint not null references conference on delete cascade,
    person_id     bigint not null references person on delete cascade,
    text          text not null,
    written_by    bigint references person on delete set null,
    written_at    timestamptz not null default now()
);
create index note_person on note (conference_id, person_id);

-- Who changed what by a form, with before and after; what happens live is in live_event and chat_message.
create table change (
    id            bigint generated always as identity primary key,
    conference_id bigint references conference on delete cascade,
    person_id     bigint references person on delete set null,
    what          text not null,             -- channel.add, session.move, ...
    subject       text not null default '',  -- of what: session:12
    before        jsonb,
    after         jsonb,
    form_key      uuid unique,               -- of the form that made something new: sent twice it makes it once
    made_at       timestamptz not null default now()
);
create index change_conference on change (conference_id, made_at);

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
