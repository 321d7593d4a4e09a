"""The names columns of an imported schedule may have, in our languages. Pure; it reads no row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("session code", "код сессии", "сессия коды"),
    "title": (
        *("title", "session", "talk", "topic", "name", "session title"),
        *("название", "тема", "доклад", "сессия", "выступление", "заголовок", "название сессии"),
        *("атауы", "тақырыбы", "тақырып", "баяндама", "сессия атауы"),
    ),
    "abstract": (
        *("abstract", "description", "about", "summary"),
        *("описание", "аннотация", "о чем", "тезисы"),
        *("сипаттама", "сипаттамасы", "аңдатпа", "мазмұны"),
    ),
    "channel": (
        "channel",
        "track",
        "room",
        "hall",
        "stream",
        "канал",
        "зал",
        "трек",
        "поток",
        "арна",
        "арнасы",
        "залы",
    ),
    "date": ("date", "day", "дата", "день", "күні", "күн"),
    "start": (
        *("start", "starts", "begin", "begins", "from", "start time", "time"),
        *("начало", "время начала", "время", "начало в", "с"),
        *("басталуы", "басталу уақыты", "уақыты", "уақыт"),
    ),
    "end": (
        *("end", "ends", "until", "to", "end time"),
        *("конец", "окончание", "время окончания", "до"),
        *("аяқталуы", "аяқталу уақыты", "соңы"),
    ),
    "duration": (
        *("duration", "length", "minutes", "min", "duration min"),
        *("длительность", "продолжительность", "минут", "мин", "минуты"),
        *("ұзақтығы", "ұзақтық", "минуты"),
    ),
    "language": ("language", "lang", "язык", "язык доклада", "тіл", "тілі"),
    "speakers": (
        *("speakers", "speaker", "presenter", "presenters"),
        *("спикеры", "спикер", "докладчик", "докладчики", "ведущий", "ведущие", "выступает"),
        *("спикерлер", "баяндамашы", "баяндамашылар", "сөйлейтіндер"),
    ),
}
LANGUAGE_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("ru", "rus", "рус", "русский", "russian", "орысша", "орыс"), "ru"),
    **dict.fromkeys(("kk", "kz", "kaz", "каз", "казахский", "kazakh", "қазақша", "қазақ", "қаз"), "kk"),
    **dict.fromkeys(("en", "eng", "анг", "англ", "английский", "english", "ағылшынша", "ағылшын"), "en"),
}

_CODE = re.compile(r"[sс]?(\d{1,18})")  # a Cyrillic letter looks the same
_BY_NAME = {said: name for name, those in NAMES.items() for said in those}
_IN_A_LANGUAGE = re.compile(r"(.+?)[\s_,:(\[-]+([^\s_,:()\[\]-]+)[)\]]?")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column says; texts may have one for each language."""

    name: str
    language: str = ""


def columns(names: Sequence[str]) -> dict[int, Column]:
    """What is known of a first row, by place; of two columns that say the same the first counts."""
    found: dict[Column, int] = {}
    for at, typed in enumerate(names):
        column = _column(typed)
        if column:
            found.setdefault(column, at)
    return {at: column for column, at in found.items()}


def known(names: Sequence[str]) -> int:
    """How many columns of a first row are known."""
    return len(columns(names))


def code(session: int) -> str:
    """What a table calls a session: it stays when the title changes, and in no other conference it means another."""
    return f"s{session}"


def coded(typed: str) -> int | None:
    """The session with this code; None when it is no code."""
    found = _CODE.fullmatch(typed.casefold())
    return int(found[1]) if found else None


def _column(typed: str) -> Column | None:
    text = " ".join(typed.casefold().replace("ё", "е").replace("*", "").split()).strip(" .:")
    if text in _BY_NAME:
        return Column(_BY_NAME[text])
    parts = _IN_A_LANGUAGE.fullmatch(text)
    if parts and parts[1] in _BY_NAME:
        name, language = _BY_NAME[parts[1]], LANGUAGE_NAMES.get(parts[2], "")
        if language and name in ("title", "abstract"):
            return Column(name, language)
        return Column(name) if not language else None  # "duration (min)"
    return None
