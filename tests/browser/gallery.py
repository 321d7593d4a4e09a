"""Every page of the product as an exhibit: where it is, who sees it, what is pressed first; and what is wrong with it.

It plants what makes pages hard: a conference whose words do not end, one that has nothing yet. It asserts nothing.
"""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from babel.messages.pofile import read_po
from playwright.sync_api import Page

from sql.connection import connect
from sql.loader import queries
from tests.browser.people import CONFERENCE, Someone
from tests.browser.stack import Stack
from web.conferences import screen_rules
from web.conferences.monogram import monogram

DEMO, OUTBOX = queries("demo"), queries("outbox")
LOCALE = Path(__file__).parents[2] / "config" / "locale"
LONG, BARE = "/c/dlinno", "/c/pusto"
DESK = "/desk/uchitel"
UNBROKEN = "Частнопредпринимательскиевысокопревосходительства" * 3
NAMES = {
    "ru": "Всероссийская научно-практическая конференция с международным участием «Достопримечательности "
    "высокопревосходительствующего делопроизводства»",
    "en": "The all-encompassing interdisciplinary conference on counterproductive overspecialisation in schools",
    "kk": "Мамандандырылмағандықтарыңыздан шығу жолдарына арналған республикалық ғылыми-тәжірибелік конференция",
}
LEAD = {
    "ru": "О том, как среднеобразовательные учреждения противостоят переусложнённости документооборота",
    "en": "On how institutions withstand the incomprehensibilities of their own documentation",
    "kk": "Мекемелердің құжат айналымының күрделілігіне қалай қарсы тұратыны туралы",
}
ENTRY = "Междисциплинарный круглый стол: человекоориентированность, здоровьесбережение и взаимообогащение опытом"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One page as one person has it; what is pressed before it is looked at; `live`: it waits for its socket."""

    name: str
    path: str
    who: str = ""  # the beginning of an address at demo.veche; "": a stranger
    press: str = ""
    ready: str = ""  # a selector that is there once the page is whole
    widths: tuple[int, ...] = (360, 768, 1440)


HALL = f"{CONFERENCE}/main"
CHAT, ASKED = "live-chat[data-state=live] .message", "question-list .question"
EXHIBITS = (
    Exhibit("index", "/"),
    Exhibit("landing", CONFERENCE),
    Exhibit("landing-long", LONG),
    Exhibit("landing-bare", BARE),
    Exhibit("sign-in", "/sign-in"),
    Exhibit("nowhere", "/nowhere"),
    Exhibit("not-yours", f"{DESK}/people", "anna"),
    Exhibit("channel", HALL, "anna", ready=CHAT),
    Exhibit("channel-questions", HALL, "anna", "[data-panel=questions]", CHAT),
    Exhibit("channel-polls", HALL, "anna", "[data-panel=polls]", CHAT),
    Exhibit("channel-programme", HALL, "anna", "[data-panel=session]", CHAT, widths=(360, 768)),
    Exhibit("channel-inbox", HALL, "anna", "inbox-bell summary", CHAT),
    Exhibit("channel-two", f"{CONFERENCE}/digital", "moderator", ready=CHAT),
    Exhibit("channel-long", f"{LONG}/hall", "anna", ready=CHAT),
    Exhibit("channel-long-questions", f"{LONG}/hall", "anna", "[data-panel=questions]", ASKED),
    Exhibit("channel-long-polls", f"{LONG}/hall", "anna", "[data-panel=polls]", CHAT),
    Exhibit("channel-over", f"{LONG}/empty", "anna", ready="live-chat[data-state=live]"),
    Exhibit("chat-window", f"{HALL}/chat", "anna", ready=CHAT, widths=(360,)),
    Exhibit("schedule", f"{CONFERENCE}/schedule"),
    Exhibit("schedule-zone", f"{CONFERENCE}/schedule?zone=Europe/Kaliningrad", "vera"),
    Exhibit("schedule-long", f"{LONG}/schedule"),
    Exhibit("schedule-bare", f"{BARE}/schedule"),
    Exhibit("my-empty", f"{CONFERENCE}/my"),
    Exhibit("my", f"{CONFERENCE}/my", "vera"),
    Exhibit("session-past", f"{CONFERENCE}/s/2", "anna"),
    Exhibit("session-live", f"{CONFERENCE}/s/3", "anna"),
    Exhibit("session-coming", f"{CONFERENCE}/s/4"),
    Exhibit("session-speaker", f"{CONFERENCE}/s/3", "speaker1"),
    Exhibit("speak", f"{CONFERENCE}/speak", "speaker1", ready=".speak[data-state=live]"),
    Exhibit("speak-none", f"{CONFERENCE}/speak", "organiser"),
    Exhibit("console", f"{CONFERENCE}/moderate", "moderator", ready=".row"),
    Exhibit("console-chat", f"{CONFERENCE}/moderate", "moderator", "[data-tab=chat]", ".row", widths=(360,)),
    Exhibit("console-long", f"{LONG}/moderate", "moderator", ready=".row"),
    Exhibit("console-plain", f"{CONFERENCE}/moderate/plain", "moderator"),
    Exhibit("console-log", f"{CONFERENCE}/moderate/log", "moderator"),
    Exhibit("console-person", f"{CONFERENCE}/moderate/people/5", "moderator"),
    Exhibit("desk", "/desk", "organiser"),
    Exhibit("desk-new", "/desk/new", "organiser"),
    Exhibit("desk-settings", DESK, "organiser"),
    Exhibit("desk-landing", f"{DESK}/landing", "organiser"),
    Exhibit("desk-block", f"{DESK}/landing/5", "organiser"),
    Exhibit("desk-people", f"{DESK}/people", "organiser"),
    Exhibit("desk-channels", f"{DESK}/channels", "organiser"),
    Exhibit("desk-channel", f"{DESK}/channels/1", "organiser"),
    Exhibit("desk-speakers", f"{DESK}/speakers", "organiser"),
    Exhibit("desk-speaker", f"{DESK}/speakers/1", "organiser"),
    Exhibit("desk-sessions", f"{DESK}/sessions", "organiser"),
    Exhibit("desk-session", f"{DESK}/sessions/3", "organiser"),
    Exhibit("desk-schedule", f"{DESK}/schedule", "organiser"),
    Exhibit("desk-import", f"{DESK}/import", "organiser"),
    Exhibit("desk-now", f"{DESK}/now", "organiser"),
    Exhibit("desk-polls", f"{DESK}/polls", "organiser"),
    Exhibit("desk-poll", f"{DESK}/polls/2", "organiser"),
    Exhibit("desk-screens", f"{DESK}/screens", "organiser"),
    Exhibit("desk-recordings", f"{DESK}/recordings", "organiser"),
    Exhibit("desk-words", f"{DESK}/words", "organiser"),
    Exhibit("desk-bare", "/desk/pusto/sessions", "organiser"),
    Exhibit("desk-long", "/desk/dlinno/schedule", "organiser"),
)
# Pages by token: the kind of a screen, and how wide the thing is that shows it.
WALLS = (("next", 1440), ("answering", 1440), ("poll", 1440), ("qr", 1440), ("hall", 1440))

# What the eye would see at once. A text may leave a box that scrolls or says so with an ellipsis; nothing else.
LOOK = """() => {
  const THUMBED = "button, .button, select, input:not([type=checkbox], [type=radio], [type=hidden])";
  const wrong = [];
  const short = (text) => JSON.stringify(text.trim().slice(0, 60));
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`is ${root.scrollWidth} px wide on a screen of ${innerWidth}`);
  const seen = { visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true };
  const hidden = (element) => !element.checkVisibility(seen);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const said = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    const parent = node.parentElement;
    if (!text || parent.closest("script, style, noscript, template, svg, option, .unseen") || hidden(parent)) continue;
    said.add(text);
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    for (let one = parent; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      const inside = one.getBoundingClientRect();
      if (inside.width <= 1 || style.clipPath !== "none") break;
      if (/auto|scroll/.test(style.overflowX)) break;
      if (!/hidden|clip/.test(style.overflowX)) continue;
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") break;
      if (box.right > inside.right + 1 || box.left < inside.left - 1 || box.bottom > inside.bottom + 1)
        wrong.push(`cuts ${short(text)} off in ${one.className || one.localName}`);
      break;
    }
  }
  for (const picture of document.images)
    if (!hidden(picture) && picture.complete && !picture.naturalWidth) wrong.push(`has no picture ${picture.src}`);
  const small = (element) => {
    const { height, width } = element.getBoundingClientRect();
    const more = parseFloat(getComputedStyle(element, "::after").insetBlockStart) || 0;
    return width > 1 && height - 2 * Math.min(more, 0) < 44 - 0.5;
  };
  if (innerWidth < 600)
    for (const element of document.querySelectorAll(THUMBED))
      if (!hidden(element) && !element.matches(".unseen") && small(element))
        wrong.push(`has ${element.className || element.localName} ${short(element.textContent)} too small for a thumb`);
  return { wrong: [...new Set(wrong)], said: [...said] };
}"""
UNSAID = re.compile(r"undefined|\[object|\bNaN\b|%\(|\{\{|\bNone\b|\bM\d\d? \d")  # what a fault leaves between words


class Gallery:
    """The exhibits of one stack; it knows the addresses of its screens."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._screens = _elsewhere(self._plant())

    def exhibits(self) -> tuple[Exhibit, ...]:
        """With those whose addresses hold a token."""
        walls = [Exhibit(f"wall-{kind}", self._token("screen", kind), widths=(width,)) for kind, width in WALLS]
        phone = Exhibit("hall", self._token("hall", "qr"), widths=(360,))
        return (*EXHIBITS, phone, *walls)

    def dress(self, theme: str) -> None:
        """The demo conference in this theme."""
        _elsewhere(self._execute("update conference set theme = $1 where slug = 'uchitel'", theme))

    def _token(self, purpose: str, kind: str) -> str:
        secret = self._stack.environment()["VECHE_SECRET"]
        return f"/{purpose}/{screen_rules.token(purpose, self._screens[kind], secret=secret)}"

    async def _execute(self, statement: str, *given: Any) -> None:
        async with connect(self._stack.environment()["DATABASE_URL"], at_most=1) as pool:
            await pool.execute(statement, *given)

    async def _plant(self) -> dict[str, int]:
        async with (
            connect(self._stack.environment()["DATABASE_URL"], at_most=1) as pool,
            pool.acquire() as database,
            database.transaction(),
        ):
            await _long(database)
            await _bare(database)
            rows = await database.fetch(
                "insert into screen (conference_id, channel_id, kind, name, language, expires_at)"
                " select 1, 1, kind, $2, 'ru', now() + interval '1 day' from unnest($1::text[]) as kind"
                " returning id, kind",
                [kind for kind, _ in WALLS],
                f"Фойе, {ENTRY}",
            )
            return {row["kind"]: row["id"] for row in rows}


def faults(page: Page, language: str) -> list[str]:
    """What is wrong with a page that is open: too wide, cut off, too small for a thumb, not said in its language."""
    seen: dict[str, list[str]] = page.evaluate(LOOK)
    english = UNTRANSLATED.get(language, frozenset())
    found = [*seen["wrong"], *(f"is in English: {said!r}" for said in seen["said"] if said in english)]
    return found + [f"says {said!r}" for said in seen["said"] if UNSAID.search(said)]


def hang(someone: Someone, exhibit: Exhibit) -> None:
    """Open it and wait until it is whole."""
    someone.open(exhibit.path)
    if exhibit.ready:
        someone.page.locator(exhibit.ready).first.wait_for(state="attached")
    if exhibit.press:
        someone.page.locator(exhibit.press).first.click()
    someone.page.evaluate("document.fonts.ready")


def _english(language: str) -> frozenset[str]:
    """Sentences that stand on no page in this language, because they are said otherwise in it."""
    sentences = set()
    for file in (LOCALE / language).glob("*.po"):
        with file.open("rb") as text:
            sentences |= {str(one.id) for one in read_po(text) if one.id and one.id != one.string}
    return frozenset(one for one in sentences if " " in one)


UNTRANSLATED: Mapping[str, frozenset[str]] = {language: _english(language) for language in ("ru", "kk")}


async def _long(database: Any) -> None:
    """A conference whose words do not end and whose speakers have no portraits."""
    today = datetime.now(UTC)
    dates = (today.date(), (today + timedelta(days=1)).date())
    facts = ("dlinno", NAMES, LEAD, LEAD, "Asia/Almaty", ["ru", "en", "kk"], *dates)
    conference = await database.fetchval(DEMO.plant_conference, *facts)
    await database.execute(
        "insert into role (conference_id, person_id, role)"
        " select $1, person_id, role from role where conference_id = 1",
        conference,
    )
    main = await database.fetchval(DEMO.plant_channel, conference, 1, "hall", NAMES)
    await database.fetchval(DEMO.plant_channel, conference, 2, "empty", {"ru": UNBROKEN[:60]})
    speakers = [
        await database.fetchval(DEMO.plant_speaker, conference, None, {"ru": name}, LEAD, monogram(name))
        for name in (f"{UNBROKEN[:40]} {number}" for number in range(5))
    ]
    for begins, lasts, who in ((-30, 90, speakers), (75, 5, []), (80, 240, speakers[:1])):
        starts = today.replace(second=0, microsecond=0) + timedelta(minutes=begins)
        times = (starts, starts + timedelta(minutes=lasts))
        words = ({"ru": ENTRY, "kk": UNBROKEN}, {"ru": f"{ENTRY}. {ENTRY}"} if who else {})
        session = await database.fetchval(DEMO.plant_session, main, *times, *words, "kk")
        for position, one in enumerate(who, 1):
            await database.execute(DEMO.plant_session_speaker, session, one, position)
        if begins < 0:
            await _talk(database, main, session)
    await database.execute(DEMO.plant_release, conference)
    for position, kind in enumerate(("hero", "speakers", "programme"), 1):
        await database.execute(DEMO.plant_block, conference, position, kind, {})


async def _talk(database: Any, channel: int, session: int) -> None:
    """What is said, asked and voted on there, by the workers' hand."""
    said = (f"{ENTRY}. {ENTRY}", UNBROKEN, f"https://example.org/{'a-very-long-way/' * 12}", "+")
    boris, moderator = [
        await database.fetchrow("select id, name from person where email = $1", f"{name}@demo.veche")
        for name in ("boris", "moderator")
    ]
    voice = {"channel": channel, "user": boris["id"], "name": boris["name"], "badge": ""}
    for text in said:
        told = {"key": str(uuid4()), "text": text, "when": datetime.now(UTC).isoformat()}
        await database.execute(OUTBOX.promise, "chat.say", voice | told)
    steps = (["bind", "", str(session)], ["approve", "", ""], ["answering", "", ""])
    for text, taken in ((f"{ENTRY}?", 2), (UNBROKEN, 3), (f"{UNBROKEN}?", 1), (" ".join([ENTRY] * 5), 2)):
        told = {"key": str(uuid4()), "text": text, "when": datetime.now(UTC).isoformat(), "moderator": moderator["id"]}
        whole = voice | told | {"steps": steps[:taken], "voters": [f"device:demo-{one}" for one in range(taken)]}
        await database.execute(OUTBOX.promise, "question.ask", whole)
    facts: tuple[Any, ...] = (channel, session, {"ru": f"{ENTRY}?"}, "multiple", False, "open", datetime.now(UTC), None)
    poll = await database.fetchval(DEMO.plant_poll, *facts)
    for position, text in enumerate((ENTRY, UNBROKEN, "Да"), 1):
        await database.fetchval(DEMO.plant_poll_option, poll, position, {"ru": text})


async def _bare(database: Any) -> None:
    """A conference that has a name and a day, and nothing else."""
    today = datetime.now(UTC).date()
    facts: tuple[Any, ...] = ("pusto", {"ru": "Пусто"}, {}, {}, "Europe/Moscow", ["ru"], today, today)
    conference = await database.fetchval(DEMO.plant_conference, *facts)
    organiser = (
        "insert into role (conference_id, person_id, role) select $1, id, 'organiser' from person where email = $2"
    )
    await database.execute(organiser, conference, "organiser@demo.veche")


def _elsewhere(act: Any) -> Any:
    """Playwright's loop has this thread: another one runs ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, act).result()
