"""What waits for a moderator stands in its room for its author's pages alone, and is archived with the desk."""

from typing import Any

from realtime import channels, log, publish, verbs
from realtime.commands import ChatSay
from realtime.passes import Pass
from realtime.speaker import Speaker
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_archive import NOON, archive_of, drain, rows


async def test_what_waits_for_a_moderator_is_archived_with_the_desk_alone(database: Pool, redis: Operator) -> None:
    who: dict[str, Any] = {"room": "chat:1", "by": 3, "when": NOON}
    await publish.words(redis, hold=["rude"], hide=[], key="a-listing-key", **who)
    anna = Speaker(Pass(7, "Anna", {"chat:1": frozenset({"say"})}, 0), NOON.timestamp(), lambda *_: None, "secret")
    for key in ("key-of-one", "key-of-other"):
        [write] = verbs.decide(ChatSay(1, "chat:1", key, "rude words"), anna)
        assert (await log.append(redis, write)).held
    assert len(await redis.hkeys(channels.state("chat:1"))) == 2
    worker = archive_of(database, redis)
    await drain(worker)
    state: Any = await redis.hgetall(channels.state("chat:1:desk"))
    items = [part.decode().removeprefix("held:") for part in state if part != b"words"]
    for release, item in zip((True, False), items, strict=True):
        await publish.settle(redis, item=item, release=release, key=f"a-settling-key-{item}", **who)
    await drain(worker)
    told = await database.fetch("select room, event ->> 'is' as kind from live_event")
    assert sorted((row["room"], row["kind"]) for row in told) == [
        ("chat:1", "chat.dropped"),
        *(("chat:1:desk", kind) for kind in ("chat.held", "chat.held", "chat.settled", "chat.settled", "chat.worded")),
    ]
    assert [row["text"] for row in await rows(database)] == ["rude words"]
