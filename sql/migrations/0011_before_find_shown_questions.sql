-- What readers were shown of a question is found by it, and forgotten when it is shown no longer.

create index live_event_shown on live_event (room, (event ->> 'item')) where event ->> 'is' = 'question.shown';
