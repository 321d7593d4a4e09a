"""What happens now: the socket server. It has no database: facts arrive in a signed pass and through publish.

Follow one message: connection.py (bytes) -> session.py (may they? how often?) -> verbs.py and chat.py (what does
everyone hear?) -> writer.py, log.py and write.lua (once per key, a place, stored, told) -> tail.py (each worker hears)
-> hub.py (does it follow what is known?) -> fanout.py (one frame, many sockets) -> connection.py (one write each).

commands.py     what a client may say               events.py      what it may hear
gesture_commands.py  what it may show for a moment
messages.py     parses and encodes both             session.py     one visitor's conversation, as a state machine
verbs.py        which acts, where, for whom         speaker.py     who asks, when, and what is known
chat.py         messages                            moderation.py  what moderators do about them
chat_reports.py what people report to them          dropped.py     what they did not publish, told its author
waiting.py      what they have not seen yet, its author's pages
own_events.py   what is told to one person alone
question_events.py  what is told of questions   inbox_events.py  what comes to a person
questions.py    from asked to answered              announcements.py  to everybody of a conference
stage.py        what is on, and polls               stage_events.py  what is told of that
shown.py        whether something is to be seen now, for pages
inbox.py        direct messages, notifications      words.py       how a word list is compared
doorkeeper.py   acts on a person's live sockets     writes.py      what can be done to a log in one step
channels.py     every room and key name             passes.py      DOOR: the signed pass
limits.py       credits that refill                 errors.py      every refusal
publish.py      DOOR: what other rooms may say      telling.py     ... to many at once
acting.py       acts of whoever has no socket       clearing.py    ... many of them at once
log.py, *.lua   a room's history in Redis           memory.py      the log's twin without Redis
writer.py       all writes, in order                line.py        one subscriber's connection to the next
engine.py       the Redis that holds a room
tail.py         the worker's ear                    hub.py         who listens to what, and what of it is known
ear.py          what a hub needs of one
history.py      recent past and state of a room     room.py        one room somebody listens to
fanout.py       one frame, many sockets             kept.py        what memory.py keeps of one room
presence.py     who is where through one worker     viewers.py     how many there are over all workers
gestures.py     reactions and typing: who may       whisper.py     gathers them and tells them twice a second
frames.py       frames from server to client        stats.py       what one worker counts
connection.py   one socket                          visit.py       does what the session decided
handshake.py    the ordinary handshake              ceremony.py    the odd one, by websockets
reader.py       frames from clients                 wheel.py       when each socket is looked at again
broadcast.py,.c one frame written to many sockets   deflate.py     one compressed frame for a whole room
backlog.py      whose bytes wait, who is cut first  worker.py      one process: accept, serve, drain, report
supervisor.py   the master of the workers           admin.py       health, readiness, a page for ops
child.py        one forked process                  doors.py       the listening sockets, and how many may come
handover.py     new code in the same process        farewell.py    sends visitors elsewhere, paced
vitals.py       what a worker tells each second     reports.py     what is known of a node from that
fleet.py        all nodes on one Redis              metrics.py     the same for Prometheus
gate.py         who may see and press what          version.py     which code is running
manual.py       prints the wire's manual            client.py      a client for bots and tests
"""
