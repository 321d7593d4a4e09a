"""The house keeps its rules, and each rule catches the breach it is there for. Nothing here runs the program."""

from pathlib import Path

import pytest

from tests import architecture

HOUSE = Path(__file__).parent.parent


@pytest.mark.parametrize("rule", architecture.RULES, ids=lambda rule: str(rule.__name__))
def test_the_house_keeps(rule: architecture.Rule) -> None:
    found = list(rule(HOUSE))
    assert not found, "\n" + "\n".join(found)


def test_a_clean_small_house_has_no_breach(house: Path) -> None:
    assert architecture.breaches(house) == []


# what is planted: file, its text, and the words of the sentence that must find it
PLANTED = {
    "config imports sql": (
        *("config/more.py", "from sql import queries\n"),
        "config/more.py:2 imports sql, but config imports nothing of ours.",
    ),
    "sql imports realtime, even its doors": (
        *("sql/seed.py", "import realtime.publish\n"),
        "sql/seed.py:2 imports realtime.publish, but sql has these doors: config.",
    ),
    "realtime imports sql": (
        *("realtime/hub.py", "from sql import queries\n"),
        "realtime/hub.py:2 imports sql, but realtime has these doors: config. Facts reach it in a signed pass",
    ),
    "realtime imports web inside a function": (
        *("realtime/hub.py", "def late() -> None:\n    from web.orders import rules\n"),
        "realtime/hub.py:3 imports web.orders.rules",
    ),
    "realtime talks to Postgres": (
        *("realtime/hub.py", "import asyncpg\n"),
        "realtime/hub.py:2 imports asyncpg, but realtime never uses it.",
    ),
    "web imports workers": (
        *("web/app.py", "from workers.mail import send\n"),
        "web/app.py:2 imports workers.mail, but web has these doors: config, sql, realtime.publish, realtime.passes, "
        "realtime.channels, realtime.engine. Work for later is a row in the outbox",
    ),
    "web looks behind a door of realtime": (
        *("web/app.py", "from realtime import log\n"),
        "web/app.py:2 imports realtime.log, but web has these doors",
    ),
    "web takes all of realtime": (
        *("web/app.py", "import realtime\n"),
        "web/app.py:2 imports realtime, but web has these doors",
    ),
    "web imports workers by name": (
        *("web/app.py", 'import importlib\nlater = importlib.import_module("workers.mail")\n'),
        "web/app.py:3 imports workers.mail",
    ),
    "workers import a template's neighbour": (
        *("workers/mail.py", "from web.orders import forms\n"),
        "workers/mail.py:2 imports web.orders.forms, but workers has these doors",
    ),
    "bench imports realtime": (
        *("bench/chat.py", "from realtime.messages import PATH\n"),
        "bench/chat.py:2 imports realtime.messages, but bench imports nothing of ours. It is a stranger",
    ),
    "bench goes up and over": (
        *("bench/chat.py", "from ..realtime import log\n"),
        "bench/chat.py:2 imports realtime.log",
    ),
    "a room nobody knows imports bench": (
        *("tools/speed.py", "import bench\n"),
        "tools/speed.py:2 imports bench, but nobody imports bench",
    ),
    "a page imports another page": (
        *("web/orders/desk.py", "from web.orders.pages import show\n"),
        "web/orders/desk.py:2 imports web.orders.pages, but only web/routes.py knows handlers.",
    ),
    "rules look at the clock": (
        *("web/orders/rules.py", "import datetime\nNOW = datetime.datetime.now()\n"),
        "web/orders/rules.py:3 looks at the clock (datetime.now), but it is pure. Take `now` as an argument.",
    ),
    "rules await": (
        *("web/orders/rules.py", "import asyncio\n"),
        "web/orders/rules.py:2 imports asyncio, but web/orders/rules.py is pure.",
    ),
    "a state machine rolls dice": (
        *("realtime/session.py", "from random import random\n"),
        "realtime/session.py:2 imports random, but realtime/session.py is pure.",
    ),
    "a state machine reaches Redis by a friend": (
        *("realtime/session.py", "from realtime import hub\n"),
        "realtime/hub.py:3 imports redis, but realtime/session.py is pure "
        "(reached by realtime/session.py -> realtime/hub.py).",
    ),
    "a promise in the opening is kept": (
        *("realtime/capacity.py", "import os\n"),
        "realtime/capacity.py:2 imports os, but realtime/capacity.py is pure.",
    ),
    "two files need each other": (
        *("web/orders/rules.py", "from web.orders import seats\n"),
        "web.orders.rules <-> web.orders.seats import each other in a circle.",
    ),
    "a file grows too long": (
        *("web/static/live.js", "one();\n" * 401),
        "web/static/live.js has 401 lines; past 400 it tells two stories",
    ),
    "a query file grows too long": (
        *("sql/queries/orders.sql", "select 1;\n" * 401),
        "sql/queries/orders.sql has 401 lines",
    ),
    "a template grows too long": (
        *("web/templates/orders/list.html", "<p>\n" * 401),
        "web/templates/orders/list.html has 401 lines",
    ),
    "a name that fits any file": (
        *("web/orders/utils.py", ""),
        "web/orders/utils.py: this name fits any file.",
    ),
    "work is postponed": (
        *("web/orders/rules.py", f"# {'TO'}DO: later\n"),
        "web/orders/rules.py:2 postpones work in a note.",
    ),
    "something new lies at the top": (
        *("notes.md", ""),
        "notes.md is new at the top of the house.",
    ),
}


@pytest.mark.parametrize(("file", "text", "sentence"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_breach_is_found_and_explained(house: Path, file: str, text: str, sentence: str) -> None:
    plant(house, file, text)
    found = architecture.breaches(house)
    assert any(sentence in one for one in found), "\n".join(found) or "no breach was found"


def test_a_module_without_an_opening_is_found(house: Path) -> None:
    (house / "web/orders/rules.py").write_text("X = 1\n", "utf-8")
    assert architecture.breaches(house) == [
        "web/orders/rules.py has no opening. Say in one sentence what it is and what it never does."
    ]


def test_what_tools_leave_behind_is_nobodys_breach(house: Path) -> None:
    plant(house, "node_modules/left/utils.py", "import workers\n")
    plant(house, "tests/out/page.html", "<p>\n" * 500)
    assert architecture.breaches(house) == []


def test_tests_may_look_everywhere(house: Path) -> None:
    plant(house, "tests/test_mail.py", "import workers.mail\nimport bench\nfrom web.orders import pages\n")
    assert architecture.breaches(house) == []


def test_every_room_of_the_house_has_its_doors_written_down() -> None:
    rooms = {main.parent.name for main in HOUSE.glob("*/__main__.py")}
    assert rooms <= set(architecture.DOORS)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house that keeps every rule and walks through every door."""
    files = {
        "config/__init__.py": "",
        "sql/__init__.py": "from config import settings\n",
        "config/settings.py": "import os\n",
        "realtime/__init__.py": "",
        "realtime/log.py": "from redis.asyncio import Redis\n",
        "realtime/hub.py": "import asyncio\nfrom redis.asyncio import Redis\nfrom realtime import log\n",
        "realtime/publish.py": "from realtime.log import Redis\n",
        "realtime/channels.py": "import re\n",
        "realtime/passes.py": "",
        "realtime/session.py": "from realtime import channels\n",
        "web/__init__.py": "from config import settings\nfrom sql import queries\nfrom realtime import publish\n",
        "web/app.py": "from realtime.passes import issue\nfrom realtime.channels import log\n",
        "web/routes.py": "from web.orders import pages\n",
        "web/orders/pages.py": "from web.orders import rules\nfrom . import seats\n",
        "web/orders/rules.py": "",
        "web/orders/seats.py": "from web.orders.rules import hold\n",
        "web/orders/forms.py": "",
        "workers/__init__.py": "",
        "workers/mail.py": "from web.orders import rules\nfrom realtime import channels, log, publish\n",
        "bench/__init__.py": "",
        "bench/chat.py": "import asyncio\n",
        "README.md": "",
    }
    for file, text in files.items():
        plant(tmp_path, file, text)
    return tmp_path


def plant(house: Path, file: str, text: str) -> None:
    """Write a file; a Python file gets its opening first."""
    place = house / file
    place.parent.mkdir(parents=True, exist_ok=True)
    opening = '"""A room. Pure."""\n' if file.endswith("capacity.py") else '"""A room."""\n'
    place.write_text(opening + text if file.endswith(".py") else text, "utf-8")
