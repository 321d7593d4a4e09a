"""A template and what every template is given. It decides neither who may see a page nor what it says."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config import languages
from config.languages import LANGUAGES, OWN_NAMES
from web import assets, csrf, typeface
from web.keys import SETTINGS
from web.reader import meet

TEMPLATES = Path(__file__).parent / "templates"
# One environment per language, so that macros speak it too.
ENGINES = {language: web.AppKey(f"ENGINE_{language}", Environment) for language in LANGUAGES}
# Also filters: {{ session.title | text }}
WORDS: dict[str, Callable[..., str]] = {
    "text": languages.pick,
    "clock": languages.clock,
    "day": languages.day,
    "weekday": languages.weekday,
    "short_date": languages.short_date,
    "short_day": languages.short_day,
    "date_range": languages.date_range,
    "moment": languages.moment,
    "zone_name": languages.zone_name,
    "number": languages.number,
    "signed": languages.signed,
}


def prepare(app: web.Application, *, templates: Path = TEMPLATES) -> None:
    """Give the application its templates."""
    for language, key in ENGINES.items():
        words = {name: partial(say, language=language) for name, say in WORDS.items()}
        engine = aiohttp_jinja2.setup(
            app,
            app_key=key,
            loader=FileSystemLoader(templates),
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            filters=words,
            default_helpers=False,
        )
        engine.policies["ext.i18n.trimmed"] = True
        engine.globals.update(
            words,
            language=language,
            languages=[(one, OWN_NAMES[one]) for one in LANGUAGES],
            static=partial(assets.address, remembered=app[SETTINGS].production),
            script=partial(assets.script, remembered=app[SETTINGS].production),
            typeface=typeface.FIRST[language],
            development=not app[SETTINGS].production,
        )
        catalogue = languages.translations(language)
        engine.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it


async def page(
    request: web.Request, template: str, context: Mapping[str, Any], *, status: int = 200, stranger: bool = False
) -> web.Response:
    """The template filled in for whoever asks. For a `stranger` nothing is looked up: they get no form that works."""
    reader = await meet(request, stranger=stranger)
    given = {
        "person": reader.person,
        "csrf": "" if stranger else await csrf.token(request),
        "path": _path(request),
        "ringing": False,  # the bell in the header rings on pages where something is live
        **context,
    }
    response = aiohttp_jinja2.render_template(template, request, given, app_key=ENGINES[reader.language], status=status)
    csrf.plant(request, response)
    response.headers["Content-Language"] = reader.language
    response.headers["Cache-Control"] = "private, no-cache"  # a page names its reader
    response.headers["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
    return response


def _path(request: web.Request) -> str:
    """Where the reader is, as an address that can be opened again after a change of language."""
    return request.path_qs if request.method in csrf.SAFE else "/"
