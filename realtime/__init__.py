"""What happens now: the socket server. It has no database: facts arrive in a signed pass and through publish.

Follow one message: connection.py (bytes) -> session.py (may they? how often?) -> chat.py (what does everyone hear?)
-> log.py and append.lua (once per key, a place, stored, told) -> tail.py (each worker hears) -> hub.py (does it follow
what is known?) -> fanout.py (one frame, many sockets) -> connection.py (one write per socket).

messages.py     every message on the wire           session.py     one visitor's conversation, as a state machine
channels.py     every room and key name             chat.py        what a chat allows and tells
passes.py       DOOR: the signed pass               limits.py      credits that refill
errors.py       every refusal                       publish.py     DOOR: what other rooms may say
log.py, *.lua   a room's history in Redis           history.py     the recent past of one room, as ready bytes
tail.py         one pub/sub reader per worker       hub.py         who listens to what, and what of it is known
room.py         one room somebody listens to        fanout.py      one frame, many sockets
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
