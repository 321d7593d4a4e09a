"""Pages of accounts: sign in, sign out, the language. It holds no rule and no SQL."""

from urllib.parse import quote

from aiohttp import web

from config.languages import LANGUAGES, N_, translations
from sql import queries
from web import sessions, throttle
from web.accounts import rules
from web.accounts.passwords import Busy
from web.conferences import door, stars
from web.explain import CODE_HEADER
from web.forms import read_form
from web.keys import PASSWORDS, POOL, REDIS, SETTINGS
from web.page import page
from web.reader import meet, remember_language
from web.refusals import Refused

ACCOUNTS = queries("accounts")
DEMO_PASSWORD = "veche-demo"  # what the seed gives the people of the demo


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """GET /sign-in: the form, or where it leads for somebody signed in already."""
    leads_to = rules.local(request.query.get("next", "/"))
    if (await meet(request)).person:
        raise web.HTTPSeeOther(leads_to)
    return await _form(request, leads_to)


async def sign_in(request: web.Request) -> web.StreamResponse:
    """POST /sign-in: sign in, or the form again with what is wrong; the e-mail stays typed."""
    form = await read_form(request)
    typed, password = form.get("email", ""), form.get("password", "")
    leads_to = rules.local(form.get("next", "/"))
    email = rules.normal_email(typed)
    wrong = rules.acceptable(email, password)
    if email is None or wrong:
        return await _refuse(request, wrong or "email.malformed", typed, leads_to)
    try:
        async with request.app[PASSWORDS].turn():
            person, waiting = await _check(request, email, password)
    except Busy:
        return await _refuse(request, "sign_in.busy", typed, leads_to)
    if waiting:
        return await _tell_to_wait(request, waiting, typed, leads_to)
    if person is None:
        return await _refuse(request, "password.wrong", typed, leads_to)
    await sessions.begin(request, person)
    response = web.HTTPSeeOther(leads_to)
    await stars.take_along(request, response, person)
    raise response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """POST /sign-out: this browser's session ends, and with it the live passes that its pages have.

    A pass does not say which browser it was given to: so all of the person's end, and other browsers, where they are
    still signed in, fetch the next one at once.
    """
    person = await sessions.end(request)
    if person is not None:
        async with request.app[POOL].acquire() as connection:
            await door.end(connection, users=[person])
    raise web.HTTPSeeOther("/")


async def choose_language(request: web.Request) -> web.StreamResponse:
    """POST /language: keep a language in this browser, and for letters."""
    form = await read_form(request)
    language = form.get("language", "")
    if language not in LANGUAGES:
        raise Refused("language.unknown", 400, N_("We do not speak that language yet. Choose one of those offered."))
    person = (await meet(request)).person
    if person:  # letters come in it too
        await request.app[POOL].execute(ACCOUNTS.set_language, person.id, language)
    response = web.HTTPSeeOther(rules.local(form.get("next", "/")))
    remember_language(request, response, language)
    raise response


async def _check(request: web.Request, email: str, password: str) -> tuple[int | None, int]:
    """The person whose password this is, or None; and how many seconds to wait when too many were wrong."""
    redis = request.app[REDIS]
    address = throttle.address_of(request, trusted_proxies=request.app[SETTINGS].trusted_proxies)
    waiting = await throttle.wait(redis, email=email, address=address)
    if waiting:
        return None, waiting
    row = await request.app[POOL].fetchrow(ACCOUNTS.password_by_email, email)
    if request.app[SETTINGS].production and rules.of_the_demo(email):
        row = None  # their password is in the README; a database tried out on a laptop may have moved here
    kept = row["password_hash"] if row else None
    if not await request.app[PASSWORDS].match(kept, password) or row is None:
        await throttle.count_wrong(redis, email=email, address=address)
        return None, 0
    await throttle.forgive(redis, email=email, address=address)
    renewed = await request.app[PASSWORDS].renewed(row["password_hash"], password)
    if renewed:
        await request.app[POOL].execute(ACCOUNTS.set_password_hash, row["id"], renewed)
    return row["id"], 0


async def _tell_to_wait(request: web.Request, seconds: int, typed: str, leads_to: str) -> web.Response:
    code, status = rules.THROTTLED
    count = rules.minutes(seconds)
    words = translations((await meet(request)).language)
    sentence = words.ngettext(
        "Too many wrong passwords. Try again in %(count)s minute.",
        "Too many wrong passwords. Try again in %(count)s minutes.",
        count,
    )
    response = await _form(request, leads_to, code, sentence % {"count": count}, typed, status=status)
    response.headers["Retry-After"] = str(seconds)
    return response


async def _refuse(request: web.Request, code: str, typed: str, leads_to: str) -> web.Response:
    status, sentence = rules.REFUSALS[code]
    words = translations((await meet(request)).language)
    return await _form(request, leads_to, code, words.gettext(sentence), typed, status=status)


async def _form(
    request: web.Request, leads_to: str, code: str = "", error: str | None = None, typed: str = "", *, status: int = 200
) -> web.Response:
    context = {
        "email": typed,
        "error": error,
        "code": code,
        "next": leads_to,
        "path": f"/sign-in?next={quote(leads_to)}",
        "demo": await _demo(request),
    }
    response = await page(request, "accounts/sign_in.html", context, status=status)
    if code:
        response.headers[CODE_HEADER] = code
    return response


async def _demo(request: web.Request) -> list[dict[str, str]]:
    """Sign-ins of the demo, for whoever tries the program on a laptop."""
    if request.app[SETTINGS].production:
        return []
    words = translations((await meet(request)).language)
    rows = await request.app[POOL].fetch(ACCOUNTS.demo_people)
    return [
        {
            "name": row["name"],
            "email": row["email"],
            "role": words.gettext(rules.ROLES[row["role"]]),
            "password": DEMO_PASSWORD,
        }
        for row in rows
    ]
