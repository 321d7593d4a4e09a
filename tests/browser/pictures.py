"""The pictures of the README: which there are, and how one is drawn and kept small. It asserts nothing."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.browser.gallery import CHAT, HALL, Exhibit, hang
from tests.browser.people import CONFERENCE, People, Someone

DOCS = Path(__file__).parents[2] / "docs"
LARGEST = 250_000  # bytes of one picture
PERSONS = 211  # stand in the main hall while it is drawn
FEW_COLOURS = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what is on it, on a desktop or a phone, in which light, and keys pressed at last."""

    exhibit: Exhibit
    phone: bool = False
    dark: bool = False
    theme: str = "paper"
    keys: tuple[str, ...] = ()


PICTURES = (
    Picture(Exhibit("landing", CONFERENCE), theme="steppe"),
    Picture(Exhibit("channel", HALL, "anna", ready=CHAT)),
    Picture(Exhibit("channel-dark", HALL, "anna", "[data-panel=questions]", CHAT), dark=True),
    Picture(Exhibit("schedule", f"{CONFERENCE}/schedule", "vera")),
    Picture(Exhibit("console", f"{CONFERENCE}/moderate", "moderator", ready=".row"), keys=("j",)),
    Picture(Exhibit("channel-phone", HALL, "anna", ready=CHAT), phone=True),
    Picture(Exhibit("questions-phone", HALL, "anna", "[data-panel=questions]", CHAT), phone=True, dark=True),
    Picture(Exhibit("speak-phone", f"{CONFERENCE}/speak", "speaker1", ready=".speak[data-state=live]"), phone=True),
    Picture(Exhibit("console-phone", f"{CONFERENCE}/moderate", "moderator", ready=".row"), phone=True),
    Picture(Exhibit("my-phone", f"{CONFERENCE}/my", "vera"), phone=True),
)


def draw(people: People, picture: Picture, folder: Path) -> Path:
    """As a file in this folder, of few colours."""
    someone = _viewer(people, picture)
    hang(someone, picture.exhibit)
    for key in picture.keys:
        someone.page.keyboard.press(key)
    someone.page.wait_for_load_state("networkidle")
    if picture.exhibit.path == HALL:
        someone.page.wait_for_timeout(2_500)  # ms; the viewers are told once in two seconds
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{picture.exhibit.name}.png"
    someone.page.screenshot(path=file, animations="disabled", caret="hide")
    someone.context.close()
    with Image.open(file) as drawn:
        few = drawn.convert("RGB").quantize(FEW_COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    return file


def _viewer(people: People, picture: Picture) -> Someone:
    width, height, scale = (390, 844, 2) if picture.phone else (1440, 900, 1)
    someone = people.new(width=width, height=height, scale=scale, dark=picture.dark)
    if picture.exhibit.who:
        someone.sign_in(picture.exhibit.who, then=CONFERENCE)
    return someone
