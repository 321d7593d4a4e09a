"""Forms come from pages of ours; damaged ones are refused with a sentence."""

import pytest

from tests.web.site import Site, Visitor

FORMS = ["/sign-in", "/sign-out", "/language"]


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_without_its_token_is_refused(anna: Visitor, path: str) -> None:
    for token in ("", "x", "ы", "AAAA", "A" * 44, "A" * 5000):
        answer = await anna.post(path, csrf=token, email="anna@veche.example", password="x", language="kk")
        assert (answer.status, answer.headers["X-Refusal"]) == (403, "csrf.missing")
        assert 'class="button"' in await answer.text()
        assert (await anna.get("/c/school/main")).status == 200, "and changes nothing"


async def test_the_token_of_somebody_else_is_refused(site: Site, anna: Visitor) -> None:
    stranger = await site.visitor()
    answer = await anna.post("/sign-out", csrf=await stranger.token())
    assert answer.status == 403


async def test_a_token_from_before_signing_in_is_refused_after_it(visitor: Visitor) -> None:
    before = await visitor.token()
    await visitor.sign_in(csrf=before)
    assert (await visitor.post("/sign-out", csrf=before)).status == 403


async def test_a_token_is_written_differently_each_time_and_stays_valid(visitor: Visitor) -> None:
    first, second = await visitor.token(), await visitor.token()
    assert first != second
    for token in (first, second):
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
