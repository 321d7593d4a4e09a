"""`python -m workers`: starts everything that happens later, and stops it on SIGTERM. It knows no job from inside."""

import asyncio
import logging
import os
import signal
import socket
import sys
from functools import partial

import uvloop

import config.log
import sql
from config.settings import Misconfigured, Settings, read
from realtime import channels
from realtime.engine import Engine
from sql.connection import NO_CONNECTION, Pool, why_none
from workers import loop
from workers.archive import Archive
from workers.askers import Askers
from workers.audience import Audience
from workers.kinds import IN_ORDER, KINDS
from workers.loop import Job
from workers.outbox import Outbox
from workers.polls import Polls
from workers.reminders import Reminders
from workers.stage import Stage
from workers.streams import Reader
from workers.sweep import Sweep
from workers.tallies import Tallies

SIDE_BY_SIDE = 3  # rows of the outbox performed at once, so that a slow mail server holds up only some

logger = logging.getLogger("workers")


def main() -> int:
    """Work until told to stop; the exit code."""
    try:
        settings = read(os.environ)
        config.log.setup("workers")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_work(settings))
    except Misconfigured as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for farewell in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(farewell, stop.set)
    client = Engine(settings.redis_url, replicas=settings.redis_replicas)
    try:
        postgres = await sql.connect(settings.database_url)
    except NO_CONNECTION as wrong:
        raise Misconfigured(why_none(wrong)) from None
    try:
        async with client as redis:
            logger.info("Workers are at work.")
            await loop.run(jobs(settings, postgres, redis), stop)
    finally:
        await postgres.close()
    logger.info("Workers have finished.")


def jobs(settings: Settings, postgres: Pool, redis: Engine) -> dict[str, Job]:
    """Everything that is done again and again, by the name it has in the log."""
    outbox = Outbox(settings, postgres, redis, KINDS, in_order=IN_ORDER)
    reader = Reader(redis, group=channels.ARCHIVE, name=f"{socket.gethostname()}:{os.getpid()}")
    every: dict[str, Job] = {f"outbox {number}": outbox.any_round for number in range(1, SIDE_BY_SIDE + 1)}
    every |= {f"outbox {kind}": partial(outbox.ordered_round, kind) for kind in IN_ORDER}
    archive = Archive(postgres, redis, reader)
    every |= {"archive": archive.round, "archive outlived": archive.outlived_round}
    every["stage"] = Stage(postgres, redis).round
    every["askers"] = Askers(postgres, redis).round
    reminders = Reminders(postgres, redis)
    every |= {"reminders": reminders.round, "sweep reminders": reminders.sweep_round}
    every["polls"] = Polls(postgres, redis).round
    every["audience"] = Audience(postgres, redis).round
    every["tallies"] = Tallies(postgres, redis).round
    every["sweep outbox"] = Sweep(postgres).outbox_round
    return every


if __name__ == "__main__":
    sys.exit(main())
