-- is_empty: whether the database has neither a person nor a conference.
select not exists (select from person) and not exists (select from conference);

-- is_demo: whether the demo is what this database holds.  $1 slug of its conference  $2 e-mail of its organiser
select exists (select from conference where slug = $1) and exists (select from person where email = $2);

-- plant_person: a person of the demo.  $1 email  $2 name  $3 password hash  $4 language  $5 portrait or null
insert into person (email, name, password_hash, language, portrait) values ($1, $2, $3, $4, $5) returning id;

-- plant_conference: the demo conference.  $1 slug  $2 name  $3 tagline  $4 about  $5 zone  $6 languages  $7 first day  $8 last day
insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on, published_at)
values ($1, $2, $3, $4, $5, $6, 'ru', $7, $8, now())
returning id;

-- plant_role: what a person may do at a conference.  $1 conference  $2 person  $3 role
insert into role (conference_id, person_id, role) values ($1, $2, $3);

-- plant_channel: one hall.  $1 conference  $2 position  $3 slug  $4 name
insert into channel (conference_id, position, slug, name) values ($1, $2, $3, $4) returning id;

-- plant_speaker: one who speaks.  $1 conference  $2 person or null  $3 name  $4 about  $5 portrait
insert into speaker (conference_id, person_id, name, about, portrait) values ($1, $2, $3, $4, $5) returning id;

-- plant_session: one talk.  $1 channel  $2 starts at  $3 ends at  $4 title  $5 abstract  $6 language
insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)
select channel.conference_id, channel.id, $2, $3, $4, $5, $6 from channel where channel.id = $1
returning id;

-- plant_release: everybody sees the schedule as it is now.  $1 conference
with made as (insert into release (conference_id, number, told_at) values ($1, 1, now()) returning id)
insert into slot (release_id, session_id, channel_id, starts_at, ends_at)
select made.id, session.id, session.channel_id, session.starts_at, session.ends_at
from session
cross join made
where session.conference_id = $1;

-- plant_star: a session that somebody does not want to miss.  $1 person  $2 session
insert into star (person_id, session_id) values ($1, $2);

-- plant_screen: a page on a wall, in OBS or on a sheet of paper.  $1 channel  $2 kind  $3 name  $4 expires at
insert into screen (conference_id, channel_id, kind, name, language, expires_at)
select channel.conference_id, channel.id, $2, $3, 'ru', $4 from channel where channel.id = $1;

-- plant_session_speaker: who gives a talk.  $1 session  $2 speaker  $3 position
insert into session_speaker (session_id, speaker_id, position) values ($1, $2, $3);

-- plant_block: one block of the landing page.  $1 conference  $2 position  $3 kind  $4 content
insert into landing_block (conference_id, position, kind, content) values ($1, $2, $3, $4);

-- plant_poll: one poll.  $1 channel  $2 session  $3 question  $4 kind  $5 secret  $6 status  $7 opened at or null  $8 closed at or null
insert into poll (channel_id, session_id, question, kind, secret, status, opened_at, closed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
returning id;

-- plant_poll_option: one thing to choose.  $1 poll  $2 position  $3 text
insert into poll_option (poll_id, position, text) values ($1, $2, $3) returning id;

-- plant_ballot: how somebody voted.  $1 poll  $2 voter  $3 options
insert into ballot (poll_id, voter, options) values ($1, $2, $3);

-- plant_audience: how many watched a channel in a minute.  $1 channel  $2 minute  $3 viewers
insert into audience (channel_id, minute, viewers) values ($1, $2, $3);
