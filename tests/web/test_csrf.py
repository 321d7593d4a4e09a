"""Forms come from pages of ours; damaged ones are refused with a sentence."""

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from config.settings import Settings
from tests.web.site import TOKEN, Site, Visitor, in_production, opened

FORMS = ["/sign-in", "/sign-out", "/language"]


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_without_its_token_is_refused(anna: Visitor, path: str) -> None:
    for token in ("", "x", "ы", "AAAA", "A" * 44, "A" * 88, "A" * 5000):
        answer = await anna.post(path, csrf=token, email="anna@veche.example", password="x", language="kk")
        assert (answer.status, answer.headers["X-Refusal"]) == (403, "csrf.missing")
        assert 'class="button"' in await answer.text()
        assert (await anna.get("/c/school/main")).status == 200, "and changes nothing"


async def test_visits_of_strangers_keep_nothing_in_redis(site: Site, redis: Redis) -> None:
    for n in range(50):
        stranger = await site.visitor()
        path, status = (("/c/school", 200), ("/sign-in", 200), ("/nowhere", 404), ("/c/school/main", 303))[n % 4]
        assert (await stranger.get(path)).status == status
    answer = await (await site.visitor()).ask("POST", "/sign-out", data={"csrf": "x"})
    assert answer.status == 403
    assert await redis.keys("*") == []


async def test_a_form_of_a_stranger_works_and_keeps_nothing_in_redis(visitor: Visitor, redis: Redis) -> None:
    assert (await visitor.post("/language", csrf=await visitor.token(), language="en")).status == 303
    assert await redis.keys("*") == []


async def test_the_token_of_somebody_else_is_refused(site: Site, anna: Visitor) -> None:
    stranger, other = await site.visitor(), await site.visitor()
    mira = await site.visitor(signed_in="mira@veche.example")
    found = TOKEN.search(await mira.read("/c/school"))
    for token in (await stranger.token(), found[1] if found else ""):
        assert (await anna.post("/sign-out", csrf=token)).status == 403
    await other.token()
    assert (await other.post("/language", csrf=await stranger.token(), language="en")).status == 403


async def test_a_token_is_worth_nothing_without_the_cookie_it_was_made_for(site: Site, visitor: Visitor) -> None:
    token = await visitor.token()
    for cookie in ("", "veche-form=", "veche-form=x", "veche-form=" + "A" * 22, "veche-form=" + "A" * 4000):
        other = await site.visitor(headers={"Cookie": cookie} if cookie else {})
        assert (await other.post("/language", csrf=token, language="en")).status == 403


async def test_a_token_of_another_installation_is_refused(
    settings: Settings, world: None, quiet: None, visitor: Visitor
) -> None:
    token = await visitor.token()
    cookie = visitor.http.session.cookie_jar.filter_cookies(visitor.http.make_url("/"))["veche-form"].value
    async with opened(replace(settings, secret="another secret of thirty-two letters")) as site:
        other = await site.visitor(headers={"Cookie": f"veche-form={cookie}"})
        assert (await other.post("/language", csrf=token, language="en")).status == 403


async def test_a_cookie_planted_before_signing_in_is_worth_nothing_after_it(site: Site) -> None:
    """Whoever could plant a cookie of their own in this browser holds a token that fits it."""
    thief = await site.visitor()
    token = await thief.token()
    planted = thief.http.session.cookie_jar.filter_cookies(thief.http.make_url("/"))["veche-form"].value
    victim = await site.visitor()
    victim.http.session.cookie_jar.update_cookies({"veche-form": planted}, victim.http.make_url("/"))
    assert (await victim.sign_in()).status == 303
    assert (await victim.post("/sign-out", csrf=token)).status == 403
    assert (await victim.get("/c/school/main")).status == 200


async def test_a_stranger_gets_the_cookie_once_and_somebody_signed_in_never(visitor: Visitor, anna: Visitor) -> None:
    assert "Set-Cookie" in (await visitor.get("/c/school")).headers
    for browser, path in ((visitor, "/c/school"), (visitor, "/sign-in"), (anna, "/c/school"), (anna, "/nowhere")):
        assert "Set-Cookie" not in (await browser.get(path)).headers


async def test_the_cookie_of_a_form_is_kept_from_scripts_and_other_sites(
    settings: Settings, world: None, quiet: None
) -> None:
    async with opened(settings) as site:
        laptop = (await (await site.visitor()).get("/sign-in")).headers["Set-Cookie"]
    async with opened(in_production(settings)) as site:
        production = (await (await site.visitor()).get("/sign-in")).headers["Set-Cookie"]
    for cookie in (laptop, production):
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} < set(cookie.split("; "))
    assert laptop.startswith("veche-form=")
    assert "Secure" not in laptop
    assert production.startswith("__Host-veche-form=")
    assert "Secure" in production


async def test_a_token_from_before_signing_in_is_refused_after_it(visitor: Visitor) -> None:
    before = await visitor.token()
    await visitor.sign_in(csrf=before)
    assert (await visitor.post("/sign-out", csrf=before)).status == 403


async def test_two_tabs_and_a_page_from_the_history_hold_tokens_that_work(visitor: Visitor) -> None:
    first, second = await visitor.token(), await visitor.token()
    assert first != second, "each is written differently"
    for token in (second, first, second):
        assert (await visitor.post("/language", csrf=token, language="en")).status == 303


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("text/plain", b"csrf=1"),
        ("application/x-www-form-urlencoded", b"csrf=\xff\xfe"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"csrf=1"),
        ("application/x-www-form-urlencoded", b"email=%00&csrf=1"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n--y--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\nbroken"),
    ],
)
async def test_a_damaged_form_is_refused_with_a_sentence(visitor: Visitor, content_type: str, body: bytes) -> None:
    answer = await visitor.ask("POST", "/sign-in", data=body, headers={"Content-Type": content_type})
    assert (answer.status, answer.headers["X-Refusal"]) in [(400, "form.malformed"), (403, "csrf.missing")]
    assert "Traceback" not in await answer.text()


@pytest.mark.parametrize("fields", [{"email": "x" * 100_000}, {f"f{n}": "" for n in range(20_000)}])
async def test_a_form_that_is_too_large_is_refused(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = await visitor.ask("POST", "/sign-in", data=fields)
    assert (answer.status, answer.headers["X-Refusal"]) == (413, "form.too_large")


async def test_a_file_where_text_belongs_is_not_text(visitor: Visitor) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="csrf"; filename="a"\r\n\r\n1\r\n--x--\r\n'
    answer = await visitor.ask(
        "POST", "/sign-in", data=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status == 403
