"""Three masters of a Redis Cluster on this machine, with replicas if asked, for tests and for trying out. Not for
production: all end with one machine, and anybody on it may speak to them, because they find each other by TCP only.
"""

import contextlib
import itertools
import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from redis import Redis

from config import services
from config.services import Service
from config.settings import Misconfigured

MASTERS = 3  # the fewest that still agree when one of them is gone
SLOTS = 16_384
AGREE = 30.0  # seconds until all know each other; two in most cases, which a master waits after its own start
GLANCE = 0.05  # seconds
FAILED_AFTER = 3000  # milliseconds without an answer after which the others call a master failed
PORTS = range(20_000, 32_000)  # below those the kernel gives to outgoing connections, which nobody else chooses


@dataclass
class Cluster:
    """Members that run: the masters first, then their replicas. Leaving the `with` stops them; the data stay in the
    folder.
    """

    folder: Path
    durable: bool
    ports: list[tuple[int, int]]  # of each member: clients', and its bus'
    servers: list[Service]

    @property
    def url(self) -> str:
        """As REDIS_URL takes it: any one that answers tells of the others."""
        return ",".join(f"redis://127.0.0.1:{port}/0" for port, _ in self.ports)

    @property
    def owned(self) -> list[tuple[int, int]]:
        """First and last slot that each master got in the beginning."""
        edges = [round(number * SLOTS / MASTERS) for number in range(MASTERS + 1)]
        return [(first, after - 1) for first, after in itertools.pairwise(edges)]

    def start(self, number: int) -> None:
        """Start a member that was stopped or killed; a master takes two seconds more until it serves. One whose replica
        took over is a replica from then on.
        """
        self.servers[number] = _member(self.folder, number, self.ports[number], durable=self.durable)

    def stop(self) -> None:
        """Ask all to write everything down and leave."""
        for server in self.servers:
            server.stop()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start_cluster(folder: Path, *, durable: bool = True, replicas: int = 0) -> Cluster:
    """A cluster with its data in folder/cluster, ready to serve every slot. Raises Misconfigured with one sentence.

    `replicas` so many of each master, and each has all that its master has.
    """
    folder = folder.resolve() / "cluster"
    with contextlib.ExitStack() as unfinished:
        os.close(
            services.claim(folder, "ports")
        )  # the members have locks of their own; this says what cannot be written
        ports = _ports(folder / "ports.json", MASTERS * (1 + replicas))
        cluster = Cluster(folder, durable, ports, [])
        for number in range(len(ports)):
            cluster.servers.append(_member(folder, number, ports[number], durable=durable))
            unfinished.callback(cluster.servers[-1].stop)
        _unite(cluster)
        unfinished.pop_all()
    return cluster


def _ports(known: Path, count: int) -> list[tuple[int, int]]:
    """Free ones, and the same at every start: the members remember each other by them."""
    if not known.exists():
        free = _free(2 * count)
        known.write_text(json.dumps(list(zip(free[::2], free[1::2], strict=True))), encoding="ascii")
    ports = [(port, bus) for port, bus in json.loads(known.read_text(encoding="ascii"))]
    if len(ports) != count:
        raise Misconfigured(
            f"The cluster in {known.parent} has {len(ports)} members, not {count}; take another folder."
        )
    return ports


def _free(count: int) -> list[int]:
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise Misconfigured("No ports are free on 127.0.0.1.")


def _member(folder: Path, number: int, ports: tuple[int, int], *, durable: bool) -> Service:
    own = [("port", ports[0]), ("cluster-port", ports[1]), ("bind", "127.0.0.1")]
    own += [("cluster-enabled", "yes"), ("cluster-node-timeout", FAILED_AFTER)]
    # The rooms of the living go on when a master is gone: without this one death silences every room.
    own += [("cluster-require-full-coverage", "no")]
    own += [("repl-diskless-sync-delay", 0)]  # seconds a new replica waits for others to come along
    options = [word for name, value in own for word in (f"--{name}", str(value))]
    return services.start_redis(folder / str(number), durable=durable, options=options)


def _unite(cluster: Cluster) -> None:
    with _clients(cluster) as clients:
        for number, client in enumerate(clients[:MASTERS]):
            if not _owns(client):
                client.execute_command("CLUSTER ADDSLOTSRANGE", *cluster.owned[number])
                client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for port, bus in cluster.ports[1:]:
            clients[0].execute_command("CLUSTER MEET", "127.0.0.1", port, bus)
        until = time.monotonic() + AGREE
        _await(cluster, until, lambda: all(_knows_all(client) for client in clients))
        for number, client in enumerate(clients):
            if number >= MASTERS and client.execute_command("ROLE")[0] == "master" and not _leads(client):
                master = clients[number % MASTERS].execute_command("CLUSTER MYID")
                client.execute_command("CLUSTER REPLICATE", master)
        _await(cluster, until, lambda: all(_leads(client) or _follows(client) for client in clients))


def _await(cluster: Cluster, until: float, happened: Callable[[], bool]) -> None:
    while not happened():
        if time.monotonic() > until:
            raise Misconfigured(f"The members in {cluster.folder} did not find each other in {AGREE:.0f} s.")
        time.sleep(GLANCE)


@contextlib.contextmanager
def _clients(cluster: Cluster) -> Iterator[list[Any]]:  # redis-py has no types for what we say
    with contextlib.ExitStack() as open_:
        yield [open_.enter_context(Redis(port=port, decode_responses=True)) for port, _ in cluster.ports]


def _owns(client: Any) -> bool:
    """Whether it has slots, because it was here before."""
    return int(_info(client)["cluster_slots_assigned"]) > 0


def _knows_all(client: Any) -> bool:
    info = _info(client)
    ready = info["cluster_state"] == "ok" and info["cluster_slots_ok"] == str(SLOTS)
    return ready and info["cluster_size"] == str(MASTERS)


def _leads(client: Any) -> bool:
    """Whether slots are its own; also a replica's, once it took over."""
    members = client.execute_command("CLUSTER NODES").values()
    return any(one["slots"] for one in members if "myself" in one["flags"])


def _follows(client: Any) -> bool:
    """Whether it is a replica, and hears its master."""
    role = client.execute_command("ROLE")
    return bool(role[0] == "slave" and role[3] == "connected")


def _info(client: Any) -> dict[str, str]:
    return dict(client.execute_command("CLUSTER INFO"))
