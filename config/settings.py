"""Every setting of the program, read once from the environment, checked and immutable. It never touches the network."""

import re
import shlex
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

from redis.asyncio.connection import parse_url

T = TypeVar("T")

USUAL_PORTS = {"http": 80, "https": 443}
TLS_FILES = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}  # what an address of Redis may name behind its "?"
HIDDEN = ("SECRET", "TOKEN", "PASSWORD")  # settings whose value is never shown


class Misconfigured(Exception):
    """A setting that cannot work; its text is one sentence for the person who starts the program."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings in force. Every field is one environment variable; `python -m config` prints them."""

    mode: str  # development | production; production wants https, SMTP and secrets of its own
    secret: str  # signs passes; every process of one installation shares it
    var: Path  # everything this installation writes
    database_url: str
    redis_url: str  # one server, or several of one Redis Cluster with commas between
    web_host: str
    web_port: int
    public_url: str  # how browsers reach the pages, without a trailing slash
    trusted_proxies: int  # proxies of ours in front of the pages, whose X-Forwarded-For is believed
    redis_replicas: int  # that must have a write before its sender is told that it is stored
    realtime_host: str
    realtime_port: int
    realtime_workers: int
    realtime_memory: int  # MiB; a worker that holds more is replaced; 0: never
    realtime_backlog: int  # MiB that may wait in one worker for slow sockets; beyond it the slowest are cut
    realtime_broadcast: str  # python | c | auto: who writes one frame to many sockets; c needs a compiler (cc)
    realtime_url: str  # how browsers reach the socket: ws:// or wss://
    realtime_origins: tuple[str, ...]  # pages that may open a socket
    node_name: str  # of this node of the socket server, among all on one Redis
    admin_host: str
    admin_port: int
    admin_token: str
    smtp_url: str  # smtp://user:password@host:port; empty: letters are laid into var/mailbox
    mail_from: str

    @property
    def production(self) -> bool:
        """Whether strangers use this installation."""
        return self.mode == "production"


@dataclass(slots=True)
class Reading:
    """What was found in an environment: the text of every setting, and a sentence for each that cannot work."""

    environ: Mapping[str, str]
    found: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        """One setting; when it cannot work that is noted, and what is returned is not usable."""
        text = self.environ.get(name) or default
        self.found[name] = text
        try:
            return parse(text)
        except ValueError as wrong:
            self.wrong[name] = f"{name} {wrong}"
            return cast("T", text)  # a lie nobody hears: read() refuses


def read(environ: Mapping[str, str], *, without: Collection[str] = ()) -> Settings:
    """Settings from an environment such as os.environ; `without` names those that this process never uses.

    Raises Misconfigured with the first thing that cannot work.
    """
    settings, reading = look(environ)
    for name, sentence in reading.wrong.items():
        if name not in without:
            raise Misconfigured(sentence)
    return settings


def look(environ: Mapping[str, str]) -> tuple[Settings, Reading]:
    """Settings as far as they can be read, and everything that is wrong with them."""
    reading = Reading(environ)
    get = reading.get
    mode = get("VECHE_MODE", "development", _mode)
    strict = mode == "production"
    web_port = get("WEB_PORT", "8000", _port)
    realtime_port = get("REALTIME_PORT", "8001", _port)
    public_url = get("PUBLIC_URL", f"http://127.0.0.1:{web_port}", _web_url("https" if strict else "http", "https"))
    wire = _scheme("wss") if strict else _scheme("ws", "wss")
    smtp = _scheme("smtp", "smtps")
    settings = Settings(
        mode=mode,
        secret=get("VECHE_SECRET", "", _secret),
        var=get("VECHE_VAR", "var", _folder),
        database_url=get("DATABASE_URL", "", _scheme("postgresql", "postgres")),
        redis_url=get("REDIS_URL", "", _redis),
        redis_replicas=get("REDIS_REPLICAS", "0", _few),
        web_host=get("WEB_HOST", "127.0.0.1", str),
        web_port=web_port,
        public_url=public_url,
        trusted_proxies=get("TRUSTED_PROXIES", "0", _few),
        realtime_host=get("REALTIME_HOST", "127.0.0.1", str),
        realtime_port=realtime_port,
        realtime_workers=get("REALTIME_WORKERS", "2", _count),
        realtime_memory=get("REALTIME_MEMORY", "1024", _memory),
        realtime_backlog=get("REALTIME_BACKLOG", "256", _backlog),
        realtime_broadcast=get("REALTIME_BROADCAST", "auto", _way),
        realtime_url=get("REALTIME_URL", f"ws://127.0.0.1:{realtime_port}/ws", wire),
        realtime_origins=get("REALTIME_ORIGINS", _own_pages(public_url), _origins),
        node_name=get("NODE_NAME", f"{socket.gethostname()}:{realtime_port}", _name),
        admin_host=get("ADMIN_HOST", "127.0.0.1", str),
        admin_port=get("ADMIN_PORT", "8002", _port),
        admin_token=get("ADMIN_TOKEN", "", str),
        smtp_url=get("SMTP_URL", "", smtp if strict else _optional(smtp)),
        mail_from=get("MAIL_FROM", "Veche <veche@localhost>", str),
    )
    return settings, reading


def lines(text: str) -> dict[str, str]:
    """Settings from a file of `NAME=value` or `export NAME=value` lines, quoted as a shell reads them.

    Raises Misconfigured with the first line that is none.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            words = [""]
        for word in words[1:] if words[:1] == ["export"] else words:
            name, equals, value = word.partition("=")
            if not (name.isidentifier() and equals):
                raise Misconfigured(f"Line {number} of the settings is not NAME=value.")
            found[name] = value
    return found


def shown(name: str, text: str) -> str:
    """A setting as it may be printed: secrets and the passwords inside addresses are not."""
    if text and any(word in name for word in HIDDEN):
        return f"({len(text)} characters, hidden)"
    several = [text, *text.split(",")]  # the whole, too: a password may hold a comma
    for password in {urlsplit(one).password for one in several if "@" in one} - {None}:
        text = text.replace(f":{password}@", ":***@")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError(f"must be a port between 1 and 65535, not {text!r}.")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 128:
        raise ValueError(f"must be a number between 1 and 128, not {text!r}.")
    return int(text)


def _memory(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 1_048_576:
        raise ValueError(f"must be a number of MiB between 0 and 1048576, not {text!r}.")
    return int(text)


def _backlog(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_048_576:
        raise ValueError(f"must be a number of MiB between 1 and 1048576, not {text!r}.")
    return int(text)


def _way(text: str) -> str:
    if text not in ("python", "c", "auto"):
        raise ValueError(f"must be python, c or auto, not {text!r}.")
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[\w.:-]{1,64}", text):
        raise ValueError(f"must be 1 to 64 letters, digits, dots, colons or hyphens, not {text!r}.")
    return text


def _few(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 9:
        raise ValueError(f"must be a number between 0 and 9, not {text!r}.")
    return int(text)


def _redis(text: str) -> str:
    for one in text.split(","):
        _scheme("redis", "rediss", "unix")(one)
        try:
            told: Mapping[str, object] = {**parse_url(one)}
        except ValueError as wrong:
            raise ValueError(f"cannot be read: {wrong}.") from None
        for name in sorted(TLS_FILES & told.keys()):
            _readable(Path(str(told[name])), name)
    return text


def _readable(file: Path, named: str) -> None:
    try:
        file.open("rb").close()
    except OSError as wrong:
        raise ValueError(f"names a file that cannot be read: {named}={file}: {wrong.strerror}.") from None


def _mode(text: str) -> str:
    if text not in ("development", "production"):
        raise ValueError(f"must be development or production, not {text!r}.")
    return text


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("must be at least 32 characters that nobody can guess; `make up` makes one in var/secret.")
    return text


def _folder(text: str) -> Path:
    return Path(text).absolute()


def _web_url(*allowed: str) -> Callable[[str], str]:
    check = _scheme(*dict.fromkeys(allowed))

    def parse(text: str) -> str:
        _origin(check(text))  # what names no host is no address of pages
        return text.rstrip("/")

    return parse


def _scheme(*allowed: str) -> Callable[[str], str]:
    expected = f"an address that starts with {' or '.join(f'{one}://' for one in allowed)}"

    def check(text: str) -> str:
        if not text:
            raise ValueError(f"is missing; it is {expected}.")
        if text.partition("://")[0].lower() not in allowed:
            raise ValueError(f"must be {expected}.")
        return text

    return check


def _optional(parse: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: parse(text) if text else ""


def _own_pages(public_url: str) -> str:
    # The same machine has two common names; a developer types either.
    twin = re.sub(r"//127\.0\.0\.1(?=[:/]|$)", "//localhost", public_url)
    return public_url if twin == public_url else f"{public_url},{twin}"


def _origins(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_origin(one.strip()) for one in text.split(",") if one.strip()))


def _origin(address: str) -> str:
    """The origin of a page as browsers write it (RFC 6454, 6.2): no path, no usual port, the host in small ASCII."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        host = ""
    if not (host and parts.scheme):
        raise ValueError(f"must hold addresses such as https://example.org, not {address!r}.")
    named = f"[{host}]" if ":" in host else host
    unsaid = port in (None, USUAL_PORTS.get(parts.scheme))
    return f"{parts.scheme}://{named}" if unsaid else f"{parts.scheme}://{named}:{port}"
