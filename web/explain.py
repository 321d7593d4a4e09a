"""Every refusal and every fault becomes an error page, or JSON where a script asks. It refuses nothing itself.

A refusal is never logged with a traceback and a page never shows one; only a fault of ours is logged whole.
"""

import logging

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler
from asyncpg import (
    InsufficientResourcesError,
    InterfaceError,
    InternalClientError,
    OperatorInterventionError,
    PostgresConnectionError,
)
from redis.exceptions import RedisError

from config.languages import N_, translations
from sql.connection import is_misuse
from web.page import page
from web.reader import meet
from web.refusals import Refused

CODE_HEADER = "X-Refusal"  # the code, for programs that read no page
log = logging.getLogger(__name__)

# What is raised when Postgres or Redis do not answer.
UNREACHABLE = (
    *(PostgresConnectionError, OperatorInterventionError, InsufficientResourcesError),
    *(InterfaceError, InternalClientError),  # asyncpg's words for a connection that broke under a statement
    *(RedisError, OSError, TimeoutError),
)
TITLES = {
    400: N_("This could not be read"),
    401: N_("Sign in first"),
    403: N_("This door is closed to you"),
    404: N_("There is nothing at this address"),
    405: N_("This page does not take that"),
    410: N_("This address works no longer"),
    413: N_("This is too large"),
    429: N_("Too many attempts"),
    500: N_("Something broke on our side"),
    503: N_("We cannot answer right now"),
}
# What aiohttp itself refuses: status -> code and sentence
SENTENCES = {
    403: ("page.closed", N_("You may not open this page.")),
    404: ("page.unknown", N_("The address may be mistyped, or the page has moved.")),
    405: ("method.unknown", N_("This address does not answer to that kind of request.")),
    413: ("form.too_large", N_("What you sent is larger than we accept. Shorten it and send it again.")),
}
MALFORMED = ("request.malformed", N_("Your browser sent something we could not read. Load the page again."))
UNREACHABLE_SENTENCE = N_("A part of the service does not answer. Nothing was lost; try again in a minute.")
BROKEN_SENTENCE = N_("We have written down what happened. Nothing you sent was kept; try again in a minute.")


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every refusal and every fault with a page that says what happened and where to go."""
    try:
        return await handler(request)
    except Refused as no:
        refused = no
    except web.HTTPException as no:
        if no.status < 400:
            raise
        refused = _from_aiohttp(no)
    except UNREACHABLE as down:
        refused = _from_storage(request, down)
    except Exception:
        log.exception("%s %s broke", request.method, request.path)
        refused = Refused("page.broken", 500, BROKEN_SENTENCE)
    return await _answer(request, refused)


def _from_storage(request: web.Request, down: Exception) -> Refused:
    """Write down what storage said; it is away unless we asked it wrongly."""
    if is_misuse(down):
        log.error("%s %s broke", request.method, request.path, exc_info=down)
        return Refused("page.broken", 500, BROKEN_SENTENCE)
    log.error("%s %s: no answer behind us: %r", request.method, request.path, down)
    return Refused("service.unreachable", 503, UNREACHABLE_SENTENCE, headers={"Retry-After": "60"})


def _from_aiohttp(no: web.HTTPException) -> Refused:
    if no.status >= 500:
        log.error("aiohttp gave up: %s", no.text)
        return Refused("page.broken", 500, BROKEN_SENTENCE)
    code, sentence = SENTENCES.get(no.status, MALFORMED)
    allowed = no.headers.get("Allow")
    return Refused(code, no.status, sentence, headers={"Allow": allowed} if allowed else {})


async def _answer(request: web.Request, refused: Refused) -> web.Response:
    if refused.status < 500:
        try:
            return await _show(request, refused)
        except UNREACHABLE as down:
            _from_storage(request, down)
    # Whoever reads it cannot be asked for now, so this page knows nobody.
    return await _show(request, refused, stranger=True)


async def _show(request: web.Request, refused: Refused, *, stranger: bool = False) -> web.Response:
    if refused.status == 401 and not is_json(request):
        raise web.HTTPSeeOther(refused.way_out[0])  # whoever has to sign in first is taken there
    words = translations((await meet(request, stranger=stranger)).language)
    sentence = words.gettext(refused.sentence)
    sentence = sentence % refused.holes if refused.holes else sentence
    if is_json(request):
        answer = web.json_response({"code": refused.code, "text": sentence}, status=refused.status)
    else:
        href, label = refused.way_out
        context = {
            "status": refused.status,
            "code": refused.code,
            "title": words.gettext(TITLES.get(refused.status, TITLES[400])),
            "sentence": sentence,
            "way_out": {"href": href, "label": words.gettext(label)},
        }
        answer = await page(request, "error.html", context, status=refused.status, stranger=stranger)
    answer.headers.update(refused.headers, **{CODE_HEADER: refused.code})
    return answer


def spare_the_log(record: logging.LogRecord) -> bool:
    """A log filter: bytes that were no request were answered with 400, and are no fault of ours to be written down."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def is_json(request: web.Request) -> bool:
    """Whether a script asks: its routes have names that end in .json."""
    name = request.match_info.route.name
    return name is not None and name.endswith(".json")
