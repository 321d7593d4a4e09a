"""When all is quiet: whether everybody sees what the log holds, and what was acknowledged is in it."""

import orjson

from realtime import connection, dropped, fanout, history, messages
from realtime.channels import desk
from realtime.events import ChatSaid
from realtime.kept import Stored
from realtime.writes import ENDS, OWN, Put, Write
from tests.simulator.events import Json, part_of
from tests.simulator.page import Page, Screen
from tests.simulator.world import CHATS, World


def unsettled(world: World) -> list[str]:
    """What is still under way."""
    found = [f"{p.name} is not connected" for p in world.pages if not p.up or (p.wire is not None and p.wire.frozen)]
    for page in world.pages:
        found += [f"{page.name} waits for {act.message}" for act in page.acts.values()]
        found += [f"{page.name} has no answer to its join of {s.room}" for s in page.screens.values() if not _joined(s)]
    return found


def close_rooms(world: World) -> None:
    """A last word in every room."""
    rooms = {room for page in world.pages for room in page.screens}
    for number, room in enumerate(sorted(rooms)):
        body = messages.event(ChatSaid(user=9, name="", badge="", key=f"end-{number}", text=f"end {number}", when=0))
        world.witness.carry_out(Write(room, "end", 9, f"end-{number}", 0, (Put(room, 9, body),)))


def check(world: World) -> None:
    """Everything that must be true in the end."""
    _log_tells_nothing_twice(world)
    _what_was_decided_left_the_room(world)
    for page in world.pages:
        for screen in page.screens.values():
            if _never_noticed(world, screen.room):
                continue
            _shows_the_log(world, page, screen)
        if not world.witness.lost:
            _acknowledged_is_there(world, page)
            _asked_is_at_the_desk(world, page)
            _authors_know_what_was_dropped(world, page)
            _authors_know_what_waits(world, page)
            _order_was_kept(world, page)
    _is_bounded(world)


def _never_noticed(world: World, room: str) -> bool:
    """Redis lost what no living worker had heard: then nobody can know that a page claims what is no more."""
    loss = world.witness.lost.get(room)
    if loss is None or loss.epoch != world.witness.kept(room).epoch:
        return False
    return not any(worker.hub._rooms.get(room) is known for worker, known in loss.knew if not worker.dead)


def _joined(screen: Screen) -> bool:
    return screen.offset >= 0 and not screen.asked


def _own(one: Stored) -> bool:
    return one.part.removeprefix(ENDS).startswith(OWN)


def _log_tells_nothing_twice(world: World) -> None:
    for name, kept in world.witness.rooms.items():
        said: dict[str, int] = {}
        for at, one in kept.stream.items():
            event = orjson.loads(one.event)
            if event["is"] == "chat.said":
                if event["key"] in said:
                    world.object(f"{name} holds {event['key']} twice: {said[event['key']]} and {at}")
                said[event["key"]] = at


def _what_was_decided_left_the_room(world: World) -> None:
    """What waits is in a room's log and state for its author's pages; what does not any more is in neither."""
    for name in CHATS:
        kept = world.witness.kept(name)
        in_log = {at for at, one in kept.stream.items() if orjson.loads(one.event)["is"] == "chat.held"}
        in_state = {part: at for part, (at, _) in kept.state.items() if part.startswith(".held:")}
        waits = {f".held:{one['user']}:{one['item']}" for one in map(orjson.loads, _waiting(world, name))}
        if not in_log <= set(in_state.values()) or in_state.keys() != waits:
            world.object(f"{name} has {in_state} and {in_log} of what waits, its desk {waits}")


def _shows_the_log(world: World, page: Page, screen: Screen) -> None:
    kept = world.witness.kept(screen.room)
    if (screen.epoch, screen.offset) != (kept.epoch, kept.top):
        world.object(f"{page.name} stands at {screen.offset} of {screen.room}, the log at {kept.top}")
        return
    stream: dict[int, Json] = {at: orjson.loads(one.event) for at, one in kept.stream.items() if not _own(one)}
    state = {part: (at, orjson.loads(event)) for part, (at, event) in kept.state.items() if not part.startswith(OWN)}
    known = stream | dict(state.values())
    for at, event in screen.shown.items():
        if at in known and event != known[at]:
            world.object(f"{page.name} shows {event}, the log has {known[at]}")
        elif at not in known and at > kept.floor and event.get("item") not in world.witness.left:
            # What left is to be seen no longer anyway, so nobody is told when it is forgotten.
            world.object(f"{page.name} shows {event}, which the log of {screen.room} has not")
    missing = [at for at in stream if at > screen.base and at not in screen.shown]
    if missing:
        world.object(f"{page.name} does not show {missing} of {screen.room}")
    _began_with_the_newest(world, page, screen, stream)
    if screen.state != {part: at for part, (at, _) in state.items()}:
        world.object(f"{page.name} takes {screen.state} for the state of {screen.room}, the log has {state}")


def _began_with_the_newest(world: World, page: Page, screen: Screen, stream: dict[int, Json]) -> None:
    """Whoever was shown the room anew was shown an unbroken tail of it."""
    # What was part of the state may be older than the tail.
    before = [at for at in stream if at <= screen.base and at in screen.shown and part_of(stream[at]) is None]
    if before:
        holes = [at for at in stream if before[0] < at <= screen.base and at not in screen.shown]
        if holes and len([at for at in before if at > holes[-1]]) < history.SHOWN // 2:
            world.object(f"{page.name} was shown {screen.room} with holes: {holes}")


def _acknowledged_is_there(world: World, page: Page) -> None:
    """In the log at its place, unless it was deleted, or trimmed after the archive had it."""
    for key, ok in page.done.items():
        if not ok["at"] or ok.get("held") or key not in world.said or _hidden(ok):
            continue
        room = world.said[key]
        kept = world.witness.kept(room)
        one = kept.stream.get(ok["at"])
        deleted = any(at == ok["at"] for _, at in world.witness.retracted.get((room, kept.epoch), ()))
        if one is None and not deleted and ok["at"] > kept.floor:
            world.object(f"{page.name} was told that {key} is {room} {ok['at']}, which is not there")
        elif one is not None and orjson.loads(one.event).get("key") != key:
            world.object(f"{page.name} was told that {key} is {room} {ok['at']}, where another one is")


def _asked_is_at_the_desk(world: World, page: Page) -> None:
    """And if it was settled long ago, whoever was there heard it leave."""
    for key, ok in page.done.items():
        room = world.asked.get(key)
        there = room is None or f"q:{ok['item']}" in world.witness.kept(desk(room)).state
        if not there and ok["item"] not in world.witness.left:
            world.object(f"{page.name} was told that {key} is {ok['item']}, which is not at the desk of {room}")


def _authors_know_what_was_dropped(world: World, page: Page) -> None:
    """Each tab of an author shows what moderators did not publish of them, and nothing that they let go."""
    for room, known in page.dropped.items():
        if room not in page.screens:
            continue
        event = world.witness.kept(room).state.get(dropped.part(page.user), (0, None))[1]
        there = [one.item for one in dropped.texts(event)]
        if known != there:
            world.object(f"{page.name} shows as not published in {room}: {known}, and the log has {there}")


def _authors_know_what_waits(world: World, page: Page) -> None:
    """Each tab of an author shows what waits of theirs, and nothing that was decided, unless they are not to know."""
    for room, known in page.waits.items():
        if room not in page.screens:
            continue
        at_desk = [orjson.loads(event) for event in _waiting(world, room)]
        there = {one["item"]: one["text"] for one in at_desk if one["user"] == page.user}
        shown = {item: one["text"] for item, one in known.items() if one["held"] or item in there}
        if shown != there:
            world.object(f"{page.name} shows as waiting in {room}: {shown}, and the desk has {there}")


def _waiting(world: World, room: str) -> list[bytes]:
    state = world.witness.kept(desk(room)).state
    return [event for part, (_, event) in state.items() if part.startswith("held:")]


def _hidden(ok: Json) -> bool:
    """Its author was not told that a moderator has to see it."""
    return isinstance(ok["at"], float)


def _order_was_kept(world: World, page: Page) -> None:
    """What was sent on one socket, once each, stands in that order."""
    last: dict[tuple[int, str], int] = {}
    for socket, key in page.first_try:
        ok, room = page.done[key], world.said.get(key)
        if room is None or ok.get("held") or _hidden(ok):
            continue
        if ok["at"] < last.get((socket, room), 0):
            world.object(f"{page.name} said {key} later, but it stands earlier in {room}")
        last[socket, room] = ok["at"]


def _is_bounded(world: World) -> None:
    most = connection.HIGH_WATER + fanout.PACKET + 4 * history.ANSWER
    for worker in world.serving():
        for wire in worker.wires:
            if wire.most > most:
                world.object(f"{worker.name} held {wire.most} bytes for one socket")
        for name in worker.hub.rooms:
            room = worker.hub._rooms[name]
            if len(room.history.hot) > history.HOT:
                world.object(f"{worker.name} holds {len(room.history.hot)} events of {name}")
            if room.held or not room.behind.keys() <= room.listeners:
                world.object(f"{worker.name} remembers in {name} what it should have let go")
