"""What a browser posted, read once and checked for shape. It knows no form by name."""

from collections.abc import Mapping

from aiohttp import web
from aiohttp.http import HttpProcessingError

from config.languages import N_
from web.refusals import Refused

KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
FORM: web.RequestKey[Mapping[str, str]] = web.RequestKey("FORM")


async def read_form(request: web.Request) -> Mapping[str, str]:
    """The text fields of the posted form; of fields with one name the first. Raises Refused form.malformed."""
    if FORM not in request:
        request[FORM] = await _read(request)
    return request[FORM]


async def _read(request: web.Request) -> Mapping[str, str]:
    malformed = Refused(
        "form.malformed", 400, N_("The form arrived damaged. Go back, load the page again and resend it.")
    )
    if request.content_type not in KINDS:
        raise malformed
    try:
        posted = await request.post()
    except (ValueError, LookupError, HttpProcessingError):
        # A boundary, an encoding or a character set that is not what it says.
        raise malformed from None
    fields: dict[str, str] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            fields.setdefault(name, value)
    if any("\0" in value for value in fields.values()):  # Postgres keeps no such text
        raise malformed
    return fields
