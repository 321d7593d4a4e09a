"""Draws the speakers of the demo as flat SVG portraits. Pure: the same features always give the same drawing.

A portrait is a stack of paper cut-outs, back to front: ground, hair, body, neck, ears, face, more hair, glasses.
The face is centred at x = 120, eyes lie at y = 112, the chin at y = 164; the frame shows 20 to 220 both ways.
"""

from dataclasses import dataclass

INK = "#211c19"
PAPER = "#f7f1e6"
VERMILION = "#d5402b"


@dataclass(frozen=True, slots=True)
class Features:
    """What makes one face differ from another. Words name shapes below; colours are #rrggbb."""

    ground: str
    disc: str  # the large circle behind the head
    skin: str
    shade: str  # the same skin turned from the light
    hair: str  # name in HAIR
    tint: str  # the hair's colour
    clothes: str  # name in CLOTHES
    cloth: str
    accent: str
    brow: str = INK
    eyes: str = "open"  # name in EYES
    mouth: str = "smile"  # name in MOUTHS
    beard: str = ""  # name in BEARDS
    glasses: str = ""  # name in GLASSES
    years: bool = False  # the lines of somebody who has taught for long
    wide: bool = False  # a broader jaw


def draw(who: Features) -> str:
    """One portrait, a whole SVG document without styles or scripts."""
    behind, front = HAIR[who.hair]
    layers = [
        f'<rect width="240" height="240" fill="{who.ground}"/>',
        f'<circle cx="120" cy="118" r="92" fill="{who.disc}"/>',
        _paint(behind, who),
        _paint(CLOTHES[who.clothes], who),
        _paint(NECK, who),
        _paint(COLLARS.get(who.clothes, ""), who),
        "" if who.hair == "headscarf" else _paint(EARS, who),
        _paint(WIDE_FACE if who.wide else FACE, who),
        _paint(YEARS, who) if who.years else "",
        _paint(BEARDS[who.beard], who) if who.beard else "",
        _paint(EYES[who.eyes] + NOSE + MOUTHS[who.mouth], who),
        _paint(front, who),
        _paint(GLASSES[who.glasses], who) if who.glasses else "",
    ]
    body = "".join(layers)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="20 20 200 200">{body}</svg>'


def _paint(shape: str, who: Features) -> str:
    """Fill a shape's named colours in."""
    names = {
        "skin": who.skin,
        "shade": who.shade,
        "tint": who.tint,
        "cloth": who.cloth,
        "accent": who.accent,
        "brow": who.brow,
        "ink": INK,
        "paper": PAPER,
        "disc": who.disc,
    }
    for name, colour in names.items():
        shape = shape.replace(f'"{name}"', f'"{colour}"')
    return shape


NECK = (
    '<path fill="skin" d="M101 146h38v34c0 14-8 22-19 22s-19-8-19-22z"/>'
    '<path fill="shade" d="M101 152c8 14 30 16 38 0v10c-9 20-29 21-38 6z"/>'
)
EARS = (
    '<ellipse cx="80" cy="118" rx="8" ry="12" fill="skin"/><ellipse cx="160" cy="118" rx="8" ry="12" fill="shade"/>'
    '<path d="M78 113c3 2 4 6 3 10" fill="none" stroke="shade" stroke-width="2" stroke-linecap="round"/>'
)
FACE = (
    '<path fill="skin" d="M80 104c0-30 16-46 40-46s40 16 40 46c0 36-17 62-40 62s-40-26-40-62z"/>'
    '<path fill="shade" d="M140 62c13 8 20 23 20 42 0 36-17 62-40 62-3 0-6 0-9-2 24-4 37-24 38-58 0-16-2-32-9-44z"/>'
)
WIDE_FACE = (
    '<path fill="skin" d="M78 102c0-29 17-44 42-44s42 15 42 44c0 20-2 34-9 46-7 12-19 20-33 20s-26-8-33-20'
    'c-7-12-9-26-9-46z"/>'
    '<path fill="shade" d="M142 63c13 8 20 21 20 39 0 20-2 34-9 46-7 12-19 20-33 20-3 0-6 0-9-1 22-3 34-17 38-37 '
    '4-23 2-50-7-67z"/>'
)
YEARS = (
    '<g fill="none" stroke="shade" stroke-width="2" stroke-linecap="round">'
    '<path d="M94 132c-1 4-3 6-6 7M146 132c1 4 3 6 6 7"/></g>'
)
NOSE = (
    '<path d="M119 112c-1 8-4 13-5 17 0 3 4 4 8 3" fill="none" stroke="brow" stroke-opacity=".55" '
    'stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/>'
)

EYES = {
    "open": (
        '<g fill="ink"><circle cx="102" cy="113" r="3.6"/><circle cx="138" cy="113" r="3.6"/></g>'
        '<g fill="none" stroke="brow" stroke-width="3.6" stroke-linecap="round">'
        '<path d="M93 101c5-4 12-4 17-1M130 100c5-3 12-3 17 1"/></g>'
    ),
    "lashes": (
        '<g fill="ink"><circle cx="102" cy="113.5" r="3.6"/><circle cx="138" cy="113.5" r="3.6"/></g>'
        '<g fill="none" stroke="ink" stroke-width="2.6" stroke-linecap="round">'
        '<path d="M95 112c3-5 10-6 14-1M131 111c4-5 11-4 14 1M95 112l-3-2M145 112l3-2"/></g>'
        '<g fill="none" stroke="brow" stroke-width="2.8" stroke-linecap="round">'
        '<path d="M92 101c5-4 12-5 18-2M130 99c6-3 13-2 18 2"/></g>'
    ),
    "laughing": (
        '<g fill="none" stroke="ink" stroke-width="3.2" stroke-linecap="round">'
        '<path d="M96 115c3-5 9-5 12 0M132 115c3-5 9-5 12 0"/></g>'
        '<g fill="none" stroke="brow" stroke-width="3.6" stroke-linecap="round">'
        '<path d="M92 101c5-5 12-5 17-2M131 99c5-3 12-3 17 2"/></g>'
    ),
}
MOUTHS = {
    "smile": '<path d="M106 144c8 7 19 7 27-1" fill="none" stroke="ink" stroke-width="3" stroke-linecap="round"/>',
    "calm": '<path d="M109 145c7 3 14 3 21 0" fill="none" stroke="ink" stroke-width="3" stroke-linecap="round"/>',
    "laugh": '<path d="M104 140h32c-1 11-8 16-16 16s-15-5-16-16z" fill="#6d2219"/>'
    '<path d="M104 140h32l-1.5 5.5h-29z" fill="paper"/>',
    "lips": (
        '<path d="M108 144c5-4 9-4 12-2 4-2 8-2 12 2-6 8-18 8-24 0z" fill="#b5483a"/>'
        '<path d="M108 144c8 2 16 2 24 0" fill="none" stroke="#7d2a20" stroke-width="1.8" stroke-linecap="round"/>'
    ),
}
BEARDS = {
    "full": (
        '<path fill="tint" d="M79 112c3 10 6 18 12 23 8-4 18-6 29-6s22 2 29 6c6-5 9-13 12-23 2 36-14 64-41 64'
        's-43-28-41-64z"/><path fill="skin" d="M106 141c8-4 20-4 28 0-3 9-8 12-14 12s-11-3-14-12z"/>'
    ),
    "moustache": '<path fill="tint" d="M97 141c6-8 17-9 23-4 6-5 17-4 23 4-8 2-17 2-23-1-6 3-15 3-23 1z"/>',
    "short": (
        '<path fill="tint" fill-opacity=".8" d="M80 116c4 12 6 20 11 24 7-7 17-10 29-10s22 3 29 10c5-4 8-12 11-24 '
        '0 32-16 54-40 54s-40-22-40-54z"/><path fill="skin" d="M104 141c9-4 23-4 32 0-3 10-9 13-16 13s-13-3-16-13z"/>'
    ),
}
GLASSES = {
    "round": (
        '<g fill="paper" fill-opacity=".14" stroke="ink" stroke-width="3"><circle cx="101" cy="113" r="14.5"/>'
        '<circle cx="139" cy="113" r="14.5"/></g><path d="M115.5 111c3-3 6-3 9 0M86.5 111l-7-2M153.5 111l7-2" '
        'fill="none" stroke="ink" stroke-width="3" stroke-linecap="round"/>'
    ),
    "square": (
        '<g fill="paper" fill-opacity=".14" stroke="ink" stroke-width="4"><rect x="85" y="101" width="31" height="23" '
        'rx="6"/><rect x="124" y="101" width="31" height="23" rx="6"/></g>'
        '<path d="M116 109h8M85 108l-6-1M155 108l6-1" fill="none" stroke="ink" stroke-width="4" stroke-linecap="round"/>'
    ),
    "red": (
        '<g fill="paper" fill-opacity=".14" stroke="#d5402b" stroke-width="3.6">'
        '<path d="M84 103c10-3 22-3 31 0 1 14-4 22-15 22s-17-8-16-22zM125 103c10-3 22-3 31 0 1 14-4 22-15 22'
        's-17-8-16-22z"/></g><path d="M115 106c3-2 7-2 10 0" fill="none" stroke="#d5402b" stroke-width="3.6"/>'
    ),
}
HAIR = {  # what lies behind the body, what falls over the face
    "bun": (
        '<circle cx="120" cy="42" r="20" fill="tint"/><path fill="tint" d="M74 116c-6-44 16-70 46-70s52 26 46 70z"/>',
        '<path fill="tint" d="M76 112c-6-40 14-64 44-64s50 24 44 64c-5-22-14-34-28-40-12 8-42 8-52 16-4 4-6 12-8 24z"/>',
    ),
    "bob": (
        '<path fill="tint" d="M66 164c-8-78 10-120 54-120s62 42 54 120c-14 8-94 8-108 0z"/>',
        '<path fill="tint" d="M74 124c-6-48 14-78 46-78s52 30 46 78c-4-18-8-30-14-40-24 4-44-2-54-12-10 14-20 28-24 52z"/>',
    ),
    "waves": (
        '<path fill="tint" d="M62 190c-14-18 2-30-2-50-4-18 4-28 6-46 4-34 26-54 54-54s50 20 54 54c2 18 10 28 6 46'
        '-4 20 12 32-2 50-20 14-96 14-116 0z"/>',
        '<path fill="tint" d="M74 122c-8-46 12-76 48-76s50 30 44 76c-4-20-10-34-24-46-8 14-50 10-68 46z"/>',
    ),
    "braid": (
        '<path fill="tint" d="M84 118c-20-40 0-74 36-74s56 34 36 74z"/>',
        '<path fill="tint" d="M75 120c-6-46 12-74 45-74s51 28 45 74c-3-22-12-38-45-50-33 12-42 28-45 50z"/>'
        '<path fill="tint" d="M156 112c18 10 22 32 10 44 12 6 12 20 2 26 10 8 8 22-2 28 6 8 2 18-4 24h-14c-8-8-8-18 0-25'
        '-9-8-8-20 0-27-9-7-8-19 1-26-7-9-4-21 11-28z"/>'
        '<path d="M150 157c7 2 14 1 19-2M149 184c8 2 14 1 20-3M148 209c7 2 13 2 18-1" fill="none" stroke="disc" '
        'stroke-opacity=".5" stroke-width="2" stroke-linecap="round"/>',
    ),
    "curls": (
        '<g fill="tint"><circle cx="120" cy="60" r="34"/><circle cx="86" cy="70" r="27"/><circle cx="154" cy="70" r="27"/>'
        '<circle cx="68" cy="98" r="24"/><circle cx="172" cy="98" r="24"/><circle cx="64" cy="128" r="22"/>'
        '<circle cx="176" cy="128" r="22"/><circle cx="74" cy="154" r="20"/><circle cx="166" cy="154" r="20"/></g>',
        '<g fill="tint"><circle cx="96" cy="66" r="17"/><circle cx="122" cy="60" r="18"/><circle cx="147" cy="69" r="16"/>'
        '<circle cx="81" cy="86" r="13"/><circle cx="161" cy="90" r="12"/></g>',
    ),
    "short": (
        "",
        '<path fill="tint" d="M76 110c-8-40 8-66 44-66 38 0 52 26 44 66-4-12-6-22-10-30-16 2-34-2-44-10-6 12-16 18-26 20'
        '-4 6-6 12-8 20z"/>',
    ),
    "quiff": (
        "",
        '<path fill="tint" d="M77 112c-5-20-4-34 4-44-4-14 10-28 30-26 12-8 36-4 44 10 12 8 14 34 8 60-3-14-6-24-12-32'
        '-18 4-40 2-54-6-8 8-16 20-20 38z"/>',
    ),
    "receding": (
        "",
        '<path fill="tint" d="M77 114c-7-26-2-48 12-58 18-14 46-14 62 0 14 12 18 32 12 58-3-10-6-18-8-24-2-14-14-26-35-26'
        's-33 12-35 26c-2 6-5 14-8 24z"/>',
    ),
    "bald": (
        "",
        '<path fill="tint" d="M78 124c-5-10-5-28 3-42 3 8 3 24 2 36zM162 124c5-10 5-28-3-42-3 8-3 24-2 36z"/>'
        '<path d="M104 74c6-4 14-6 22-5" fill="none" stroke="paper" stroke-opacity=".45" stroke-width="4" '
        'stroke-linecap="round"/>',
    ),
    "headscarf": (
        '<path fill="cloth" d="M120 36c40 0 58 30 56 74-1 26 2 46 10 70H54c8-24 11-44 10-70-2-44 16-74 56-74z"/>',
        '<path fill="cloth" fill-rule="evenodd" d="M120 38c38 0 56 30 54 72-1 30 4 52 14 74-18 24-48 34-68 34'
        "s-50-10-68-34c10-22 15-44 14-74-2-42 16-72 54-72zM120 64c-22 0-36 16-36 44 0 32 14 55 36 55s36-23 36-55"
        'c0-28-14-44-36-44z"/>'
        '<path d="M85 96c4-19 17-31 35-31s31 12 35 31" fill="none" stroke="accent" stroke-width="6" '
        'stroke-linecap="round"/>'
        '<g fill="none" stroke="accent" stroke-width="3" stroke-linecap="round">'
        '<path d="M70 148c10 34 52 50 92 28M84 184c20 16 48 20 74 10M66 132c1 6 2 10 4 16"/></g>',
    ),
}
CLOTHES = {
    "jacket": (
        '<path fill="cloth" d="M30 240c2-34 22-48 66-58h48c44 10 64 24 66 58z"/>'
        '<path fill="paper" d="M98 180l22 44 22-44-8-4h-28z"/>'
    ),
    "turtleneck": '<path fill="cloth" d="M32 240c2-34 22-46 66-56h44c44 10 64 22 66 56z"/>',
    "shirt": '<path fill="cloth" d="M32 240c2-34 22-48 66-58h44c44 10 64 24 66 58z"/>',
    "jumper": '<path fill="cloth" d="M30 240c2-34 22-46 64-56h52c42 10 62 22 64 56z"/>',
    "shawl": '<path fill="accent" d="M28 240c2-30 20-42 52-52h80c32 10 50 22 52 52z"/>',
}
COLLARS = {
    "jacket": (
        '<path fill="cloth" d="M96 180l-14 10 14 16-6 8 26 26h8l26-26-6-8 14-16-14-10-24 50z"/>'
        '<path d="M120 230l-24-50M120 230l24-50" stroke="ink" stroke-opacity=".25" stroke-width="2" fill="none"/>'
        '<circle cx="160" cy="212" r="4.5" fill="accent"/>'
    ),
    "turtleneck": (
        '<path fill="cloth" d="M97 168c14 9 32 9 46 0l6 24-8 14H99l-8-14z"/>'
        '<path d="M95 184c16 11 34 11 50 0" fill="none" stroke="ink" stroke-opacity=".22" stroke-width="2.5"/>'
    ),
    "shirt": (
        '<path fill="paper" d="M98 178l22 22-18 18-16-32zM142 178l-22 22 18 18 16-32z"/>'
        '<path fill="accent" d="M115 201h10l4 39h-18z"/>'
    ),
    "jumper": (
        '<path d="M95 183c8 26 42 26 50 0" fill="none" stroke="accent" stroke-width="6" stroke-linecap="round"/>'
        '<path d="M60 240l4-24M180 240l-4-24" stroke="ink" stroke-opacity=".2" stroke-width="2.5"/>'
    ),
}
