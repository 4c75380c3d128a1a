"""HTML as our templates write it, read in one go: what is put together in another way is an error."""

import re
from html import unescape
from typing import Protocol

# A comment, a declaration, or a tag with what is given in it.
_TAG = re.compile(
    r"""<(?:!--.*?--|![^>]*|(?P<end>/)?(?P<tag>[a-zA-Z][a-zA-Z0-9-]*)(?P<given>(?:"[^"]*"|'[^']*'|[^'"<>])*))>""", re.S
)
_GIVEN = re.compile(r"""([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?""")
_NOT_MARKUP = ("script", "style")


class Reader(Protocol):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None: ...

    def handle_endtag(self, tag: str) -> None: ...

    def handle_data(self, data: str) -> None: ...


def read(html: str, reader: Reader) -> None:
    """Tell a reader of every tag and every text of a page. Raises AssertionError where a `<` begins neither."""
    at = 0
    while found := _TAG.search(html, at):
        _tell_text(html[at : found.start()], reader)
        at = found.end()
        if found["tag"]:
            at = _tell_tag(found, html, at, reader)
    _tell_text(html[at:], reader)


def _tell_tag(found: re.Match[str], html: str, at: int, reader: Reader) -> int:
    tag, given = found["tag"].lower(), found["given"]
    if found["end"]:
        reader.handle_endtag(tag)
        return at
    reader.handle_starttag(tag, _attributes(given))
    if given.endswith("/"):
        reader.handle_endtag(tag)
    elif tag in _NOT_MARKUP:
        closed = html.index(f"</{tag}", at)
        if closed > at:
            reader.handle_data(html[at:closed])
        return closed
    return at


def _attributes(given: str) -> list[tuple[str, str | None]]:
    if not given.strip(" /"):
        return []
    return [(one[1].lower(), _value(one)) for one in _GIVEN.finditer(given)]


def _value(one: re.Match[str]) -> str | None:
    value = one[one.lastindex or 1] if one.lastindex != 1 else None
    return unescape(value) if value and "&" in value else value


def _tell_text(text: str, reader: Reader) -> None:
    assert "<" not in text, f"neither a tag nor a text: {text[text.index('<') :][:120]}"
    if text:
        reader.handle_data(unescape(text) if "&" in text else text)
