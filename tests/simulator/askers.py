"""What people wish in a room of questions: to ask, to decide about what was asked, also long afterwards."""

from collections.abc import Sequence

from realtime import questions
from realtime.channels import desk
from realtime.commands import QuestionMove
from realtime.errors import Refused
from realtime.passes import MODERATE, Pass
from realtime.speaker import Speaker
from tests.simulator.worker import DAWN, SECRET
from tests.simulator.world import World

ROOM = "questions:1"
OFTEN = ("approve", "approve", "approve", "answered", "reject")  # what moderators do most
LATE = ("reject", "recall", "edit", "answered")  # and with what left


def ask(world: World) -> None:
    pages = [page for page in world.pages if ROOM in page.screens]
    if not pages:
        return
    page = world.fate.choice(pages)
    world.texts += 1
    key = world.new_key()
    world.asked[key] = ROOM
    world.note(f"{page.name} asks question-{world.texts}")
    anonymous = world.fate.random() < 0.3
    page.act(
        {"do": "question.ask", "room": ROOM, "key": key, "text": f"question-{world.texts}.", "anonymous": anonymous}
    )


def decide(world: World) -> None:
    """A moderator goes a step with a question at the desk, or rejects all of a person."""
    pages = [page for page in world.pages if world.moderates(page) and desk(ROOM) in page.screens]
    if not pages:
        return
    page = world.fate.choice(pages)
    if world.fate.random() < 0.05:
        user = world.fate.randint(1, 4)
        world.note(f"{page.name} rejects all of user {user}")
        page.act({"do": "chat.purge", "room": ROOM, "key": world.new_key(), "user": user})
        return
    known = page.screens[desk(ROOM)].state
    there = sorted(part for part in known if part.startswith("q:"))
    if not there:
        return
    part = world.fate.choice(there)
    wish = _step(world, part.removeprefix("q:"), [one.removeprefix("q:") for one in there], OFTEN)
    seen = known[part] if world.fate.random() < 0.5 else 0
    world.note(f"{page.name} decides {wish}")
    page.act({"do": "question.move", "room": ROOM, "key": world.new_key(), "seen": seen, **wish})


def decide_late(world: World) -> None:
    """A page goes a step with a question that the desk let go, as the archive has it."""
    kept, at_desk = world.witness.kept(ROOM), world.witness.kept(desk(ROOM))
    there = sorted(item for item in world.witness.left if f"q:{item}" not in at_desk.state)
    if not there or not world.store.up:
        return
    item = world.fate.choice(there)
    states = {ROOM: kept.state, desk(ROOM): at_desk.state}

    def look(room: str, part: str) -> bytes | None:
        found = states[room].get(part)
        if found is None and (room, part) == (desk(ROOM), questions.part(item)):
            return questions.let_go(world.witness.left[item])
        return found[1] if found is not None else None

    moderator = Pass(1, "user 1", {ROOM: frozenset({MODERATE})}, 0)
    speaker = Speaker(moderator, DAWN + world.loop.now, look, SECRET, lambda room: list(states[room]))
    wish = _step(world, item, there, LATE)
    world.note(f"a page decides {wish}, which left")
    try:
        write = questions.move(
            QuestionMove(1, ROOM, world.new_key(), wish["item"], wish["verb"], wish["text"], wish["into"]), speaker
        )
    except Refused:
        return
    world.witness.carry_out(write)


def _step(world: World, item: str, others: list[str], often: Sequence[str]) -> dict[str, str]:
    verb = world.fate.choice(often if world.fate.random() < 0.6 else sorted(questions.VERBS))
    world.texts += 1
    into = world.fate.choice(others) if verb == "merge" else "5"
    return {"item": item, "verb": verb, "text": f"wording-{world.texts}.", "into": into}
