"""F13: how soon is what a moderator did on every screen, and does anybody read retracted text later?

A question is approved while the same sockets hear a chat; nobody but the moderator may hear of it before that.
"""

import argparse

from bench.fanout import LAGGARDS
from bench.stage import stage
from bench.swarm import LETTERS, Broken, Report
from bench.targets import Finding, milliseconds

CHAT, HALL, DESK = "chat:1", "questions:1", "questions:1:desk"
TALK = 20.0  # messages a second in the chat meanwhile
APPROVALS = 2.0  # a second, and as many questions, each of which waits for the next one: quick for a moderator
ASKERS, SENDERS = 10, 50
RATE = 5.0  # retractions a second, and as many messages
SEED = 13
RIGHTS, EVERYBODY = "say,moderate,swift", "say,swift"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--approving", type=float, default=50.0, help="seconds, with two approvals in each")
    parser.add_argument("--seconds", type=float, default=10.0, help="of retractions, five in each")
    parser.add_argument("--tangled", type=int, default=10_000, help="texts, retractions and reads in a random order")


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.approving, asked.seconds, asked.tangled = 200, 3.0, 2.0, 400


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F13."""
    return [await _approve(asked), await _retract(asked), await _tangle(asked)]


async def _approve(asked: argparse.Namespace) -> Finding:
    """From the approval's write to the last socket that reads the question."""
    async with stage(asked.clients, HALL, CHAT, may=EVERYBODY, last=RIGHTS) as place:
        await place.crowd.enter(asked.clients, HALL, CHAT)
        await place.crowd.order("join", DESK)
        await place.crowd.report()
        before = place.cpu()
        await place.crowd.order("say", asked.approving, TALK, LETTERS, min(asked.clients, SENDERS), CHAT)
        await place.crowd.order("approve", asked.approving, APPROVALS, LETTERS, min(asked.clients, ASKERS), HALL, DESK)
        seen = await place.crowd.settle(asked.approving + LAGGARDS)
        node = (place.cpu() - before) / seen["seconds"]
    if seen["refused"] or not seen["late_approvals"]["count"]:
        raise Broken(f"{seen['refused']} were refused, {seen['late_approvals']['count']} questions approved.")
    return Finding("F13.approve", seen["late_approvals"]["p99"], _beside_the_chat(seen, node))


def _beside_the_chat(seen: Report, node: float) -> str:
    shown, said, crowd = seen["late_approvals"], seen["late"], seen["own_cpu"] / seen["seconds"]
    return (
        f"half within {milliseconds(shown['p50'])}; {shown['count']} approvals, {APPROVALS:g} a second, beside "
        f"{TALK:g} messages a second to the same sockets ({milliseconds(said['p99'])}); "
        f"of a core the node takes {node:.0%}, the crowd {crowd:.0%}"
    )


async def _retract(asked: argparse.Namespace) -> Finding:
    async with stage(asked.clients, CHAT, may=RIGHTS) as place:
        await place.crowd.enter(asked.clients, CHAT)
        await place.crowd.order("retract", asked.seconds, RATE, LETTERS, min(asked.clients, SENDERS), CHAT)
        gone = (await place.crowd.settle(asked.seconds + LAGGARDS))["late_retracts"]
    return Finding("F13.retract", gone["p99"], f"half within {milliseconds(gone['p50'])}; {gone['count']} retractions")


async def _tangle(asked: argparse.Namespace) -> Finding:
    async with stage(min(asked.clients, 200), CHAT, may=RIGHTS) as place:
        await place.crowd.enter(min(asked.clients, 200), CHAT)
        await place.crowd.order("faithful", 1)
        await place.crowd.order("seed", SEED)
        await place.crowd.order("tangle", asked.tangled, CHAT)
        tangled = await place.crowd.try_settle(LAGGARDS)
    detail = f"{asked.tangled} steps, {tangled['histories']} reads, {tangled['late_retracts']['count']} retracted"
    return Finding("F13.later", tangled["trouble_count"], "; ".join([detail, *tangled["troubles"][:3]]))
