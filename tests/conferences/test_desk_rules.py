"""What the forms of the desk mean, decided without a server."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from web.conferences import channels_rules, desk_rules, picture_rules, sessions_rules, streams_rules, zones_rules
from web.conferences.form_rules import Asked, Wrong, clean
from web.conferences.monogram import monogram
from web.conferences.picture_rules import Picture
from web.conferences.streams_rules import Stream

TUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
VK = "https://vkvideo.ru/video_ext.php?oid=-123&id=456"
HEX = "0123456789abcdef0123456789abcdef"
RUTUBE = f"https://rutube.ru/play/embed/{HEX}"
HOSTS = ("*.kinescope.io", "player.example.com")


clock = datetime.fromisoformat  # what a clock on a wall shows, in no zone


def read(pasted: str) -> Stream | Wrong:
    """The stream of what was pasted, on a site called veche.example."""
    return streams_rules.read(pasted, hosts=HOSTS, own_host="veche.example:8080")


@pytest.mark.parametrize(
    ("pasted", "kind", "address"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&t=12s", "youtube", TUBE),
        ("  https://youtu.be/dQw4w9WgXcQ?si=share ", "youtube", TUBE),
        ("youtube.com/live/dQw4w9WgXcQ?feature=share", "youtube", TUBE),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube", TUBE),
        ("http://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", TUBE),
        ('<iframe width="560" src="https://www.youtube.com/embed/dQw4w9WgXcQ?si=x"></iframe>', "youtube", TUBE),
        ("//www.youtube.com/embed/dQw4w9WgXcQ", "youtube", TUBE),
        ("https://vk.com/video-123_456", "vk", VK),
        ("https://m.vk.com/video-123_456?list=x", "vk", VK),
        ("https://vkvideo.ru/playlist/-9_1/video-123_456", "vk", VK),
        ("https://vk.com/club1?z=video-123_456%2Fpl", "vk", VK),
        ("https://vk.ru/clip-123_456", "vk", VK),
        ("https://vk.com/video_ext.php?oid=-123&id=456&hash=a1b2&hd=2", "vk", f"{VK}&hash=a1b2"),
        ("https://live.vkvideo.ru/hall_one", "vk", "https://live.vkvideo.ru/app/embed/hall_one"),
        (f"https://rutube.ru/video/{HEX}/?r=wd", "rutube", RUTUBE),
        (f"https://rutube.ru/live/video/private/{HEX}/?p=Key-1", "rutube", f"{RUTUBE}?p=Key-1"),
        (f'<iframe src="{RUTUBE}/"></iframe>', "rutube", RUTUBE),
        ("https://cdn.example/live/a.m3u8?token=1#x", "hls", "https://cdn.example/live/a.m3u8?token=1"),
        ("https://пример.рф/a.m3u8", "hls", "https://xn--e1afmkfd.xn--p1ai/a.m3u8"),
        ("/media/a.m3u8", "hls", "/media/a.m3u8"),
        ("http://veche.example:8080/media/a.m3u8", "hls", "/media/a.m3u8"),
        ("https://player.example.com/e/1?x=2", "frame", "https://player.example.com/e/1?x=2"),
        ("https://EU.Kinescope.io/embed/1", "frame", "https://eu.kinescope.io/embed/1"),
    ],
)
def test_an_address_is_understood_as_people_paste_it(pasted: str, kind: str, address: str) -> None:
    assert read(pasted) == Stream(kind, address)
    assert read(address) == Stream(kind, address), "what is kept is read again as it is"


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("javascript:alert(1)", streams_rules.SCHEMED),
        ("JaVaScript://youtube.com/watch?v=dQw4w9WgXcQ%0aalert(1)", streams_rules.SCHEMED),
        ("data:text/html;base64,AAAA", streams_rules.SCHEMED),
        ("vbscript:x", streams_rules.SCHEMED),
        ("file:///etc/passwd", streams_rules.SCHEMED),
        ("<iframe src='javascript:alert(1)'></iframe>", streams_rules.SCHEMED),
        ("java\nscript:alert(1)", streams_rules.MALFORMED),
        ("https://youtube.com\\@evil.example/x", streams_rules.MALFORMED),
        ("https://user:word@youtube.com/watch?v=dQw4w9WgXcQ", streams_rules.MALFORMED),
        ("https://[half/a.m3u8", streams_rules.MALFORMED),
        ("Главный зал", streams_rules.MALFORMED),
        ("http://cdn.example/a.m3u8", streams_rules.INSECURE),
        ("http://player.example.com/e", streams_rules.INSECURE),
        ("https://elsewhere.example/e", streams_rules.FOREIGN),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", streams_rules.FOREIGN),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", streams_rules.FOREIGN),
        ("https://kinescope.io/e", streams_rules.FOREIGN),
        ("https://player.example.com:444/e", streams_rules.FOREIGN),
        ("https://youtube.com/@hall/live", streams_rules.NO_YOUTUBE),
        ("https://www.youtube.com/embed/videoseries?list=1", streams_rules.NO_YOUTUBE),
        ("https://vk.com/hall", streams_rules.NO_VK),
        ("https://vk.com/video_ext.php?oid=x&id=1", streams_rules.NO_VK),
        ("https://rutube.ru/channel/1/", streams_rules.NO_RUTUBE),
        ("<video></video>", streams_rules.NO_FRAME),
        ("x" * 3000, streams_rules.TOO_LONG),
    ],
)
def test_a_strange_address_is_refused_with_its_reason(pasted: str, sentence: str) -> None:
    wrong = read(pasted)
    assert isinstance(wrong, Wrong)
    assert wrong.sentence == sentence
    assert wrong.sentence % wrong.holes if wrong.holes else wrong.sentence


@given(st.text(max_size=60) | st.from_regex(r"\A(https?:)?//[a-z.@:\\/?#\[\]<>%0-9]{0,40}\Z"))
def test_whatever_is_pasted_only_safe_addresses_are_kept(pasted: str) -> None:
    found = read(pasted)
    if isinstance(found, Stream):
        assert found.address.startswith(("https://", "/"))
        assert not found.address.startswith("//")
        assert read(found.address) == found


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Весенняя школа — 2027", "vesennyaya-shkola-2027"),
        ("Ұстаздар күні", "ustazdar-kuni"),
        ("Щи & Борщ", "shchi-borshch"),
        ("École d’été", "ecole-d-ete"),
        ("x", ""),
        ("你好", ""),
        ("слово " * 30, "-".join(["slovo"] * 10)),
    ],
)
def test_an_address_is_made_of_a_name(name: str, slug: str) -> None:
    assert desk_rules.propose(name) == slug


@given(st.text(max_size=200))
def test_a_proposed_address_is_one_that_is_taken(name: str) -> None:
    slug = desk_rules.propose(name)
    assert slug == "" or desk_rules.SLUG.fullmatch(slug)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Asia/Almaty", "Asia/Almaty"),
        ("asia/almaty", "Asia/Almaty"),
        ("алматы", "Asia/Almaty"),
        (" Нью-Йорк ", "America/New_York"),
        ("new york", "America/New_York"),
        ("UTC", "UTC"),
        ("Mars", None),
        ("", None),
        ("Etc/GMT-5", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_zone_is_known_by_its_name_or_its_city(typed: str, zone: str | None) -> None:
    assert zones_rules.find(typed) == zone


def test_a_mistyped_zone_names_the_one_that_was_meant() -> None:
    assert zones_rules.like("Asia/Almata")[0] == "Asia/Almaty"
    assert zones_rules.like("qwertyuiop") == []


def test_a_time_of_day_is_one_moment_or_none_or_two() -> None:
    berlin = "Europe/Berlin"
    assert zones_rules.moments(clock("2026-06-01 12:00"), berlin) == [datetime(2026, 6, 1, 10, tzinfo=UTC)]
    assert zones_rules.moments(clock("2026-03-29 02:30"), berlin) == []
    assert zones_rules.moments(clock("2026-10-25 02:30"), berlin) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ]
    assert zones_rules.jump(clock("2026-03-29 02:30"), berlin) == (
        clock("2026-03-29 02:00"),
        clock("2026-03-29 03:00"),
    )
    assert zones_rules.jump(clock("2026-10-04 02:10"), "Australia/Lord_Howe") == (
        clock("2026-10-04 02:00"),
        clock("2026-10-04 02:30"),
    )


def test_almaty_changed_its_clocks_for_good_in_2024() -> None:
    assert zones_rules.moments(clock("2024-02-29 12:00"), "Asia/Almaty") == [datetime(2024, 2, 29, 6, tzinfo=UTC)]
    assert zones_rules.moments(clock("2024-03-01 12:00"), "Asia/Almaty") == [datetime(2024, 3, 1, 7, tzinfo=UTC)]
    assert len(zones_rules.moments(clock("2024-02-29 23:30"), "Asia/Almaty")) == 2


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Almaty", "America/St_Johns"])
@given(start=st.datetimes(clock("2024-01-01 00:00"), clock("2027-01-01 00:00")), minutes=st.integers(1, 1400))
def test_what_a_form_shows_of_a_slot_means_that_slot(zone: str, start: datetime, minutes: int) -> None:
    starts_at = start.replace(second=0, microsecond=0, tzinfo=UTC)
    ends_at = datetime.fromtimestamp(starts_at.timestamp() + minutes * 60, UTC)
    conference: dict[str, Any] = {"languages": ["ru"], "language": "ru", "zone": zone}
    texts = {"title": {"ru": "x"}, "abstract": {}, "language": "ru", "speakers": []}
    one = {**texts, "channel_id": 7, "starts_at": starts_at, "ends_at": ends_at}
    asked = Asked(sessions_rules.fields(one, conference))
    day = datetime.fromisoformat(asked.fields["day"]).date()
    conference |= {"starts_on": day, "ends_on": day}
    made = sessions_rules.session(asked, conference, channels=[7], speakers=[])
    assert not asked.wrong
    assert made
    assert made.slot == sessions_rules.Slot(7, starts_at, ends_at)


def test_channels_move_within_their_order() -> None:
    assert channels_rules.moved([1, 2, 3], 3, -1) == [1, 3, 2]
    assert channels_rules.moved([1, 2, 3], 1, 1) == [2, 1, 3]
    assert channels_rules.moved([1, 2, 3], 1, -1) == [1, 2, 3]
    assert channels_rules.moved([1, 2, 3], 9, 1) == [1, 2, 3]
    assert channels_rules.ordered([1, 2, 3], "3,1,2") == [3, 1, 2]
    assert channels_rules.ordered([1, 2, 3], "3,1") == [1, 2, 3]
    assert channels_rules.ordered([1, 2], "1,2,²") == [1, 2]


def test_a_site_under_a_star_is_allowed_and_its_neighbour_is_not() -> None:
    assert desk_rules.allowed("eu.kinescope.io", HOSTS)
    assert not desk_rules.allowed("kinescope.io", HOSTS)
    assert not desk_rules.allowed("evilkinescope.io", HOSTS)
    assert not desk_rules.allowed("player.example.com.evil.io", HOSTS)


def test_texts_are_kept_composed_and_without_control_characters() -> None:
    assert clean(" и\u0306\r\nновая\x07 \u200dстрока\t") == "й\nновая \u200dстрока"


def test_a_photograph_is_turned_upright_and_loses_what_it_told_of_its_place() -> None:
    photo = Image.new("RGB", (400, 200), "green")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by a quarter
    exif[0x010F] = "a camera"
    printed = BytesIO()
    photo.save(printed, "JPEG", exif=exif)
    made = picture_rules.clean(printed.getvalue(), picture_rules.WIDE)
    assert isinstance(made, Picture)
    assert (made.width, made.height) == (200, 400)
    assert b"a camera" not in made.content
    assert len(Image.open(BytesIO(made.content)).getexif()) == 0


def test_what_is_transparent_stays_so_and_a_portrait_is_a_square() -> None:
    printed = BytesIO()
    Image.new("RGBA", (900, 600), (200, 0, 0, 0)).save(printed, "WEBP")
    made = picture_rules.clean(printed.getvalue(), picture_rules.PORTRAIT)
    assert isinstance(made, Picture)
    assert (made.type, made.width, made.height) == ("image/webp", 512, 512)
    assert Image.open(BytesIO(made.content)).mode == "RGBA"


def test_the_same_picture_has_the_same_name() -> None:
    printed = BytesIO()
    Image.new("L", (10, 10), 7).save(printed, "PNG")
    one, other = (picture_rules.clean(printed.getvalue(), picture_rules.WIDE) for _ in range(2))
    assert one == other


@given(st.binary(max_size=300))
def test_no_bytes_break_the_darkroom(content: bytes) -> None:
    for kind in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x24\0\0\0WEBPVP8 ", b""):
        assert isinstance(picture_rules.clean(kind + content, picture_rules.WIDE), Wrong)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Айгүл Сапарова", "АС"), ("Чарльз де Голль", "ЧГ"), ("Плутарх", "П"), ("<b> 7", "&lt;"), ("", "?")],
)
def test_initials_are_drawn_of_any_name(name: str, initials: str) -> None:
    assert monogram(name).endswith(f">{initials}</text></svg>")
    assert "<b" not in monogram(name)
