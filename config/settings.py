"""Every setting of the program, read once from the environment, checked and immutable. It never touches the network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class Misconfigured(Exception):
    """A setting that cannot work; its text is one sentence for the person who starts the program."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings in force. Every field is one environment variable; `python -m config` prints them."""

    mode: str  # development | production; production wants https, SMTP and secrets of its own
    secret: str  # signs passes and cookies; every process of one installation shares it
    var: Path  # everything this installation writes
    database_url: str
    redis_url: str
    web_host: str
    web_port: int
    public_url: str  # how browsers reach the pages, without a trailing slash
    realtime_host: str
    realtime_port: int
    realtime_workers: int
    realtime_url: str  # how browsers reach the socket: ws:// or wss://
    realtime_origins: tuple[str, ...]  # pages that may open a socket
    admin_host: str
    admin_port: int
    admin_token: str
    smtp_url: str  # smtp://user:password@host:port; empty: letters are laid into var/mailbox
    mail_from: str

    @property
    def production(self) -> bool:
        """Whether strangers use this installation."""
        return self.mode == "production"


def read(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment such as os.environ. Raises Misconfigured with the first thing that cannot work."""
    web_port = _get(environ, "WEB_PORT", "8000", _port)
    realtime_port = _get(environ, "REALTIME_PORT", "8001", _port)
    public_url = _get(environ, "PUBLIC_URL", f"http://127.0.0.1:{web_port}", _web_url)
    return Settings(
        mode=_get(environ, "VECHE_MODE", "development", _mode),
        secret=_get(environ, "VECHE_SECRET", "", _secret),
        var=Path(environ.get("VECHE_VAR") or "var").absolute(),
        database_url=_get(environ, "DATABASE_URL", "", _scheme("postgresql", "postgres")),
        redis_url=_get(environ, "REDIS_URL", "", _scheme("redis", "rediss", "unix")),
        web_host=environ.get("WEB_HOST") or "127.0.0.1",
        web_port=web_port,
        public_url=public_url,
        realtime_host=environ.get("REALTIME_HOST") or "127.0.0.1",
        realtime_port=realtime_port,
        realtime_workers=_get(environ, "REALTIME_WORKERS", "2", _count),
        realtime_url=_get(environ, "REALTIME_URL", f"ws://127.0.0.1:{realtime_port}/ws", _scheme("ws", "wss")),
        realtime_origins=_origins(environ.get("REALTIME_ORIGINS") or "", public_url),
        admin_host=environ.get("ADMIN_HOST") or "127.0.0.1",
        admin_port=_get(environ, "ADMIN_PORT", "8002", _port),
        admin_token=environ.get("ADMIN_TOKEN") or "",
        smtp_url=_get(environ, "SMTP_URL", "", _optional(_scheme("smtp", "smtps"))),
        mail_from=environ.get("MAIL_FROM") or "Veche <veche@localhost>",
    )


def _get(environ: Mapping[str, str], name: str, default: str, parse: Callable[[str], T]) -> T:
    text = environ.get(name) or default
    try:
        return parse(text)
    except ValueError as wrong:
        raise Misconfigured(f"{name} {wrong}") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError(f"must be a port between 1 and 65535, not {text!r}.")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 128:
        raise ValueError(f"must be a number between 1 and 128, not {text!r}.")
    return int(text)


def _mode(text: str) -> str:
    if text not in ("development", "production"):
        raise ValueError(f"must be development or production, not {text!r}.")
    return text


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("must be at least 32 characters that nobody can guess; `make up` makes one in var/secret.")
    return text


def _web_url(text: str) -> str:
    _scheme("http", "https")(text)
    return text.rstrip("/")


def _scheme(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not text:
            raise ValueError("is missing; `make up` starts an embedded one and fills it in.")
        if urlsplit(text).scheme not in allowed:
            raise ValueError(f"must be an address that starts with {' or '.join(f'{one}://' for one in allowed)}.")
        return text

    return check


def _optional(parse: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: parse(text) if text else ""


def _origins(text: str, public_url: str) -> tuple[str, ...]:
    if text:
        return tuple(one.strip() for one in text.split(",") if one.strip())
    parts = urlsplit(public_url)
    own = f"{parts.scheme}://{parts.netloc}"
    # The same machine has two common names; a developer types either.
    twin = own.replace("//127.0.0.1", "//localhost") if parts.hostname == "127.0.0.1" else own
    return (own,) if twin == own else (own, twin)
