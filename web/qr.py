"""Addresses as QR codes, drawn as SVG. It decides nothing about where they lead."""

import segno

QUIET = 4  # modules of white around a code, without which cameras do not find it (ISO/IEC 18004)


def drawn(address: str) -> str:
    """The code as an <svg> for a page; dark on light in any theme, for cameras. A quarter may be dirt or glare."""
    code = segno.make(address, error="q", micro=False)
    return str(code.svg_inline(border=QUIET, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None))
