"""Every room, stream and key name of the live half. Pure; nobody else spells a Redis key.

A room is `kind:number`, as a pass and the wire name it; where people are moderated it has a desk, `kind:number:desk`,
which only moderators enter. Everything that a room and its desk keep in Redis carries `kind:number` as its hash tag,
so that it lives in one slot of a cluster and one script may touch all of it.
"""

import re

# Numbers are Postgres bigints.
ROOM = re.compile(r"(?:(chat|questions|video|idea)|(announcements|inbox|passes)):([1-9][0-9]{0,17})(?(1)(:desk)?)")

ROOMS = "veche:rooms"  # set of all rooms that ever spoke; the archive finds its streams by it
NODES = "veche:nodes"  # set of the names of all nodes
ARCHIVE = "archive"  # consumer group of the archive, one per stream
PASSES = "passes:1"  # the workers' own room: whose passes are revoked
DESK = ":desk"
CROWDS = 16  # names under which persons who are here are counted


def chat(channel: int) -> str:
    """The room of one channel's chat."""
    return f"chat:{channel}"


def questions(channel: int) -> str:
    """The room where everybody reads one channel's approved questions."""
    return f"questions:{channel}"


def announcements(conference: int) -> str:
    """The room everybody of one conference is in."""
    return f"announcements:{conference}"


def inbox(user: int) -> str:
    """One person's own room: direct messages and notifications, the same in all their tabs."""
    return f"inbox:{user}"


def online(user: int) -> str:
    """Under which name a person who is here is counted; few names for all, so that many are told of in one go."""
    return f"online:{user % CROWDS}"


def comments(kind: str, number: int) -> str:
    """The comments under a video or an idea."""
    return f"{kind}:{number}"


def desk(room: str) -> str:
    """Where the moderators of a room work; a desk's desk is itself."""
    return room if room.endswith(DESK) else room + DESK


def public(room: str) -> str:
    """The room that a desk belongs to."""
    return room.removesuffix(DESK)


def kind(room: str) -> str | None:
    """The kind of a room or of a desk's room, or None when this is no room's name."""
    found = ROOM.fullmatch(room)
    return found and (found[1] or found[2])


def number(room: str) -> int:
    """The number in a room's name."""
    return int(room.split(":")[1])


def log(room: str) -> str:
    """Stream of the room's events; entry ids are <offset>-0."""
    return _key(room, "log")


def meta(room: str) -> str:
    """Hash: epoch (this stream's life), top (last offset), floor (last trimmed offset), archived (last in Postgres).

    And size: bytes of the state's events.
    """
    return _key(room, "meta")


def state(room: str) -> str:
    """Hash: part of the room's state -> `<offset> <event JSON>` of the event that is this part now."""
    return _key(room, "state")


def rules(room: str) -> str:
    """Hash: rule of the room -> its value: closed, slow, ban:<user>, mute:<user>.

    Of an inbox: block:<user>, unread:<thread>, read:<thread>; began: the day and number of conversations.
    """
    return _key(room, "rules")


def words(room: str) -> str:
    """Set: beginnings of words that make a message wait for a moderator."""
    return _key(room, "words")


def kept(room: str) -> str:
    """Hash: offset of a deleted event -> `<user> <JSON>`, for moderators who change their mind."""
    return _key(room, "kept")


def copies(room: str) -> str:
    """Hash: offset of an event -> offsets of the events that repeat it (pinned, restored), with commas.

    And `@` and the offset that a message came at -> where it stands since it was edited; `=` and a part of the state
    that left it -> where its event stands.
    """
    return _key(room, "copies")


def spoke(room: str, user: int) -> str:
    """There while somebody has to wait in slow mode."""
    return _key(room, f"spoke:{user}")


def rationed(room: str, verb: str, user: int) -> str:
    """How many acts of this kind somebody did here lately."""
    return _key(room, f"rationed:{verb}:{user}")


def once(room: str, verb: str, user: int, key: str) -> str:
    """Where the result of one keyed write is remembered, so that a resend changes nothing."""
    return _key(room, f"once:{verb}:{user}:{key}")


def viewers(room: str) -> str:
    """Hash: person who is in the room -> number of workers that hold them; viewers.lua has more keys behind it."""
    return _key(room, "viewers")


def live(room: str) -> str:
    """Pub/sub channel of the room; what is said there: history.heard, or a hint (messages.hinted)."""
    return _key(room, "live")


def probe(worker: str, number: int) -> str:
    """Pub/sub channel on which a worker writes to itself to hear whether it hears; some number falls to each master."""
    return f"veche:probe:{{{number}}}:{worker}"


def written(worker: str, number: int) -> str:
    """What a worker writes each second to see that Redis takes writes; some number falls to each master."""
    return f"veche:written:{{{number}}}:{worker}"


def node(name: str) -> str:
    """What one node last said of itself; it lives for as long as a silent node is shown."""
    return f"veche:node:{name}"


def room_of(key: str) -> str:
    """The room in a key made by log, meta or live."""
    tag, _, rest = key[1:].partition("}:")
    return tag + DESK if rest.startswith("desk:") else tag


def _key(room: str, what: str) -> str:
    return f"{{{room[:-5]}}}:desk:{what}" if room.endswith(DESK) else f"{{{room}}}:{what}"
