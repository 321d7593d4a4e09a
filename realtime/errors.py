"""Every refusal of the socket server: a code for programs and an English sentence for people. Pure.

A page shows its own sentence in the reader's language by the code; the English one serves where there is no page.
"""

from dataclasses import dataclass

# code -> sentence with the way out
SENTENCES = {
    "message.malformed": "This is not a message: send one JSON object with id and do.",
    "message.unknown": "There is no such command; the manual lists them all.",
    "message.field": "A field of this message is missing or has a wrong shape.",
    "message.binary": "Binary messages are not spoken here; send JSON text.",
    "origin.foreign": "This page may not open a socket here.",
    "path.unknown": "There is no socket at this address; it is at /ws.",
    "server.full": "This server is full; try again in a moment.",
    "hello.first": "Say hello with your pass first.",
    "hello.late": "No hello came in time; connect again.",
    "pass.forged": "This pass was not issued here; load the page again.",
    "pass.expired": "Your pass has expired; load the page again.",
    "pass.other": "This pass belongs to somebody else; connect again.",
    "room.closed": "Your pass does not open this room.",
    "room.unknown": "There is no such room.",
    "room.join_first": "Join this room first.",
    "room.too_many": "You are in too many rooms at once; leave one first.",
    "chat.read_only": "You may read this chat but not write in it.",
    "chat.empty": "An empty message was not sent.",
    "chat.too_long": "The message is too long; shorten it.",
    "chat.no_such_message": "This message is not there.",
    "chat.not_yours": "This message is not yours.",
    "chat.too_late": "A message this old keeps its text; write a new one, or delete it.",
    "chat.edited_often": "This message was changed very often and stays as it is now; write a new one, or delete it.",
    "chat.outdated": "Its author has changed this message again since; drop this text.",
    "chat.reported_much": "You have reported many messages here, and the moderators see them; report more in an hour.",
    "chat.muted": "A moderator has muted you for a while.",
    "chat.slow": "This chat is in slow mode; wait a moment before the next message.",
    "room.no_right": "Your pass does not allow this in this room.",
    "room.wrong_kind": "There is no such act in this kind of room.",
    "pass.revoked": "Your pass was revoked; load the page again.",
    "room.banned": "A moderator has closed this room to you.",
    "room.full": "This room can hold no more.",
    "desk.changed": "Somebody else was quicker; look again.",
    "desk.full": "More waits for the moderators here than they can see now; try again in a few minutes.",
    "desk.no_such_item": "There is nothing of this name; join the room, or its desk, and look again.",
    "direct.blocked": "This person does not take your messages.",
    "direct.too_many": "You have begun many conversations today; write to more people tomorrow.",
    "limit.too_fast": "Too fast; wait a moment and send it again.",
    "client.too_slow": "This connection took the messages too slowly; connect again.",
    "server.busy": "This could not be done now; it was kept in your browser and will be tried again.",
    "server.leaving": "This server is restarting; connect again.",
}

# WebSocket close codes of ours (RFC 6455 leaves 4000-4999 to applications)
CLOSED_BAD_INPUT = 4400
CLOSED_PASS = 4401
CLOSED_HELLO_LATE = 4408
CLOSED_TOO_SLOW = 4413
CLOSED_TOO_FAST = 4429
CLOSED_LEAVING = 1012  # "service restart" of the IANA registry
CLOSE_CODES = frozenset(
    {*range(1000, 1016), CLOSED_BAD_INPUT, CLOSED_PASS, CLOSED_HELLO_LATE, CLOSED_TOO_SLOW, CLOSED_TOO_FAST}
)


@dataclass(eq=False)
class Refused(Exception):
    """A refusal. `code` is a key of SENTENCES; `field` names the wrong field; `retry_after` is in seconds."""

    code: str
    field: str | None = None
    retry_after: float | None = None

    @property
    def text(self) -> str:
        """The English sentence."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"

    def wire(self) -> dict[str, str | float]:
        """The refusal as it travels: {"code", "text"} and, where they say something, "field" and "retry_after"."""
        out: dict[str, str | float] = {"code": self.code, "text": self.text}
        if self.field is not None:
            out["field"] = self.field
        if self.retry_after is not None:
            out["retry_after"] = round(self.retry_after + 0.005, 2)  # upwards: whoever obeys must not come too early
        return out
