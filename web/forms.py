"""What a browser posted, read once and checked for shape. It knows no form by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler
from aiohttp.web_request import FileField

from config.languages import N_
from web.refusals import Refused
from web.sessions import signed_in

KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
TEXTS = 384 * 1024  # bytes of a form with long texts in three languages: a letter is six of them as browsers send it
FORM: web.RequestKey[Mapping[str, str]] = web.RequestKey("FORM")
FILES: web.RequestKey[Mapping[str, "Upload"]] = web.RequestKey("FILES")
# Handlers whose forms may be larger than the application's, and how large (bytes): those that take files.
AT_MOST: dict[Handler, int] = {}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent: its name and type are what the browser says, and no more than that."""

    name: str
    type: str
    content: bytes


def takes(at_most: int) -> Callable[[Handler], Handler]:
    """Let a handler's form be as large as this, in bytes: `@takes(8 * 1024 * 1024)`. Larger ones are refused (413)."""

    def remember(handler: Handler) -> Handler:
        AT_MOST[handler] = at_most
        return handler

    return remember


async def read_form(request: web.Request) -> Mapping[str, str]:
    """The text fields of the posted form; of fields with one name the first. Raises Refused form.malformed."""
    if FORM not in request:
        request[FORM], request[FILES] = await _read(request)
    return request[FORM]


async def read_file(request: web.Request, name: str) -> Upload | None:
    """The file of a field; None when none was chosen. Raises Refused form.malformed."""
    await read_form(request)
    return request[FILES].get(name)


async def _read(request: web.Request) -> tuple[Mapping[str, str], Mapping[str, Upload]]:
    malformed = Refused(
        "form.malformed", 400, N_("The form arrived damaged. Go back, load the page again and resend it.")
    )
    if request.content_type not in KINDS:
        raise malformed
    # Strangers send no files: they are not listened to for that long.
    larger = AT_MOST.get(request.match_info.handler) if await signed_in(request) else None
    try:
        posted = await (request.clone(client_max_size=larger) if larger else request).post()
    except (ValueError, LookupError, HttpProcessingError):
        # A boundary, an encoding or a character set that is not what it says.
        raise malformed from None
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            fields.setdefault(name, value)
        elif isinstance(value, FileField) and value.filename:
            with value.file as opened:
                files.setdefault(name, Upload(value.filename, value.content_type, opened.read()))
    if any("\0" in value for value in fields.values()):  # Postgres keeps no such text
        raise malformed
    return fields, files
