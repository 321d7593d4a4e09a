"""The Redis of a test that does things to it: one server, or with --cluster three masters. No part of the product."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import cluster, services
from config.cluster import Cluster
from config.services import Service
from realtime import channels
from realtime.engine import slot_of


class Store:
    """What runs in a folder, with the shipped durability. Leave the `with` and it has stopped."""

    def __init__(self, folder: Path, *, clustered: bool) -> None:
        self._folder = folder
        self._runs: Service | Cluster = (cluster.start_cluster if clustered else services.start_redis)(folder)
        self.url = self._runs.url

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self._runs.stop()

    def holder(self, room: str) -> Service:
        """The server that holds a room, as long as no slot was moved."""
        return self._runs if isinstance(self._runs, Service) else self._runs.servers[self.number(channels.log(room))]

    def kill(self, room: str) -> None:
        """End the server that holds a room as a power cut would."""
        self.holder(room).kill()

    def start(self, room: str) -> None:
        """Start it again; a master of a cluster waits two seconds more before it serves."""
        if isinstance(self._runs, Cluster):
            self._runs.start(self.number(channels.log(room)))
        else:
            self._runs = services.start_redis(self._folder)

    @contextmanager
    def frozen(self, room: str) -> Iterator[None]:
        """The server that holds a room does nothing meanwhile, and its connections stay open."""
        pid = self.holder(room).pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def number(self, key: str) -> int:
        """Which master of the cluster holds a key, as long as no slot was moved."""
        assert isinstance(self._runs, Cluster)
        slot = slot_of(key)
        return next(number for number, (first, last) in enumerate(self._runs.owned) if first <= slot <= last)
