"""One room, many sockets: what does a delivery cost the server, and how late is the last receiver? It measures only.

A message is sent at its time whether or not the one before it has arrived (an open loop), so a server that falls
behind shows it in the latency.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import uvloop

from bench import meter, node, report
from bench.crowd import Client, Ledger
from bench.node import CannotStart, Node

WORDS = "What was said a moment ago is on every screen of the hall by now. "  # 66 letters, as people write
AT_ONCE = 64  # handshakes in flight; the kernel queues 4096, but nobody's hall opens like that
SETTLE = 1.0  # seconds of quiet before memory is read
LAGGARDS = 10.0  # seconds after the last message for answers and deliveries still on their way
GLANCE = 0.01  # seconds between two looks at whether all is heard
LONGEST = 240.0  # seconds of everything besides the sending
SHOWN = 20  # troubles; more of them say nothing new
FILES = 200  # descriptors besides the sockets

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the server."""

    clients: int
    rate: float  # messages a second, all senders together
    seconds: float
    senders: int
    workers: int
    room: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured. None: the server is somebody else's and /proc does not show it."""

    messages: int  # acknowledged
    refused: int
    deliveries: int
    seconds: float  # from the first message to the last delivery
    cpu: float | None  # seconds of all server processes while messages went out
    opening_cpu: float | None  # for the handshakes
    entering_cpu: float | None  # for passes and joins
    memory: int | None  # bytes that all connections together cost
    latencies: list[float]  # seconds from sending to the last receiver, sorted
    octets: int
    reads: int
    rejoined: int
    own_cpu: float  # seconds of this process while messages went out
    troubles: list[str]


def main(words: list[str]) -> report.Answer:
    """Run it. The answer is bad when an acknowledged message did not reach everyone in order exactly once."""
    asked = arguments(words)
    plan = planned(asked)
    _open_many_files(plan.clients)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            seen = runner.run(_bounded(plan, asked))
        except CannotStart as why:
            raise SystemExit(str(why)) from None
        except (TimeoutError, OSError) as why:
            raise SystemExit(f"The bench could not be finished: {str(why) or 'out of time'}") from None
    if asked.save and not seen.troubles:
        report.save("chat", row(plan, seen))
    troubles = "".join(f"\n! {trouble}" for trouble in seen.troubles[:SHOWN])
    return report.Answer(report.table(title(plan), lines(plan, seen)) + troubles, good=not seen.troubles)


def arguments(words: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench chat", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=50, help="messages a second, all senders together")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument(
        "--senders", type=int, help="a person may say about one message a second; default: rate and a fifth"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes of the node")
    parser.add_argument("--room", default="chat:1")
    parser.add_argument("--redis", help="address of a Redis to use instead of an own Valkey")
    parser.add_argument("--url", help="ws://host:port/ws of a running node; VECHE_SECRET must be its secret")
    parser.add_argument("--pid", type=int, help="the running node's master, to read its CPU and memory")
    parser.add_argument("--save", action="store_true", help="append a row to bench/results.md")
    return parser.parse_args(words)


def planned(asked: argparse.Namespace) -> Plan:
    """A plan that can be carried out; ends the program with a sentence otherwise."""
    senders = asked.senders or max(1, min(asked.clients, round(asked.rate * 1.2)))
    if asked.clients < 1 or senders > asked.clients:
        raise SystemExit(f"{senders} senders need as many --clients; there are {asked.clients}.")
    if not (0 < asked.rate <= 10_000 and 0 < asked.seconds <= 3600 and asked.workers > 0):
        raise SystemExit("--rate goes up to 10000 a second, --seconds up to 3600, and --workers starts at 1.")
    if asked.rate > senders:
        raise SystemExit(
            f"A person may say one message a second: {asked.rate:g} a second need more than {senders} senders."
        )
    return Plan(asked.clients, asked.rate, asked.seconds, senders, asked.workers, asked.room)


def title(plan: Plan) -> str:
    """What was asked, in a line."""
    return (
        f"{plan.clients} sockets in one room, {plan.senders} of them say {plan.rate:g} messages a second "
        f"for {plan.seconds:g} s; {plan.workers} worker(s)"
    )


def lines(plan: Plan, seen: Seen) -> list[tuple[str, str, str]]:
    """What was measured, for people."""
    refused = f", {seen.refused} refused" if seen.refused else ""
    verdict = f"{len(seen.troubles)} TROUBLES" if seen.troubles else "each to everyone, in order, once"
    out = [
        ("deliveries", report.thousands(seen.deliveries), f"of {seen.messages} messages{refused}; {verdict}"),
        ("to the last receiver, p50", report.milliseconds(report.share(seen.latencies, 0.5)), ""),
        ("to the last receiver, p99", report.milliseconds(report.share(seen.latencies, 0.99)), ""),
        ("bytes per delivery", report.thousands(seen.octets / max(1, seen.deliveries)), "answers to senders included"),
        ("deliveries per read", f"{seen.deliveries / max(1, seen.reads):.2f}", "how many messages travel together"),
        ("this bench was busy", f"{seen.own_cpu / seen.seconds:.0%}", "of a core; near 100 % the latency is its own"),
    ]
    if seen.rejoined:
        out.append(("sockets that joined again", report.thousands(seen.rejoined), "they were too slow"))
    return [*_server(plan, seen), *out]


def row(plan: Plan, seen: Seen) -> dict[str, str]:
    """What was measured, for results.md."""
    server = {what: number for what, number, _ in _server(plan, seen)}
    return {
        "sockets": report.thousands(plan.clients),
        "msg/s": f"{plan.rate:g}",
        "workers": str(plan.workers),
        **server,
        "p50": report.milliseconds(report.share(seen.latencies, 0.5)),
        "p99": report.milliseconds(report.share(seen.latencies, 0.99)),
        "bytes per delivery": report.thousands(seen.octets / max(1, seen.deliveries)),
    }


def _server(plan: Plan, seen: Seen) -> list[tuple[str, str, str]]:
    """What it cost the server; nothing when its processes are not ours to see."""
    if seen.cpu is None or seen.opening_cpu is None or seen.entering_cpu is None or seen.memory is None:
        return []
    least = 1 / meter.TICK  # shorter than a tick nothing can be told
    return [
        (
            "deliveries per CPU-second",
            report.thousands(seen.deliveries / max(least, seen.cpu)),
            f"{seen.cpu:.2f} s of all server processes in {seen.seconds:.1f} s; Redis apart",
        ),
        ("handshakes per CPU-second", report.thousands(plan.clients / max(least, seen.opening_cpu)), ""),
        ("entries per CPU-second", report.thousands(plan.clients / max(least, seen.entering_cpu)), "pass and join"),
        ("KB per connection", f"{seen.memory / plan.clients / 1024:.1f}", "in one room, after a second of quiet"),
    ]


async def _bounded(plan: Plan, asked: argparse.Namespace) -> Seen:
    async with asyncio.timeout(LONGEST + plan.seconds), _place(plan, asked) as where:
        return await measure(plan, where)


@contextlib.asynccontextmanager
async def _place(plan: Plan, asked: argparse.Namespace) -> AsyncIterator[Node]:
    """The node to measure: one of our own, or one that runs already."""
    if asked.url is None:
        async with node.fleet(workers=plan.workers, redis_url=asked.redis) as own:
            yield own.node
    else:
        address = urlsplit(asked.url)
        if address.scheme != "ws" or address.hostname is None:
            raise CannotStart("--url looks like ws://host:port/ws; put the bench behind the TLS terminator.")
        yield Node(address.hostname, address.port or 80, address.path or "/", asked.pid, dict(os.environ))


async def measure(plan: Plan, where: Node) -> Seen:
    """Everybody in, everything said, everything heard, everybody out."""
    ledger = Ledger(plan.room)
    clients: list[Client] = []
    tokens = await where.passes(plan.room, count=plan.clients)
    pids = [] if where.pid is None else meter.family(where.pid)
    loop = asyncio.get_running_loop()

    async def arrive(number: int) -> None:
        _, client = await loop.create_connection(lambda: Client(ledger, number), where.host, where.port)
        clients.append(client)
        await client.open(where.host, where.path)

    try:
        memory = meter.memory(pids)
        started = meter.cpu(pids)
        await _in_turns(arrive, range(plan.clients))
        opened = meter.cpu(pids)
        await _in_turns(lambda client: client.enter(tokens[client.number]), clients)
        entered = meter.cpu(pids)
        await asyncio.sleep(SETTLE)
        memory = meter.memory(pids) - memory

        ledger.octets = ledger.reads = 0
        before, own, since = meter.cpu(pids), time.process_time(), time.perf_counter()
        await _converse(plan, ledger, clients)
        seconds, own, cpu = time.perf_counter() - since, time.process_time() - own, meter.cpu(pids) - before
    finally:
        for client in clients:
            client.close()
    latencies = check(ledger, listeners=plan.clients)
    return Seen(
        messages=len(latencies),
        refused=sum(1 for message in ledger.messages.values() if message.refused),
        deliveries=ledger.events,
        seconds=seconds,
        cpu=cpu if pids else None,
        opening_cpu=opened - started if pids else None,
        entering_cpu=entered - opened if pids else None,
        memory=memory if pids else None,
        latencies=sorted(latencies),
        octets=ledger.octets,
        reads=ledger.reads,
        rejoined=ledger.rejoined,
        own_cpu=own,
        troubles=ledger.troubles,
    )


def check(ledger: Ledger, *, listeners: int) -> list[float]:
    """Latencies of the acknowledged messages; whatever did not reach everyone once is noted as trouble."""
    heard: dict[int, int] = {}
    last: dict[int, float] = {}
    for piece in ledger.heard:
        for offset in range(piece.first, piece.last + 1):
            heard[offset] = heard.get(offset, 0) + piece.heard
            last[offset] = max(last.get(offset, 0.0), piece.at)
    latencies = []
    for key, message in ledger.messages.items():
        if message.refused:
            continue
        if not message.offset:
            ledger.trouble(f"Message {key} was never answered")
        elif ledger.keys.get(message.offset) != key:
            ledger.trouble(f"Message {key} was acknowledged at {message.offset}, where nobody heard it")
        elif heard[message.offset] != listeners:
            ledger.trouble(f"Message {key} was heard {heard[message.offset]} times by {listeners} sockets")
        else:
            latencies.append(last[message.offset] - message.sent)
    return latencies


async def _converse(plan: Plan, ledger: Ledger, clients: list[Client]) -> None:
    """Say everything at its time; return when it is heard, or when nothing more can be expected."""
    loop = asyncio.get_running_loop()
    total = max(1, round(plan.rate * plan.seconds))
    settled = 0
    speakers = [client for client in clients if client.number < plan.senders]

    def settle() -> None:
        nonlocal settled
        settled += 1

    def say(number: int) -> None:
        speakers[number % len(speakers)].say(str(uuid.uuid4()), f"{WORDS}{number}", settle)

    start = loop.time() + 0.1
    for number in range(total):
        loop.call_at(start + number / plan.rate, say, number)
    await asyncio.sleep(0.1 + plan.seconds)
    for _ in range(round(LAGGARDS / GLANCE)):
        if _complete(ledger, clients, settled=settled, total=total):
            return
        await asyncio.sleep(GLANCE)


def _complete(ledger: Ledger, clients: list[Client], *, settled: int, total: int) -> bool:
    if settled < total:
        return False
    top = max((message.offset for message in ledger.messages.values()), default=0)
    return all(client.at >= top for client in clients)


async def _in_turns(do: Callable[[T], Awaitable[None]], many: Iterable[T]) -> None:
    """Do something with many, so many at once. Raises the first OSError."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with gate:
            await do(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for item in many:
                tasks.create_task(one(item))
    except* OSError as failed:
        raise failed.exceptions[0] from None


def _open_many_files(clients: int) -> None:
    """A socket is a file; the node we start inherits the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = clients + FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{clients} sockets need {wanted} open files; this machine allows {hard} (ulimit -Hn).")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
