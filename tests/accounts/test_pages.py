"""Signing in and out over HTTP, and every way it can go wrong."""

import asyncio
import json
import time
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis

from config.settings import Settings
from sql.connection import Pool
from tests.web.site import PASSWORD, TOKEN, Site, Visitor, in_production, opened

DAY = 24 * 3600
WRONG = {"email": "anna@veche.example", "password": "не тот"}


async def test_the_right_password_opens_the_page_that_was_asked_for(visitor: Visitor) -> None:
    asked = await visitor.get("/c/school/main")
    assert asked.status == 303
    assert asked.headers["Location"] == "/sign-in?next=/c/school/main"
    answer = await visitor.sign_in(next="/c/school/main")
    assert answer.status == 303
    assert answer.headers["Location"] == "/c/school/main"
    assert "Anna" in await visitor.read("/c/school/main")


async def test_an_email_is_found_however_it_is_typed(visitor: Visitor) -> None:
    assert (await visitor.sign_in("  Anna@VECHE.example ")).status == 303


async def test_a_wrong_password_says_so_and_keeps_the_email_and_where_it_led(visitor: Visitor) -> None:
    answer = await visitor.sign_in(password="не тот", next="/c/school/main")
    page = await answer.text()
    assert answer.status == 401
    assert answer.headers["X-Refusal"] == "password.wrong"
    assert 'value="anna@veche.example"' in page
    assert 'name="next" value="/c/school/main"' in page
    assert 'role="alert"' in page
    assert "не тот" not in page


async def test_a_stranger_and_a_wrong_password_are_told_the_same(site: Site) -> None:
    pages = []
    for email in ("anna@veche.example", "nobody@veche.example"):
        answer = await (await site.visitor()).sign_in(email, "не тот", csrf="")
        assert answer.status == 403  # no token, no answer about anybody
        visitor = await site.visitor()
        token = await visitor.token()
        answer = await visitor.sign_in(email, "не тот", csrf=token)
        masked = (await answer.text()).replace(email, "E-MAIL")
        pages.append((answer.status, answer.headers["X-Refusal"], len(masked)))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("email", "password", "status", "code"),
    [
        ("", PASSWORD, 400, "email.malformed"),
        ("anna", PASSWORD, 400, "email.malformed"),
        ("anna@veche.example\x01", PASSWORD, 400, "email.malformed"),
        ("anna@veche.example", "", 400, "password.missing"),
        ("anna@veche.example", "я" * 1001, 401, "password.wrong"),
        ("anna@veche.example", "\0", 400, "form.malformed"),
        ("'; drop table person; --@veche.example", PASSWORD, 400, "email.malformed"),
    ],
)
async def test_a_form_that_cannot_be_right_gets_its_own_sentence(
    visitor: Visitor, email: str, password: str, status: int, code: str
) -> None:
    answer = await visitor.sign_in(email, password)
    assert (answer.status, answer.headers["X-Refusal"]) == (status, code)


async def test_twenty_wrong_passwords_meet_a_wall_that_says_when_it_opens(visitor: Visitor) -> None:
    token = await visitor.token()
    answers = [await visitor.post("/sign-in", **WRONG, csrf=token) for _ in range(20)]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 10
    wall = answers[-1]
    assert wall.headers["X-Refusal"] == "password.throttled"
    assert 800 < int(wall.headers["Retry-After"]) <= 900
    assert 'value="anna@veche.example"' in await wall.text()
    assert "15" in await wall.text()
    right = await visitor.sign_in(csrf=token)
    assert right.status == 429, "a right password at the wall would tell a guesser that it is right"


async def test_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out(
    settings: Settings, world: None, quiet: None
) -> None:
    async with opened(replace(settings, trusted_proxies=1)) as site:
        guesser = await site.visitor(headers={"X-Forwarded-For": "192.0.2.1"})
        token = await guesser.token()
        answers = [await guesser.post("/sign-in", **WRONG, csrf=token) for _ in range(11)]
        assert answers[-1].status == 429
        owner = await site.visitor(headers={"X-Forwarded-For": "192.0.2.2"})
        assert (await owner.sign_in()).status == 303
        assert (await guesser.post("/sign-in", **WRONG, csrf=token)).status == 429


async def test_twenty_wrong_passwords_at_once_do_not_slip_through(visitor: Visitor) -> None:
    token = await visitor.token()
    answers = await asyncio.gather(*(visitor.post("/sign-in", **WRONG, csrf=token) for _ in range(20)))
    assert [answer.status for answer in answers].count(401) <= 11  # two are compared at once


async def test_a_stranger_meets_the_same_wall(visitor: Visitor) -> None:
    token = await visitor.token()
    answers = [await visitor.sign_in("nobody@veche.example", "x", csrf=token) for _ in range(11)]
    assert [answer.status for answer in answers] == [401] * 10 + [429]


async def test_the_right_password_forgives_the_slips_before_it(site: Site) -> None:
    first, second = await site.visitor(), await site.visitor()
    token = await first.token()
    slips = [await first.post("/sign-in", **WRONG, csrf=token) for _ in range(9)]
    assert (await first.sign_in(csrf=token)).status == 303
    token = await second.token()
    slips += [await second.post("/sign-in", **WRONG, csrf=token) for _ in range(2)]
    assert {answer.status for answer in slips} == {401}


@pytest.mark.parametrize("leads_to", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
async def test_a_sign_in_never_leads_away_from_the_site(visitor: Visitor, leads_to: str) -> None:
    assert 'name="next" value="/"' in await visitor.read("/sign-in", params={"next": leads_to})
    answer = await visitor.sign_in(next=leads_to)
    assert answer.headers["Location"] == "/"
    signed_in = await visitor.get("/sign-in", params={"next": leads_to})
    assert (signed_in.status, signed_in.headers["Location"]) == (303, "/")


async def test_signing_in_begins_a_session_nobody_has_seen(site: Site, redis: Redis) -> None:
    planted = await site.visitor(signed_in="mira@veche.example")
    jar, home = planted.http.session.cookie_jar, planted.http.make_url("/")
    before = jar.filter_cookies(home)["veche"].value
    await planted.sign_in()
    after = jar.filter_cookies(home)["veche"].value
    assert before != after
    assert await redis.keys("*") == [f"veche_{after}".encode()]


async def test_signing_out_ends_the_session_even_for_a_stolen_cookie(site: Site, anna: Visitor) -> None:
    stolen = anna.http.session.cookie_jar.filter_cookies(anna.http.make_url("/"))["veche"].value
    thief = await site.visitor(headers={"Cookie": f"veche={stolen}"})
    assert (await thief.get("/c/school/main")).status == 200
    answer = await anna.post("/sign-out")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (await anna.get("/c/school/main")).status == 303
    assert (await thief.get("/c/school/main")).status == 303


async def test_signing_out_leaves_nothing_behind(anna: Visitor, visitor: Visitor, redis: Redis) -> None:
    answer = await anna.post("/sign-out")
    assert answer.cookies["veche"].value == ""
    assert "veche" not in anna.http.session.cookie_jar.filter_cookies(anna.http.make_url("/"))
    assert (await visitor.post("/sign-out")).status == 303, "nobody was signed in"
    assert await redis.keys("*") == []


async def test_the_session_cookie_is_taken_back_in_words_browsers_listen_to(
    settings: Settings, redis: Redis, database: Pool, world: None, quiet: None
) -> None:
    person = await database.fetchval("select id from person where email = 'anna@veche.example'")
    kept = {"created": int(time.time()), "session": {"person": person}}
    await redis.set("__Host-veche_kept", json.dumps(kept))
    async with opened(in_production(settings)) as site:
        anna = await site.visitor(headers={"Cookie": "__Host-veche=kept"})
        found = TOKEN.search(await anna.read("/c/school"))
        answer = await anna.post("/sign-out", csrf=found[1] if found else "")
    assert answer.cookies["__Host-veche"].value == ""
    assert answer.cookies["__Host-veche"]["secure"]
    assert answer.cookies["__Host-veche"]["path"] == "/"


async def test_a_page_under_way_does_not_bring_back_somebody_who_signed_out(
    anna: Visitor, redis: Redis, database: Pool
) -> None:
    found = TOKEN.search(await anna.read("/c/school"))
    (key,) = await redis.keys("*")
    kept = json.loads(await redis.get(key) or b"")
    await redis.set(key, json.dumps({**kept, "created": int(time.time()) - 2 * DAY}))  # so the page would keep it anew
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("lock table person in access exclusive mode")
        under_way = asyncio.create_task(anna.get("/c/school"))
        async with asyncio.timeout(10):
            waits = "select count(*) from pg_locks where not granted"
            while not await connection.fetchval(waits):  # noqa: ASYNC110  # Postgres rings nobody when somebody waits
                await asyncio.sleep(0.01)
        assert (await anna.post("/sign-out", csrf=found[1] if found else "")).status == 303
    answer = await under_way
    assert answer.status == 200
    assert "veche" not in answer.cookies
    assert await redis.keys("*") == []


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    settings: Settings, world: None, quiet: None
) -> None:
    cookies = []
    for given in (settings, in_production(settings)):
        async with opened(given) as site:
            visitor = await site.visitor()
            form = await visitor.get("/sign-in")
            found = TOKEN.search(await form.text())
            brought = {"Cookie": form.headers["Set-Cookie"].partition(";")[0]}  # a browser sends it over https only
            fields = {"email": "anna@veche.example", "password": PASSWORD, "csrf": found[1] if found else ""}
            cookies.append((await visitor.ask("POST", "/sign-in", data=fields, headers=brought)).headers["Set-Cookie"])
    laptop, production = cookies
    assert laptop.startswith("veche=")
    assert "HttpOnly" in laptop
    assert "SameSite=Lax" in laptop
    assert "Secure" not in laptop
    assert production.startswith("__Host-veche=")
    assert "Secure" in production
    assert "Path=/" in production


async def test_two_tabs_opened_after_signing_in_agree_on_their_forms(visitor: Visitor) -> None:
    await visitor.sign_in()
    pages = await asyncio.gather(*(visitor.read("/c/school") for _ in range(5)))
    tokens = [found[1] for found in map(TOKEN.search, pages) if found]
    for token in tokens:
        assert (await visitor.post("/language", csrf=token, language="en")).status == 303
    assert len(tokens) == 5


async def test_a_session_lives_on_with_every_day_somebody_comes(site: Site, redis: Redis, database: Pool) -> None:
    person = await database.fetchval("select id from person where email = 'anna@veche.example'")
    before = int(time.time()) - 2 * DAY
    await redis.set("veche_kept", json.dumps({"created": before, "session": {"person": person}}))
    visitor = await site.visitor(headers={"Cookie": "veche=kept"})
    assert (await visitor.get("/c/school/main")).status == 200
    kept = json.loads(await redis.get("veche_kept") or b"")
    assert kept["created"] > before + DAY
    assert await redis.ttl("veche_kept") > 29 * DAY


async def test_a_session_nobody_used_for_a_month_is_over(site: Site, redis: Redis, database: Pool) -> None:
    person = await database.fetchval("select id from person where email = 'anna@veche.example'")
    before = int(time.time()) - 31 * DAY
    await redis.set("veche_kept", json.dumps({"created": before, "session": {"person": person}}))
    visitor = await site.visitor(headers={"Cookie": "veche=kept"})
    assert (await visitor.get("/c/school/main")).status == 303


async def test_somebody_who_was_erased_is_signed_out(anna: Visitor, database: Pool) -> None:
    await database.execute("delete from person where email = 'anna@veche.example'")
    assert (await anna.get("/c/school/main")).status == 303


async def test_a_hash_from_weaker_days_is_renewed_by_signing_in(visitor: Visitor, database: Pool) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await database.execute("update person set password_hash = $1 where email = 'anna@veche.example'", weak)
    assert (await visitor.sign_in()).status == 303
    kept = await database.fetchval("select password_hash from person where email = 'anna@veche.example'")
    assert kept != weak
    assert PasswordHasher().verify(kept, PASSWORD)


async def test_a_hash_that_is_none_lets_nobody_in(visitor: Visitor, database: Pool) -> None:
    await database.execute("update person set password_hash = '!'")
    assert (await visitor.sign_in()).status == 401


async def test_the_demo_is_offered_on_a_laptop_and_never_to_strangers(
    settings: Settings, database: Pool, world: None, quiet: None
) -> None:
    await database.execute("update person set email = 'anna@demo.veche' where email = 'anna@veche.example'")
    async with opened(settings) as site:
        assert "anna@demo.veche" in await (await site.visitor()).read("/sign-in")
    async with opened(in_production(settings)) as site:
        assert "anna@demo.veche" not in await (await site.visitor()).read("/sign-in")


async def test_the_demo_with_its_well_known_password_opens_nothing_to_strangers(
    settings: Settings, database: Pool, world: None, quiet: None
) -> None:
    await database.execute("update person set email = 'anna@demo.veche' where email = 'anna@veche.example'")
    async with opened(settings) as site:
        assert (await (await site.visitor()).sign_in("anna@demo.veche")).status == 303
    async with opened(in_production(settings)) as site:
        visitor = await site.visitor()
        form = await visitor.get("/sign-in")
        found = TOKEN.search(await form.text())
        cookie = {"Cookie": form.headers["Set-Cookie"].partition(";")[0]}  # a browser sends it over https only
        fields = {"email": "Anna@Demo.veche", "password": PASSWORD, "csrf": found[1] if found else ""}
        answer = await visitor.ask("POST", "/sign-in", data=fields, headers=cookie)
        assert (answer.status, answer.headers["X-Refusal"]) == (401, "password.wrong")


async def test_a_language_chosen_by_hand_stays_and_letters_come_in_it(
    visitor: Visitor, anna: Visitor, database: Pool
) -> None:
    answer = await visitor.post("/language", language="kk", next="/sign-in")
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert '<html lang="kk">' in await visitor.read("/sign-in", headers={"Accept-Language": "en"})
    await anna.post("/language", language="en", next="//evil.example")
    assert '<html lang="en"' in await anna.read("/c/school")
    assert await database.fetchval("select language from person where email = 'anna@veche.example'") == "en"


async def test_a_language_nobody_speaks_is_refused(visitor: Visitor) -> None:
    answer = await visitor.post("/language", language="xx", next="/")
    assert (answer.status, answer.headers["X-Refusal"]) == (400, "language.unknown")


async def test_pages_never_wait_for_passwords(site: Site) -> None:
    """While people stand in line to sign in, another page comes quickly."""
    visitor = await site.visitor()
    token = await visitor.token()
    line = [asyncio.create_task(visitor.sign_in(f"n{n}@veche.example", "x", csrf=token)) for n in range(10)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await visitor.read("/c/school")
    assert not all(one.done() for one in line)
    await asyncio.gather(*line)
