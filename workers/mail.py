"""Letters leave the house: by SMTP, or into var/mailbox where a page shows them. It never decides who gets one.

The same promise makes the same Message-ID and the same file name. If the process dies between the mail server's yes
and the commit, the letter goes out a second time and mailboxes that know its Message-ID drop it; a file is just
written again. No mail system can promise more (RFC 1047).
"""

import os
import ssl
from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib
import idna

from config.settings import Settings
from sql import queries
from workers import letters
from workers.letters import Letter
from workers.loop import Away
from workers.outbox import Promise, Tools, Undone

OUTBOX = queries("outbox")

PATIENCE = 20.0  # seconds for each answer of the mail server
MAILBOX = "mailbox"  # folder under var/
LOCAL = ("localhost", "127.0.0.1", "::1")


async def welcome(promise: Promise, tools: Tools) -> None:
    """Greet a person who will attend a conference."""
    person, conference = promise.payload.get("person_id"), promise.payload.get("conference_id")
    row = await tools.connection.fetchrow(OUTBOX.letter_of_welcome, person, conference)
    if row is None:
        raise Undone(f"There is no person {person} or no conference {conference}", for_good=True)
    await deliver(letters.welcome(dict(row), public_url=tools.settings.public_url), promise, tools.settings)


async def deliver(letter: Letter, promise: Promise, settings: Settings) -> None:
    """Hand a letter over. Raises Undone when this letter is refused, Away when no letter can be handed over now."""
    message = compose(letter, promise, sender=settings.mail_from)
    if settings.smtp_url:
        await _send(message, settings.smtp_url)
    else:
        _lay_down(
            message, settings.var / MAILBOX, f"{promise.made_at:%Y%m%dT%H%M%S}-{promise.id:09d}-{promise.kind}.eml"
        )


def compose(letter: Letter, promise: Promise, *, sender: str) -> EmailMessage:
    """The letter as it travels: text for those who read text, HTML for the others."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(name, address)
    message["To"] = _address(letter.name, letter.to)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(promise.made_at)
    message["Message-ID"] = f"<promise.{promise.id}.{promise.made_at.timestamp():.6f}@{address.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = letter.language  # last: setting the content clears all headers about it
    return message


async def _send(message: EmailMessage, smtp_url: str) -> None:
    server = urlsplit(smtp_url)
    host = server.hostname or "localhost"
    user = unquote(server.username) if server.username else None
    try:
        await aiosmtplib.send(
            message,
            hostname=host,
            port=server.port,
            username=user,
            password=unquote(server.password) if server.password else None,
            use_tls=server.scheme == "smtps",
            start_tls=_start_tls(server),
            timeout=PATIENCE,
        )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        raise _answered(refused.recipients) from None
    except aiosmtplib.SMTPDataError as refused:
        raise _answered([refused]) from None
    except ssl.SSLError as broken:
        raise Away(f"The mail server's certificate is not trusted: {broken}") from None
    except (OSError, aiosmtplib.SMTPException) as broken:
        raise Away(f"The mail server at {host} does not take letters: {' '.join(str(broken).split())}") from None


def _start_tls(server: SplitResult) -> bool | None:
    """Whether to ask for TLS on an open line: a password never travels in the clear; None is "if it is offered"."""
    if server.scheme == "smtps":
        return False
    if server.username:
        return True
    return False if server.hostname in LOCAL else None


def _answered(refusals: Sequence[aiosmtplib.SMTPResponseException]) -> Exception:
    """What a refusal of this very letter means (RFC 5321, 4.2.1): 4xx is for now, 5xx is for good."""
    code, said = refusals[0].code, " ".join(refusals[0].message.split())
    if code == 421:  # "service not available, closing": not about the letter
        return Away(f"The mail server is closing: {said}")
    return Undone(f"The mail server refused the letter: {code} {said}", for_good=code >= 500)


def _lay_down(message: EmailMessage, mailbox: Path, name: str) -> None:
    """Write the file so that nobody ever sees half of it."""
    mailbox.mkdir(parents=True, exist_ok=True)
    unfinished = mailbox / f".{name}.{os.getpid()}"
    unfinished.write_bytes(message.as_bytes())
    unfinished.rename(mailbox / name)


def _address(name: str, address: str) -> Address:
    person, _, host = address.rpartition("@")
    try:
        # Few mail servers take anna@почта.рф, and every one takes the same as anna@xn--80a1acny.xn--p1ai.
        spelled = address if host.isascii() else f"{person}@{idna.encode(host, uts46=True).decode()}"
        return Address(display_name=_one_line(name), addr_spec=spelled)
    except (ValueError, IndexError, MessageError):  # the parsers of 3.11 and 3.13 fail each in its own way
        raise Undone(f"{address!r} is no e-mail address", for_good=True) from None


def _one_line(text: str) -> str:
    return " ".join(text.split())
