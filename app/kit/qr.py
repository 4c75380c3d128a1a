"""Two-dimensional codes for a phone to read off a screen."""

import segno
from markupsafe import Markup


def drawing(text: str, *, title: str) -> Markup:
    """A QR code (ISO/IEC 18004) as an SVG element, with attributes alone so that no style is needed; raises
    ValueError for text too long for one."""
    code = segno.make_qr(text, error="m")
    drawn: str = code.svg_inline(scale=5, border=4, light="#fff", dark="#000", title=title, svgclass=None)
    return Markup(drawn.replace("<svg ", '<svg role="img" ', 1))
