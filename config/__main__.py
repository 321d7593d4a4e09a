"""`python -m config`: settings in force, `up`, `services`. It only reads arguments and speaks to the terminal."""

import argparse
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from config import cluster, services
from config.settings import Misconfigured, look, shown


def main() -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config", description="What the program is told.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("settings", help="print the settings in force and what is missing (also without a command)")
    everything = commands.add_parser("up", help="start everything; `make up` calls this")
    everything.add_argument("--procfile", type=Path, default=Path("Procfile"))
    embedded = commands.add_parser("services", help="run the embedded Postgres and Valkey until stdin ends")
    embedded.add_argument("--only", choices=("postgres", "redis", "cluster"), help="cluster: three Valkey masters")
    embedded.add_argument("folder", type=Path)
    asked = parser.parse_args()
    try:
        match asked.command:
            case "up":
                from config.up import up  # brings honcho along, which the other commands do without

                return up(os.environ, procfile=asked.procfile)
            case "services":
                return _services(asked.folder, asked.only)
            case _:
                return _settings()
    except Misconfigured as wrong:
        print(wrong, file=sys.stderr)
        return 1


def _settings() -> int:
    _, reading = look(os.environ)
    for name, text in reading.found.items():
        print(f"{name:<18} {shown(name, text) or '-'}")
    if reading.wrong:
        print()
        for sentence in reading.wrong.values():
            print(sentence)
    return 1 if reading.wrong else 0


def _services(folder: Path, only: str | None) -> int:
    """Run until told to stop; one JSON line says where they are."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    addresses: dict[str, str] = {}
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as running:
        if only in (None, "postgres"):
            addresses["DATABASE_URL"] = running.enter_context(services.start_postgres(folder)).url
        if only in (None, "redis"):
            addresses["REDIS_URL"] = running.enter_context(services.start_redis(folder)).url
        if only == "cluster":
            addresses["REDIS_URL"] = running.enter_context(cluster.start_cluster(folder)).url
        print(json.dumps(addresses), flush=True)
        sys.stdin.buffer.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
