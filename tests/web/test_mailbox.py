"""Letters that were laid aside: shown on a laptop, absent in production."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from config.settings import Settings
from tests.web.site import Site, Visitor, in_production, opened


@pytest.fixture
def folder(settings: Settings) -> Path:
    found = settings.var / "mailbox"
    found.mkdir()
    return found


def letter(subject: str, text: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["To"] = "Анна <anna@veche.example>"
    message["From"] = "Veche <veche@localhost>"
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return message.as_bytes()


async def test_letters_are_listed_and_read(visitor: Visitor, folder: Path) -> None:
    (folder / "1.eml").write_bytes(letter("Добро пожаловать", "Здравствуйте!"))
    page = await visitor.read("/mailbox")
    assert "Добро пожаловать" in page
    assert "anna@veche.example" in page
    assert "Здравствуйте!" in await visitor.read("/mailbox/1.eml")


async def test_a_letter_cannot_become_part_of_the_page(visitor: Visitor, folder: Path) -> None:
    (folder / "1.eml").write_bytes(letter("<script>1</script>", "<script>2</script>"))
    for path in ("/mailbox", "/mailbox/1.eml"):
        raw = await (await visitor.get(path)).text()
        assert "<script>1" not in raw
        assert "<script>2" not in raw


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"Content-Type: text/plain; charset=none\n\n\xff", b"To: =?x?\n"]
)
async def test_a_damaged_letter_is_still_shown(visitor: Visitor, folder: Path, content: bytes) -> None:
    (folder / "1.eml").write_bytes(content)
    await visitor.read("/mailbox")
    await visitor.read("/mailbox/1.eml")


async def test_an_empty_mailbox_says_so(site: Site, visitor: Visitor) -> None:
    assert not (site.settings.var / "mailbox").exists()
    await visitor.read("/mailbox")


@pytest.mark.parametrize("name", ["no.eml", "..%2fsecret", "..%2f..%2fetc%2fpasswd", "%00.eml", "1.txt", "x" * 500])
async def test_only_letters_are_read(visitor: Visitor, folder: Path, name: str) -> None:
    (folder.parent / "secret").write_text("secret")
    (folder / "1.txt").write_text("secret")
    answer = await visitor.get(f"/mailbox/{name}")
    assert answer.status == 404
    assert "secret</" not in await answer.text()


async def test_in_production_there_is_no_mailbox(settings: Settings, folder: Path, world: None, quiet: None) -> None:
    (folder / "1.eml").write_bytes(letter("Subject", "Text"))
    async with opened(in_production(settings)) as site:
        visitor = await site.visitor()
        for path in ("/mailbox", "/mailbox/1.eml"):
            assert (await visitor.get(path)).status == 404
