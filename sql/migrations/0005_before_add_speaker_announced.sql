-- Whom visitors see before a session of theirs is released; whoever was on a public landing page stays there.

alter table speaker add column announced boolean not null default false;
update speaker set announced = true from conference
where conference.id = speaker.conference_id and conference.published_at is not null;
