"""`python -m web`: serves the pages until it is told to stop, then finishes what it has begun. It forks nothing."""

import asyncio
import logging
import os
import signal
import sys
import warnings

import uvloop
from aiohttp import web
from aiohttp.web_exceptions import NotAppKeyWarning

from config import log
from config.settings import Misconfigured, Settings, read
from sql.connection import NO_CONNECTION, why_none
from web import typeface
from web.app import application

FINISH = 10.0  # seconds requests get to end after SIGTERM


def main() -> int:
    """Run; returns the exit code, after one sentence when it cannot start."""
    try:
        settings = read(os.environ)
        log.setup("web")
        # aiohttp-session keeps its session under a name that is a string, which aiohttp advises against.
        warnings.filterwarnings("ignore", category=NotAppKeyWarning)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except Misconfigured as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises Misconfigured when storage or the port cannot be had."""
    told = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await asyncio.to_thread(typeface.cut, settings.var)
    runner = web.AppRunner(application(settings), access_log=None, shutdown_timeout=FINISH)
    try:
        await _open(runner, settings)
        logging.getLogger("web").info("serving on http://%s:%s", settings.web_host, settings.web_port)
        await told.wait()
    finally:
        await runner.cleanup()


async def _open(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await runner.setup()
    except NO_CONNECTION as wrong:
        raise Misconfigured(why_none(wrong)) from None
    try:
        await web.TCPSite(runner, settings.web_host, settings.web_port).start()
    except OSError as taken:
        where = f"{settings.web_host}:{settings.web_port}"
        raise Misconfigured(f"Nothing can listen on {where} (WEB_HOST, WEB_PORT): {taken.strerror}.") from None


if __name__ == "__main__":
    sys.exit(main())
