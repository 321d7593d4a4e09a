"""Whoever runs the Redis of a test: what is meant for a whole server reaches every master. No part of the product."""

import asyncio
from collections import Counter
from typing import Any

from realtime.engine import Engine

EVERYWHERE = ("FLUSHALL", "CONFIG SET", "SCRIPT FLUSH", "CLIENT KILL")


class Operator(Engine):
    """An engine for tests."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """At every master, if the command is about servers; as ever, if it is about keys."""
        if args[0] in EVERYWHERE:
            return (await self._at_all(*args, **options))[0]
        if args[0] == "INFO":
            return added(await self._at_all(*args, **options))
        if args[0] == "KEYS":
            return [key for keys in await self._at_all(*args, **options) for key in keys]
        return await super().execute_command(*args, **options)

    async def _at_all(self, *args: Any, **options: Any) -> list[Any]:
        await self.learn()
        servers: list[Any] = [self._server(owner) for owner in self.masters]
        return await asyncio.gather(*(server.execute_command(*args, **options) for server in servers))


def added(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Commands of all masters together; what else INFO says, of one of them."""
    sums: dict[str, Any] = {}
    for answer in answers:
        for name, value in answer.items():
            if isinstance(value, dict):
                known = sums.setdefault(name, Counter())
                known.update({key: number for key, number in value.items() if isinstance(number, int | float)})
            else:
                sums[name] = value
    return sums
