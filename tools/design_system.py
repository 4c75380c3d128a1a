"""The NHS design system's own Jinja macros, called as they are; the source of our built components."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.metadata import version
from typing import Any

import jinja2

# The port follows one release of the styles each; its own table of compatible versions says which.
PAIR = {"nhsuk-frontend-jinja": "0.10.2", "nhsuk-frontend": "10.6.1"}

_MACROS = jinja2.Environment(
    loader=jinja2.PackageLoader("nhsuk_frontend_jinja"),
    autoescape=True,
    undefined=jinja2.ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def port_version() -> str:
    """The installed version of the macros."""
    return version("nhsuk-frontend-jinja")


def expand(component: str, params: Mapping[str, Any]) -> str:
    """What the design system's macro makes of these options, without white space that no reader sees."""
    macro = re.sub(r"[-/]([a-z])", lambda found: found[1].upper(), component)
    source = f'{{% from "nhsuk/components/{component}/macro.jinja" import {macro} %}}{{{{ {macro}(params) }}}}'
    return stripped(_MACROS.from_string(source).render(params=params))


def stripped(html: str) -> str:
    """HTML with indents and line breaks taken out; single spaces between words stay."""
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "", html.strip()))


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, sorted(attrs, key=str)))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.parts.append(words)


def outline(html: str) -> list[object]:
    """What a browser reads in some HTML: tags with their attributes in one order, and words."""
    reader = _Outline()
    reader.feed(html)
    reader.close()
    return reader.parts
