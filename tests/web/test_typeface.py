"""The pieces of the typeface: every letter of our languages is in them, and the stylesheet knows which is where."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from config.languages import LANGUAGES
from config.settings import Settings
from tests.web.site import opened
from web import typeface
from web.assets import ASK_AGAIN, FOR_EVER, STATIC
from web.typeface import FIRST, PACKAGE, PIECES

LOCALE = Path(__file__).parents[2] / "config" / "locale"
HEAVIEST_PIECE = 20_500  # bytes
FACE = re.compile(r'@font-face \{\s+font-family: "Golos";\s+src: url\("([^"]+)"\)[^}]+unicode-range: ([^;]+);')
ALPHABETS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
NOT_DRAWN = set("→▲\n\ufe0f")  # in no file of the package: another typeface has them

pytestmark = pytest.mark.skipif(not PACKAGE.is_dir(), reason="the typeface is missing: npm ci")


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the pieces were made."""
    made = tmp_path_factory.mktemp("var")
    typeface.cut(made)
    return made


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_has_the_letters_that_it_is_for_in_all_weights_and_little_else(var: Path, name: str) -> None:
    file = typeface.folder(var) / f"{name}.woff2"
    with TTFont(file) as font:
        assert {ord(letter) for letter in PIECES[name].letters} <= set(font.getBestCmap())
        (axis,) = font["fvar"].axes
        assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", *typeface.WEIGHTS)
    assert file.stat().st_size < HEAVIEST_PIECE


def test_figures_of_one_width_are_kept(var: Path) -> None:
    with TTFont(typeface.folder(var) / "latin.woff2") as font:
        assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sign_of_the_catalogue_is_in_a_piece(language: str) -> None:
    wanted: set[str] = set()
    for file in LOCALE.glob(f"{language}/**/*.po"):
        with file.open("rb") as lines:
            for message in read_po(lines):
                said = message.string or message.id
                wanted.update(*([said] if isinstance(said, str) else said))
    assert wanted
    assert sorted(wanted - set("".join(piece.letters for piece in PIECES.values())) - NOT_DRAWN) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_begins_with_the_letters_of_its_language(language: str) -> None:
    begun = set("".join(PIECES[name].letters for name in FIRST[language]))
    assert set(ALPHABETS[language] + ALPHABETS[language].upper()) - begun == set()


def test_the_stylesheet_names_each_piece_with_its_letters_after_the_whole_files() -> None:
    faces = FACE.findall((STATIC / "site.css").read_text(encoding="utf-8"))
    pieces = faces[-len(PIECES) :]
    assert [address for address, _ in pieces] == [f"{name}.woff2" for name in PIECES], "beside the stylesheet"
    for (_, named), piece in zip(pieces, PIECES.values(), strict=True):
        assert re.split(r",\s+", named) == typeface.shown(piece.letters)
    whole = [address for address, _ in faces[: -len(PIECES)]]
    assert len(whole) == 4
    assert all((PACKAGE / address.rpartition("/")[2]).is_file() for address in whole)


async def test_pieces_are_served_beside_the_stylesheet_and_kept_for_ever(
    settings: Settings, world: None, quiet: None
) -> None:
    typeface.cut(settings.var)
    async with opened(settings) as site:
        visitor = await site.visitor()
        page = await visitor.read("/c/school")
        [sheet] = re.findall(r'href="(/static/[0-9a-f]+)/site\.css"', page)
        assert re.findall(r'rel="preload" href="([^"]+\.woff2)"', page) == [
            f"{sheet}/{name}.woff2" for name in FIRST["kk"]
        ]
        for at, kept in ((sheet, FOR_EVER), ("/static/0000aaaa", ASK_AGAIN), ("/static", ASK_AGAIN)):
            async with visitor.http.get(f"{at}/cyrillic.woff2", headers={"Accept-Encoding": "br"}) as answer:
                assert (answer.status, answer.content_type) == (200, "font/woff2")
                assert await answer.read() == (typeface.folder(settings.var) / "cyrillic.woff2").read_bytes()
                assert answer.headers["Cache-Control"] == kept
                assert "Content-Encoding" not in answer.headers, "it is packed already"
                assert "Content-Security-Policy" not in answer.headers


async def test_without_the_pieces_there_is_none_to_be_had(settings: Settings, world: None, quiet: None) -> None:
    async with opened(settings) as site:
        assert (await (await site.visitor()).get("/static/cyrillic.woff2")).status == 404


def test_what_was_made_once_is_not_made_again(var: Path) -> None:
    def made() -> list[tuple[str, int]]:
        return sorted((file.name, file.stat().st_mtime_ns) for file in typeface.folder(var).iterdir())

    before = made()
    typeface.cut(var)
    assert made() == before
    assert [file.name for file in (var / "typeface").iterdir()] == [typeface.folder(var).name]


def test_without_the_package_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "PACKAGE", tmp_path / "nowhere")
    typeface.cut(tmp_path / "var")
    assert not (tmp_path / "var").exists()
