"""A small conference, its people and a mail server, for what happens later."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.settings import Settings, read
from sql import queries
from sql.connection import Pool

OUTBOX = queries("outbox")


@dataclass
class MailServer:
    """A real SMTP server that keeps what it accepts. `answer` decides; `heard` runs before the answer leaves."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answer: Callable[[EmailMessage], str] = lambda letter: "250 kept"
    heard: Callable[[], None] = lambda: None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's name for "a whole letter has come"."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        answer = self.answer(letter)
        if answer.startswith("250"):
            self.letters.append(letter)
        self.heard()
        return answer

    @property
    def subjects(self) -> list[str]:
        """Of the letters it accepted."""
        return [letter["Subject"] for letter in self.letters]


class OwnPort(Controller):
    """A controller that asks the kernel for a free port: one chosen beforehand may be somebody else's by then."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd annotates only some functions


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server on this machine."""
    server = MailServer()
    controller = OwnPort(server, hostname="127.0.0.1", port=0)
    controller.start()
    server.port = controller.port
    yield server
    controller.stop()


@pytest.fixture
def told(tmp_path: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """The environment of a workers process, without a mail server."""
    return {
        "VECHE_SECRET": "not a secret, only long enough for a test",
        "VECHE_VAR": str(tmp_path),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MAIL_FROM": "Veche <veche@example.org>",
        "PUBLIC_URL": "https://veche.example.org",
    }


@pytest.fixture
def settings(told: dict[str, str]) -> Settings:
    """The same as Settings."""
    return read(told)


@pytest.fixture
async def conference(database: Pool) -> int:
    """A conference with a name in every language."""
    number: int = await database.fetchval(
        """insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on)
        values ('uchitel', $1, '{}', '{}', 'Asia/Almaty', '{ru,en,kk}', 'ru', $2, $3) returning id""",
        {"ru": "Учитель & время", "en": "Teacher & Time", "kk": "Ұстаз & уақыт"},
        date(2026, 11, 22),
        date(2026, 11, 24),
    )
    return number


@dataclass
class Postbox:
    """Promises letters to new people."""

    database: Pool
    conference: int

    async def promise(self, name: str, *, language: str = "ru") -> int:
        """A person who is to be welcomed; the id of the promise."""
        person = await self.database.fetchval(
            "insert into person (email, name, password_hash, language) values ($1, $2, '-', $3) returning id",
            f"{name.lower()}@example.org",
            name,
            language,
        )
        await self.database.execute(
            OUTBOX.promise, "mail.welcome", {"person_id": person, "conference_id": self.conference}
        )
        number: int = await self.database.fetchval("select max(id) from outbox")
        return number


@pytest.fixture
async def postbox(database: Pool, conference: int) -> Postbox:
    """Where letters of welcome are promised."""
    return Postbox(database, conference)
