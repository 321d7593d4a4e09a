"""Letters as files in var/mailbox (RFC 5322, *.eml), laid there by the workers. Read only."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}\.eml")
SHOWN = 200  # letters in the list; older ones are still files


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter; `html` is its source, to be shown as text or in a sandbox, never as part of a page."""

    name: str
    subject: str
    to: str
    sender: str
    sent_at: datetime
    text: str
    html: str


def inbox(folder: Path) -> list[Letter]:
    """The newest letters, the newest first."""
    files = [file for file in folder.glob("*.eml") if NAME.fullmatch(file.name)]
    files.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [_letter(file) for file in files[:SHOWN]]


def find(folder: Path, name: str) -> Letter | None:
    """The letter with this name."""
    file = folder / name
    return _letter(file) if NAME.fullmatch(name) and file.is_file() else None


def _letter(file: Path) -> Letter:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return Letter(
        name=file.name,
        subject=str(message.get("Subject", "")),
        to=str(message.get("To", "")),
        sender=str(message.get("From", "")),
        sent_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a character set nobody knows
        return ""
