"""What people wish: to speak, to moderate, to come and go."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulator.askers import ask, decide, decide_late
from tests.simulator.events import name_of, written_by
from tests.simulator.page import Page
from tests.simulator.world import ROOMS, World

BAD_WORD = "brawl"


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that may happen at a step, and how often compared with others."""

    weight: float
    happen: Callable[[World], None]


def is_chat(room: str) -> bool:
    """Whether people talk there, rather than ask or moderate."""
    return room.startswith("chat:") and not room.endswith(":desk")


def say(world: World) -> None:
    page = world.fate.choice(world.pages)
    rooms = [room for room in page.screens if is_chat(room)]
    if not rooms:
        return
    room = world.fate.choice(rooms)
    for _ in range(world.fate.choice((1, 1, 1, 2, 4))):
        world.texts += 1
        bad = f"{BAD_WORD} " if world.fate.random() < 0.3 else ""
        long = "x" * world.fate.choice((0, 0, 0, 0, 200, 900))
        text = f"{bad}text-{world.texts}-{long}."
        world.note(f"{page.name} says {text[:24]} in {room}")
        key = world.new_key()
        world.said[key] = room
        page.act({"do": "chat.say", "room": room, "key": key, "text": text})


def edit(world: World) -> None:
    page = world.fate.choice(world.pages)
    own = [
        (room, name_of(event))
        for room, screen in page.screens.items()
        for event in screen.shown.values()
        if is_chat(room) and event["is"] != "chat.pinned" and written_by(event) == page.user
    ]
    if own:
        room, target = world.fate.choice(own)
        world.texts += 1
        bad = f"{BAD_WORD} " if world.fate.random() < 0.3 else ""
        wish: dict[str, object] = {"do": "chat.edit", "room": room, "key": world.new_key(), "target": target}
        world.note(f"{page.name} edits {room} {target}")
        page.act({**wish, "text": f"{bad}edit-{world.texts}.", "epoch": page.screens[room].epoch})


def report(world: World) -> None:
    page = world.fate.choice(world.pages)
    said = [
        (room, name_of(event))
        for room, screen in page.screens.items()
        for event in screen.shown.values()
        if is_chat(room) and written_by(event) is not None
    ]
    if said:
        room, target = world.fate.choice(said)
        world.note(f"{page.name} reports {room} {target}")
        page.act({"do": "chat.report", "room": room, "key": world.new_key(), "target": target, "text": "rude"})


def retract(world: World) -> None:
    page = world.fate.choice(world.pages)
    user = page.user
    own = [
        (room, name_of(event))
        for room, screen in page.screens.items()
        if is_chat(room)
        for event in screen.shown.values()
        if world.moderates(page) or written_by(event) == user
    ]
    if own:
        room, at = world.fate.choice(own)
        wish: dict[str, object] = {"do": "chat.retract", "room": room, "key": world.new_key(), "target": at}
        if world.fate.random() < 0.8:
            wish["epoch"] = page.screens[room].epoch
        world.note(f"{page.name} retracts {room} {at}")
        page.act(wish)


def moderate(world: World) -> None:
    chats = [(page, room) for page in world.pages if world.moderates(page) for room in page.screens if is_chat(room)]
    if not chats:
        return
    page, room = world.fate.choice(chats)
    what = world.fate.choices([*ACTS], [weight for weight, _ in ACTS.values()])[0]
    wish = ACTS[what][1](world, page, room)
    if wish is not None:
        world.note(f"{page.name} wishes {what} {wish} in {room}")
        page.act({"do": what, "room": room, "key": world.new_key(), **wish})


def think_again(world: World) -> None:
    """An author takes back what waits for a moderator, or lets go what was not published."""
    page = world.fate.choice(world.pages)
    own = [
        *(
            {"do": "chat.withdraw", "room": world.said[key], "said": key}
            for key, ok in page.done.items()
            if key in world.said and "held" in ok
        ),
        *({"do": "chat.discard", "room": room, "item": item} for room, items in page.dropped.items() for item in items),
    ]
    if own:
        wish = world.fate.choice(own)
        world.note(f"{page.name} thinks again: {wish}")
        page.act({**wish, "key": world.new_key()})


def come_and_go(world: World) -> None:
    page = world.fate.choice(world.pages)
    room = world.fate.choice(ROOMS)
    if world.moderates(page) and world.fate.random() < 0.4:
        room += ":desk"
    if room in page.screens:
        world.note(f"{page.name} leaves {room}")
        page.leave(room)
    else:
        world.note(f"{page.name} joins {room}")
        page.join(room)


def _target(world: World, page: Page, room: str) -> dict[str, object] | None:
    shown = [name_of(event) for event in page.screens[room].shown.values()] if room in page.screens else []
    return {"target": world.fate.choice(shown)} if shown else None


def _deleted(world: World, page: Page, room: str) -> dict[str, object] | None:
    forgotten = page.screens[room].forgotten if room in page.screens else set()
    return {"target": world.fate.choice(sorted(forgotten))} if forgotten else None


def _held(world: World, page: Page, room: str) -> dict[str, object] | None:
    desk = page.screens.get(f"{room}:desk")
    held = sorted(part for part in desk.state if part.startswith("held:")) if desk is not None else []
    if not held:
        return None
    return {"item": world.fate.choice(held).removeprefix("held:"), "release": world.fate.random() < 0.7}


def _reported(world: World, page: Page, room: str) -> dict[str, object] | None:
    desk = page.screens.get(f"{room}:desk")
    found = sorted(part for part in desk.state if part.startswith("report:")) if desk is not None else []
    return {"item": world.fate.choice(found).removeprefix("report:")} if found else None


def _words(world: World, page: Page, room: str) -> dict[str, object]:
    return {name: [BAD_WORD] if _on(world, often=often) else [] for name, often in (("words", 0.7), ("hidden", 0.3))}


def _person(world: World) -> int:
    return world.fate.randint(2, 4)  # the first moderator is never put out


def _on(world: World, *, often: float) -> bool:
    return world.fate.random() < often


ACTS: dict[str, tuple[float, Callable[[World, Page, str], dict[str, object] | None]]] = {
    "chat.purge": (2, lambda world, page, room: {"user": _person(world)}),
    "chat.restore": (3, _deleted),
    "chat.pin": (4, _target),
    "chat.unpin": (1, lambda world, page, room: {}),
    "chat.slow": (1, lambda world, page, room: {"seconds": 1 if _on(world, often=0.4) else 0}),
    "chat.close": (1, lambda world, page, room: {"on": _on(world, often=0.3)}),
    "chat.mute": (1, lambda world, page, room: {"user": _person(world), "seconds": 1 if _on(world, often=0.5) else 0}),
    "chat.ban": (1.5, lambda world, page, room: {"user": _person(world), "on": _on(world, often=0.5)}),
    "chat.words": (5, _words),
    "chat.dismiss": (3, _reported),
    "chat.settle": (14, _held),
}

WISHES = (
    *(Kind(32, say), Kind(14, retract), Kind(8, edit), Kind(3, report), Kind(14, moderate), Kind(4, think_again)),
    *(Kind(9, ask), Kind(14, decide), Kind(4, decide_late), Kind(5, come_and_go)),
)
