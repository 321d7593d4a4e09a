"""Letters arrive in the reader's language, once, and wait when the mail server is away."""

import signal
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, read
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.conftest import MailServer, Postbox
from tests.workers.worker import Worker
from workers import letters, mail
from workers.kinds import KINDS
from workers.loop import Away
from workers.outbox import Outbox, Promise, Undone

ROW: dict[str, Any] = {
    "email": "anna@example.org",
    "name": "Anna <b>& Co</b>",
    "language": "en",
    "slug": "uchitel",
    "conference": {"ru": "Учитель & время", "en": "Teacher & Time", "kk": "Ұстаз & уақыт"},
    "zone": "Asia/Almaty",
    "starts_on": datetime(2026, 11, 22, tzinfo=UTC).date(),
    "ends_on": datetime(2026, 11, 24, tzinfo=UTC).date(),
}


@pytest.mark.parametrize(
    ("language", "greeting", "days"),
    [
        ("ru", "Здравствуйте", "22–24 ноября 2026"),
        ("en", "Hello", "22–24 November 2026"),
        ("kk", "Сәлеметсіз бе", "2026\u00a0ж. 22–24 қараша"),
    ],
)
def test_a_letter_speaks_the_readers_language_in_text_and_in_html(language: str, greeting: str, days: str) -> None:
    letter = letters.welcome({**ROW, "language": language}, public_url="https://veche.example.org")
    name = ROW["conference"][language]
    assert name in letter.subject
    for body in (letter.text, letter.html):
        assert greeting in body
        assert days in body
        assert "https://veche.example.org/c/uchitel" in body
        assert "%(" not in body
    assert f'lang="{language}"' in letter.html


def test_what_people_wrote_is_text_in_html_too() -> None:
    letter = letters.welcome(ROW, public_url="https://veche.example.org")
    assert "Anna &lt;b&gt;&amp; Co&lt;/b&gt;" in letter.html
    assert "Teacher &amp; Time" in letter.html
    assert "Anna <b>& Co</b>" in letter.text


def test_the_same_promise_makes_the_same_letter() -> None:
    promise = Promise(42, "mail.welcome", {}, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    letter = letters.welcome(ROW, public_url="https://veche.example.org")
    one, two = (mail.compose(letter, promise, sender="Veche <veche@example.org>") for _ in range(2))
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Message-ID"].endswith("@example.org>")


def test_a_name_cannot_add_a_header() -> None:
    promise = Promise(42, "mail.welcome", {}, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    letter = letters.welcome({**ROW, "name": "Anna\r\nBcc: all@example.org"}, public_url="https://x.example")
    message = mail.compose(letter, promise, sender="Veche <veche@example.org>")
    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "anna@example.org"


async def test_a_host_with_a_name_in_cyrillic_is_reached_through_any_mail_server(
    told: dict[str, str], mail_server: MailServer
) -> None:
    promise = Promise(42, "mail.welcome", {}, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    letter = letters.welcome({**ROW, "email": "anna@почта.рф"}, public_url="https://x.example")
    await mail.deliver(letter, promise, sending(told, mail_server))
    (arrived,) = mail_server.letters
    assert arrived["To"].addresses[0].addr_spec == "anna@xn--80a1acny.xn--p1ai"


def test_an_address_that_is_none_is_given_up() -> None:
    promise = Promise(42, "mail.welcome", {}, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    for wrong in ("", "anna", "anna@", "a b@example.org"):
        letter = letters.welcome({**ROW, "email": wrong}, public_url="https://x.example")
        with pytest.raises(Undone) as undone:
            mail.compose(letter, promise, sender="Veche <veche@example.org>")
        assert undone.value.for_good


async def test_without_a_mail_server_letters_lie_in_a_folder_in_order(
    settings: Settings, database: Pool, redis: Operator, postbox: Postbox
) -> None:
    await postbox.promise("Anna")
    await postbox.promise("Aigerim", language="kk")
    box = Outbox(settings, database, redis, KINDS, in_order=())
    while await box.any_round() == 0.0:
        pass
    files = sorted((settings.var / "mailbox").iterdir())
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert [letter["To"].addresses[0].addr_spec for letter in found] == ["anna@example.org", "aigerim@example.org"]
    assert [letter["Content-Language"] for letter in found] == ["ru", "kk"]
    assert all(file.name.endswith("-mail.welcome.eml") for file in files)


async def test_a_letter_is_sent_with_text_and_html(
    told: dict[str, str], database: Pool, redis: Operator, postbox: Postbox, mail_server: MailServer
) -> None:
    await postbox.promise("Anna")
    box = Outbox(sending(told, mail_server), database, redis, KINDS, in_order=())
    assert await box.any_round() == 0.0
    (letter,) = mail_server.letters
    assert letter["To"] == "Anna <anna@example.org>"
    assert letter["From"] == "Veche <veche@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert "Учитель & время" in text.get_content()
    assert "Учитель &amp; время" in html.get_content()


async def test_a_mail_server_that_was_away_gets_the_letter_when_it_is_back(
    told: dict[str, str], database: Pool, redis: Operator, postbox: Postbox, mail_server: MailServer
) -> None:
    await postbox.promise("Anna")
    mail_server.answer = lambda letter: "421 closing"
    box = Outbox(sending(told, mail_server), database, redis, KINDS, in_order=())
    with pytest.raises(Away, match="closing"):
        await box.any_round()
    nobody = Outbox(read({**told, "SMTP_URL": "smtp://127.0.0.1:9"}), database, redis, KINDS, in_order=())
    await database.execute("update outbox set due_at = now()")
    with pytest.raises(Away, match="does not take letters"):
        await nobody.any_round()
    mail_server.answer = lambda letter: "250 kept"
    await database.execute("update outbox set due_at = now()")
    await box.any_round()
    assert len(mail_server.letters) == 1
    assert await database.fetchval("select done_at is not null and attempts = 1 from outbox")


@pytest.mark.parametrize(("answer", "given_up"), [("550 no such person", True), ("451 greylisted", False)])
async def test_a_refused_letter_is_given_up_or_put_off_and_others_go_out(
    told: dict[str, str],
    database: Pool,
    redis: Operator,
    postbox: Postbox,
    mail_server: MailServer,
    answer: str,
    given_up: bool,
) -> None:
    refused = await postbox.promise("Nobody")
    await postbox.promise("Anna")
    mail_server.answer = lambda letter: answer if "nobody@" in letter["To"] else "250 kept"
    box = Outbox(sending(told, mail_server), database, redis, KINDS, in_order=())
    while await box.any_round() == 0.0:
        pass
    assert [letter["To"] for letter in mail_server.letters] == ["Anna <anna@example.org>"]
    row = await database.fetchrow("select * from outbox where id = $1", refused)
    assert row is not None
    assert (row["failed_at"] is not None) is given_up
    assert answer in row["error"]


async def test_a_worker_killed_before_the_mail_servers_yes_sends_the_letter_once(
    told: dict[str, str], database: Pool, postbox: Postbox, mail_server: MailServer, tmp_path: Path
) -> None:
    await postbox.promise("Anna")
    told["SMTP_URL"] = f"smtp://127.0.0.1:{mail_server.port}"
    with Worker(told) as first:

        def die(letter: EmailMessage) -> str:
            first.end(signal.SIGKILL)
            return "451 the worker is gone"

        mail_server.answer = die
        await first.ended()
    assert mail_server.letters == []
    mail_server.answer = lambda letter: "250 kept"
    with Worker(told) as second:
        await second.until(database, "select count(*) = 1 from outbox where done_at is not null")
    assert len(mail_server.letters) == 1


async def test_a_worker_killed_after_the_mail_servers_yes_sends_it_again_under_the_same_message_id(
    told: dict[str, str], database: Pool, postbox: Postbox, mail_server: MailServer
) -> None:
    """At least once: nobody can know whether the yes was heard, so the twin is one that mailboxes recognise."""
    await postbox.promise("Anna")
    told["SMTP_URL"] = f"smtp://127.0.0.1:{mail_server.port}"
    with Worker(told) as first:
        mail_server.heard = lambda: first.end(signal.SIGKILL)
        await first.ended()
    mail_server.heard = lambda: None
    with Worker(told) as second:
        await second.until(database, "select count(*) = 1 from outbox where done_at is not null")
    one, two = mail_server.letters
    assert one["Message-ID"] == two["Message-ID"]


def sending(told: dict[str, str], server: MailServer) -> Settings:
    return read({**told, "SMTP_URL": f"smtp://127.0.0.1:{server.port}"})
