"""The rules of the house as functions over a folder. Each answers with breaches in words; it never changes a file.

They read the tree by `ast` and import nothing, so a breach can be planted in a folder of its own and be found there.
"""

import ast
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

# room -> the doors it may go through, besides its own; `*` stands for one name
DOORS: Mapping[str, tuple[str, ...]] = {
    "config": (),
    "sql": ("config",),
    "realtime": ("config",),
    "web": ("config", "sql", "realtime.publish", "realtime.passes", "realtime.channels", "realtime.engine"),
    "workers": (
        *("config", "sql", "web.*.rules"),
        *("realtime.publish", "realtime.channels", "realtime.log", "realtime.engine"),
    ),
    "bench": (),
}
# room -> what it does instead of importing; the second half of a breach's sentence
WAY_OUT: Mapping[str, str] = {
    "config": "Hand the value in as an argument.",
    "sql": "Return rows; whoever asked decides and tells.",
    "realtime": "Facts reach it in a signed pass or through realtime.publish, never from a database or a page.",
    "web": "Work for later is a row in the outbox (sql/queries/outbox.sql); live rooms hear through realtime.publish.",
    "workers": "Move the decision into web/<domain>/rules.py, or say it through realtime.publish.",
    "bench": "It is a stranger with a socket: it starts `python -m realtime` and speaks the wire.",
}
CLOSED_ROOMS = ("workers", "bench")  # they import others; nobody imports them
PAGES = ("pages", "desk")  # handlers: routes.py lists them, nobody else needs them
STRANGERS = {"realtime": ("asyncpg", "sqlite3")}  # libraries a room never uses: the live half has no database

PURE = (
    "web/*/rules.py",
    "web/*/*_rules.py",
    "web/permissions.py",
    *(f"web/conferences/{name}.py" for name in ("sentences", "channel_words", "player", "stage_words")),
    *(f"realtime/{name}.py" for name in ("messages", "commands", "channels", "passes", "session", "history", "writes")),
    *(f"realtime/{name}.py" for name in ("chat", "questions", "inbox", "announcements", "moderation", "words")),
    *(f"realtime/{name}.py" for name in ("events", "question_events", "inbox_events", "stage_events", "stage")),
    *(f"realtime/{name}.py" for name in ("presence", "gestures", "limits", "errors", "frames", "reader")),
)
IMPURE = {
    *("asyncio", "threading", "subprocess", "socket", "os"),
    *("redis", "websockets", "asyncpg", "aiohttp", "uvloop"),
    *("time", "random", "secrets"),
}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}

LONGEST = 400  # lines; beyond that a file tells two stories
MEASURED = ("*.py", "*.js", "sql/queries/*.sql", "web/templates/*.html", "workers/letters/*")
READ = (".py", ".js", ".css", ".html", ".sql", ".lua", ".po", ".md", ".toml", ".in", ".txt")
NOT_OURS = {
    *(".git", ".venv", "node_modules", "var", "__pycache__"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"),
}
NOT_SOURCE = ("tests/out/*",)
TOP = {
    *("config", "sql", "realtime", "web", "workers", "bench", "tests", "docs"),
    *("Makefile", "Procfile", "pyproject.toml", "README.md", "LICENSE"),
    *(".ci", ".gitignore", ".gitattributes", ".npmrc", "package.json", "package-lock.json"),
}
EMPTY_NAMES = {
    *("manager", "helper", "helpers", "util", "utils", "common", "misc"),
    *("data", "process", "handle", "handler"),
}
POSTPONED = re.compile(r"\b(?:[T]ODO|[F]IXME)\b")  # the brackets keep this file from finding itself


Rule = Callable[[Path], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Import:
    """One import: `file:line` asks for `target`, a dotted name as far as it is a module."""

    file: str
    line: int
    target: str


def breaches(root: Path) -> list[str]:
    """Everything in the tree that breaks a rule of the house, one sentence each."""
    return [sentence for rule in RULES for sentence in rule(root)]


def doors(root: Path) -> Iterator[str]:
    """Rooms reach each other through their doors only."""
    for found in imports(root):
        room, other = found.file.split("/")[0], found.target.split(".")[0]
        if room == "tests" or other not in DOORS or room not in DOORS:
            continue
        if room != other and not _through(found.target, DOORS[room]):
            yield f"{found.file}:{found.line} imports {found.target}, but {_doors_of(room)} {WAY_OUT[room]}"


def closed_rooms(root: Path) -> Iterator[str]:
    """Nobody imports a room that only acts: not even through a door of its own."""
    for found in imports(root):
        room, other = found.file.split("/")[0], found.target.split(".")[0]
        if other in CLOSED_ROOMS and room not in (other, "tests", *DOORS):
            yield f"{found.file}:{found.line} imports {found.target}, but nobody imports {other}; it is a program."


def pages(root: Path) -> Iterator[str]:
    """Handlers are known to routes.py and to nobody else."""
    for found in imports(root):
        parts = found.target.split(".")
        if parts[0] != "web" or parts[-1] not in PAGES or found.file == "web/routes.py":
            continue
        if not found.file.startswith("tests/"):
            yield (
                f"{found.file}:{found.line} imports {found.target}, but only web/routes.py knows handlers. "
                f"Move what two pages share into web/{parts[1]}/rules.py (a decision) or a file beside it."
            )


def strangers(root: Path) -> Iterator[str]:
    """The live half has no database."""
    for found in imports(root):
        room, library = found.file.split("/")[0], found.target.split(".")[0]
        if library in STRANGERS.get(room, ()):
            yield f"{found.file}:{found.line} imports {library}, but {room} never uses it. {WAY_OUT[room]}"


def purity(root: Path) -> Iterator[str]:
    """A pure file, and every file of ours it imports, knows no clock, no chance and no wire."""
    asked = _by_file(root)
    modules = {dotted: file for file, dotted in _modules(root).items()}
    for file, tree in _trees(root).items():
        if not _is_pure(file, tree):
            continue
        for chain, found in _reached(file, asked, modules):
            library = found.target.split(".")[0]
            if library in IMPURE:
                way = "" if len(chain) == 1 else f" (reached by {' -> '.join(chain)})"
                yield (
                    f"{found.file}:{found.line} imports {library}, but {file} is pure{way}. "
                    "Let clock, chance and answers come in as arguments, and return what is to be done."
                )
        for line, name in _clocks(tree):
            yield f"{file}:{line} looks at the clock ({name}), but it is pure. Take `now` as an argument."


def circles(root: Path) -> Iterator[str]:
    """No file needs a file that needs it."""
    known = set(_modules(root).values())
    graph: dict[str, set[str]] = {dotted: set() for dotted in known}
    names = _modules(root)
    for found in imports(root):
        if found.target in known and found.target != names[found.file]:
            graph[names[found.file]].add(found.target)
    for knot in _knots(graph):
        yield (
            f"{' <-> '.join(sorted(knot))} import each other in a circle. "
            "Move what both need into the one that is imported, or into a third file."
        )


def length(root: Path) -> Iterator[str]:
    """A file is at home near 150 lines and never passes the longest."""
    for file in _files(root):
        if not any(fnmatchcase(file, pattern) for pattern in MEASURED):
            continue
        lines = len((root / file).read_text("utf-8").splitlines())
        if lines > LONGEST:
            yield f"{file} has {lines} lines; past {LONGEST} it tells two stories: split it where the second begins."


def openings(root: Path) -> Iterator[str]:
    """Every module opens with a sentence."""
    for file, tree in _trees(root).items():
        if not (ast.get_docstring(tree) or "").strip():
            yield f"{file} has no opening. Say in one sentence what it is and what it never does."


def names(root: Path) -> Iterator[str]:
    """Files carry the product's words."""
    for file in _files(root):
        if Path(file).stem in EMPTY_NAMES:
            yield f"{file}: this name fits any file. Name it after what it holds or does for the product."


def top(root: Path) -> Iterator[str]:
    """The first listing of the house has seven rooms and nothing to trip over."""
    for entry in sorted(one.name for one in root.iterdir()):
        if entry not in TOP and entry not in NOT_OURS:
            yield f"{entry} is new at the top of the house. Put it in its room, or add it to TOP and README."


def postponed(root: Path) -> Iterator[str]:
    """Work left over is an issue, not a note in the code."""
    for file in _files(root):
        if not file.endswith(READ):
            continue
        for at, line in enumerate((root / file).read_text("utf-8").splitlines(), start=1):
            if POSTPONED.search(line):
                yield f"{file}:{at} postpones work in a note. Do it now, or open an issue and delete the note."


RULES: tuple[Rule, ...] = (
    *(doors, closed_rooms, pages, strangers, purity, circles),
    *(length, openings, names, top, postponed),
)


def imports(root: Path) -> Iterator[Import]:
    """Every import of every Python file, wherever in the file it stands."""
    modules = set(_modules(root).values())
    for file, tree in _trees(root).items():
        for node in ast.walk(tree):
            for target in _targets(node, file, modules):
                yield Import(file, getattr(node, "lineno", 0), target)


def _targets(node: ast.AST, file: str, modules: set[str]) -> list[str]:
    match node:
        case ast.Import(names=asked):
            return [one.name for one in asked]
        case ast.ImportFrom(module=module, names=asked, level=level):
            start = _absolute(file, level, module)
            # `from realtime import publish` asks for the module, `from sql import queries` for what is in sql.
            return [f"{start}.{one.name}" if f"{start}.{one.name}" in modules else start for one in asked]
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"), args=args
        ):
            return [one.value for one in args[:1] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return []


def _absolute(file: str, level: int, module: str | None) -> str:
    package = Path(file).parent.parts
    above = package[: len(package) - level + 1] if level else ()
    return ".".join((*above, *([module] if module else [])))


def _through(target: str, allowed: tuple[str, ...]) -> bool:
    parts = target.split(".")
    for door in allowed:
        names = door.split(".")
        if len(parts) >= len(names) and all(map(fnmatchcase, parts, names)):
            return True
    return False


def _doors_of(room: str) -> str:
    if not DOORS[room]:
        return f"{room} imports nothing of ours."
    return f"{room} has these doors: {', '.join(DOORS[room])}."


def _is_pure(file: str, tree: ast.Module) -> bool:
    """By its place, or because its own opening promises it."""
    promised = re.search(r"\bPure\b", ast.get_docstring(tree) or "")
    return any(fnmatchcase(file, pattern) for pattern in PURE) or (bool(promised) and not file.startswith("tests/"))


def _reached(
    file: str, asked: Mapping[str, list[Import]], modules: Mapping[str, str]
) -> Iterator[tuple[list[str], Import]]:
    """Every import of a file and of the files of ours it imports, with the way that led there."""
    seen, waiting = {file}, [[file]]
    while waiting:
        chain = waiting.pop()
        for found in asked.get(chain[-1], []):
            yield chain, found
            further = modules.get(found.target)
            if further is not None and further not in seen:
                seen.add(further)
                waiting.append([*chain, further])


def _clocks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            last = node.func.value
            owner = last.id if isinstance(last, ast.Name) else last.attr if isinstance(last, ast.Attribute) else ""
            if (owner, node.func.attr) in CLOCKS:
                yield node.lineno, f"{owner}.{node.func.attr}"


def _knots(graph: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """Groups of two and more that all reach each other. Small graph, so reachability is counted plainly."""
    reach = {start: _reach(graph, start) for start in graph}
    done: set[str] = set()
    for start in sorted(graph):
        knot = {other for other in reach[start] if start in reach[other]}
        if knot and start not in done:
            done |= knot
            yield knot


def _reach(graph: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(graph[one])
    return seen


def _by_file(root: Path) -> dict[str, list[Import]]:
    asked: dict[str, list[Import]] = {}
    for found in imports(root):
        asked.setdefault(found.file, []).append(found)
    return asked


def _modules(root: Path) -> dict[str, str]:
    """Python file -> its dotted name."""
    return {
        file: file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in _files(root)
        if file.endswith(".py")
    }


def _trees(root: Path) -> dict[str, ast.Module]:
    return {file: ast.parse((root / file).read_text("utf-8"), file) for file in _modules(root)}


def _files(root: Path) -> list[str]:
    """Files of ours as posix paths, without what tools make (.gitignore keeps that out of the house too)."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - NOT_OURS)  # never walked into: they hold tens of thousands of files
        found += [(Path(folder) / file).relative_to(root).as_posix() for file in files]
    return sorted(file for file in found if not any(fnmatchcase(file, pattern) for pattern in NOT_SOURCE))
