"""Settings: what is missing is said, what cannot work is refused, what is secret stays so."""

import pytest

from config.settings import Misconfigured, lines, look, read, shown

ENOUGH = {
    "VECHE_SECRET": "s" * 32,
    "DATABASE_URL": "postgresql://veche@/veche",
    "REDIS_URL": "redis://127.0.0.1:6379",
}


def test_three_settings_are_enough_and_the_rest_follows() -> None:
    settings = read(ENOUGH)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.realtime_url == "ws://127.0.0.1:8001/ws"
    assert settings.realtime_origins == ("http://127.0.0.1:8000", "http://localhost:8000")
    assert settings.realtime_workers == 2
    assert not settings.production


def test_everything_that_is_missing_is_listed_at_once() -> None:
    _, reading = look({})
    assert set(reading.wrong) == set(ENOUGH)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WEB_PORT", "0", "WEB_PORT must be a port between 1 and 65535, not '0'."),
        ("WEB_PORT", "²", "WEB_PORT must be a port between 1 and 65535, not '²'."),
        ("REALTIME_WORKERS", "1000", "REALTIME_WORKERS must be a number between 1 and 128, not '1000'."),
        ("VECHE_MODE", "prod", "VECHE_MODE must be development or production, not 'prod'."),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must be an address that starts with redis:// or "),
        (
            *("REDIS_URL", "rediss://one:6379?ssl_ca_certs=/no/ca.pem"),
            "REDIS_URL names a file that cannot be read: ssl_ca_certs=/no/ca.pem: No such file or directory.",
        ),
        ("SMTP_URL", "mail.example.org", "SMTP_URL must be an address that starts with smtp:// or smtps://."),
    ],
)
def test_a_setting_that_cannot_work_is_refused_in_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read({**ENOUGH, name: value})
    assert str(refused.value).startswith(sentence)


def test_production_wants_https_and_letters_that_leave_the_house() -> None:
    _, reading = look({**ENOUGH, "VECHE_MODE": "production"})
    assert set(reading.wrong) == {"PUBLIC_URL", "REALTIME_URL", "SMTP_URL"}
    settings = read(
        {
            **ENOUGH,
            "VECHE_MODE": "production",
            "PUBLIC_URL": "https://example.org/",
            "REALTIME_URL": "wss://example.org/ws",
            "SMTP_URL": "smtps://veche:word@mail.example.org",
        }
    )
    assert settings.public_url == "https://example.org"
    assert settings.realtime_origins == ("https://example.org",)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Example.ORG", "https://example.org"),
        ("HTTPS://example.org/", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://example.org:80/", "http://example.org"),
        ("https://example.org:80", "https://example.org:80"),
        ("https://example.org:8443/veche/", "https://example.org:8443"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
        ("http://127.0.0.10:8000", "http://127.0.0.10:8000"),
        ("https://Вече.рф", "https://xn--b1aga5e.xn--p1ai"),
    ],
)
def test_an_origin_is_what_browsers_write_however_it_was_typed(address: str, origin: str) -> None:
    assert read({**ENOUGH, "PUBLIC_URL": address}).realtime_origins == (origin,)
    listed = f"https://other.example, {address} ,{address}"
    assert read({**ENOUGH, "REALTIME_ORIGINS": listed}).realtime_origins == ("https://other.example", origin)


@pytest.mark.parametrize(
    "address", ["https://", "https://[x", "https://x:port", "https://x:99999", "//example.org", "*"]
)
@pytest.mark.parametrize("name", ["PUBLIC_URL", "REALTIME_ORIGINS"])
def test_an_address_no_page_can_have_is_refused_in_a_sentence(name: str, address: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read({**ENOUGH, name: address})
    assert str(refused.value).startswith(f"{name} must ")


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("VECHE_SECRET", "abc" * 20, "(60 characters, hidden)"),
        ("ADMIN_TOKEN", "token", "(5 characters, hidden)"),
        ("DATABASE_URL", "postgresql://me:word@host/db", "postgresql://me:***@host/db"),
        ("MAIL_FROM", "Veche <veche@localhost>", "Veche <veche@localhost>"),
    ],
)
def test_what_is_secret_is_never_printed(name: str, text: str, seen: str) -> None:
    assert shown(name, text) == seen


def test_a_file_of_settings_is_read_as_a_shell_would() -> None:
    text = "# of this node\nexport NODE_NAME='amber'\n\nREALTIME_MEMORY=512  # MiB\nSMTP_URL=\"smtp://a b\"\n"
    assert lines(text) == {"NODE_NAME": "amber", "REALTIME_MEMORY": "512", "SMTP_URL": "smtp://a b"}


@pytest.mark.parametrize("line", ["NODE_NAME", "NODE_NAME = amber", "=amber", "NODE_NAME='amber", "rm -rf x"])
def test_a_line_that_is_no_setting_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(Misconfigured, match="Line 2 of the settings is not NAME=value"):
        lines(f"MAIL_FROM=x\n{line}\n")


def test_a_node_is_named_after_its_machine_and_port() -> None:
    assert read({**ENOUGH, "REALTIME_PORT": "9001"}).node_name.endswith(":9001")
    with pytest.raises(Misconfigured, match="NODE_NAME must be 1 to 64"):
        read({**ENOUGH, "NODE_NAME": "a b"})


def test_the_memory_of_a_worker_is_a_number() -> None:
    assert read({**ENOUGH, "REALTIME_MEMORY": "0"}).realtime_memory == 0
    with pytest.raises(Misconfigured, match="REALTIME_MEMORY must be a number of MiB"):
        read({**ENOUGH, "REALTIME_MEMORY": "1GB"})
