-- A channel's streams have a table of their own, and every session belongs to its conference.

alter table channel drop column stream_kind;
alter table channel drop column stream_url;
update session set conference_id = channel.conference_id from channel
where channel.id = session.channel_id and session.conference_id is null;
alter table session alter column conference_id set not null;
