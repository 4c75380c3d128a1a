"""Markdown with fenced components, as HTML that is safe to put on a page.

Raw HTML in the text is never passed on, and all that comes out has been through one allow-list.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.kit.located import Fault, did_you_mean

Resolve = Callable[[str, int], str | None]

_FENCE = re.compile(r":::(?:\s+(?P<name>\S+)(?:\s+(?P<title>.*\S))?)?\s*")
_TAGS = {
    "a", "audio", "blockquote", "br", "code", "details", "div", "em", "figcaption", "figure", "h2", "h3",
    "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "section", "span", "strong", "summary", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"id", "class"},
    "a": {"href"},
    "audio": {"src", "controls", "preload"},
    "figure": {"aria-labelledby"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "section": {"aria-labelledby"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"https", "mailto", "tel"},
    link_rel="noopener noreferrer",
)


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


_MARKDOWN = _parser()


@dataclass(frozen=True)
class Prose:
    """Markdown between components. `line` is where it begins in its file."""

    text: str
    line: int


@dataclass(frozen=True)
class Fence:
    """A component: `::: name title` to `:::`. `line` is that of its opening."""

    name: str
    title: str
    body: str
    line: int


@dataclass
class Writing:
    """What the parts of one page share: the ids already given, and where links lead.

    `resolve` is given the address in a link or picture and its line; None means it leads nowhere.
    """

    resolve: Resolve = lambda address, line: address
    _ids: set[str] = field(default_factory=set)

    def new_id(self, words: str) -> str:
        """An id made from words that no other part of the page has."""
        # The prefix keeps them apart from the ids of the page around them, such as "main".
        stem = "read-" + ("-".join(re.findall(r"[a-z0-9]+", words.lower().replace("’", ""))) or "part")
        number = next(n for n in range(1, len(self._ids) + 2) if _numbered(stem, n) not in self._ids)
        self._ids.add(_numbered(stem, number))
        return _numbered(stem, number)


Renderer = Callable[[Fence, Writing], str]


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def split(
    text: str, *, file: str, known: Iterable[str], first_line: int = 1
) -> tuple[list[Prose | Fence], list[Fault]]:
    """The parts of a text in order, and the faults of its fences. A faulty fence is left out."""
    splitting = _Splitting(file, tuple(known))
    for number, line in enumerate(text.split("\n"), first_line):
        splitting.take(line, number)
    return splitting.finish()


def render(text: str, writing: Writing, *, line: int = 1, top: int = 2) -> str:
    """Markdown as clean HTML. No heading is above level `top`; `line` is where the text begins."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(top, int(token.tag[1]))}"
        elif token.children:
            _resolve_links(token.children, writing, line + (token.map[0] if token.map else 0))
    return clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def inline(text: str) -> str:
    """One line of Markdown as clean HTML without a paragraph around it."""
    return clean(_MARKDOWN.renderInline(text))


def clean(markup: str) -> str:
    """HTML with everything taken out that is not on the allow-list."""
    return _CLEANER.clean(markup)


def rendered(fence: Fence, renderers: Mapping[str, Renderer], writing: Writing) -> str:
    """A component as clean HTML, by the renderer of its name."""
    return clean(renderers[fence.name](fence, writing))


def section(css_class: str, *, heading: str = "") -> Renderer:
    """A renderer for a section under a heading: the fence's title, or `heading` when it has none."""

    def draw(fence: Fence, writing: Writing) -> str:
        title = fence.title or heading
        label = writing.new_id(title)
        body = render(fence.body, writing, line=fence.line + 1, top=3)
        return (
            f'<section class="{css_class}" aria-labelledby="{label}">\n'
            f'<h2 id="{label}">{inline(title)}</h2>\n{body}</section>\n'
        )

    return draw


def details(fence: Fence, writing: Writing) -> str:
    """A renderer for words that open when asked for, in the NHS design system's markup."""
    body = render(fence.body, writing, line=fence.line + 1, top=3)
    return (
        '<details class="nhsuk-details"><summary class="nhsuk-details__summary">'
        f'<span class="nhsuk-details__summary-text">{inline(fence.title)}</span></summary>'
        f'<div class="nhsuk-details__text">\n{body}</div></details>\n'
    )


def audio(title: str, source: str, minutes: int, transcript: str, writing: Writing, *, line: int) -> str:
    """A recording with its transcript beneath it, as clean HTML. `line` is where the transcript begins."""
    label = writing.new_id(title)
    words = details(Fence("transcript", "Read it instead", transcript, line - 1), writing)
    return clean(
        f'<figure class="braid-audio" aria-labelledby="{label}"><figcaption id="{label}">{inline(title)}, '
        f"about {minutes} minute{'' if minutes == 1 else 's'}</figcaption>"
        f'<audio controls preload="none" src="{html.escape(source)}"></audio>{words}</figure>\n'
    )


def _resolve_links(children: list[Token], writing: Writing, line: int) -> None:
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        name = {"link_open": "href", "image": "src"}.get(token.type)
        if name is None:
            continue
        address = writing.resolve(str(token.attrs.get(name, "")), line)
        if address is None:
            del token.attrs[name]
        else:
            token.attrs[name] = address


class _Splitting:
    def __init__(self, file: str, known: tuple[str, ...]) -> None:
        self._file = file
        self._known = known
        self._parts: list[Prose | Fence] = []
        self._faults: list[Fault] = []
        self._held: list[str] = []
        self._begun = 1
        self._opened: re.Match[str] | None = None

    def take(self, line: str, number: int) -> None:
        fence = _FENCE.fullmatch(line) if line.startswith(":::") else None
        if not self._held and self._opened is None:
            self._begun = number
        if line.startswith(":::") and fence is None:
            self._fault(number, f'"{line.strip()}" is not a fence', "Put a space after :::.")
        elif fence is None:
            self._held.append(line)
        elif fence["name"] is None:
            self._close(number)
        else:
            self._open(fence, number)

    def finish(self) -> tuple[list[Prose | Fence], list[Fault]]:
        if self._opened:
            self._fault(self._begun, f'"::: {self._opened["name"]}" is never closed', "End it with :::.")
        else:
            self._end_prose()
        return self._parts, self._faults

    def _open(self, fence: re.Match[str], number: int) -> None:
        if self._opened:
            fix = f"Close the fence of line {self._begun} before it with :::."
            self._fault(number, f'"::: {fence["name"]}" is inside another fence', fix)
        self._end_prose()
        self._opened, self._begun = fence, number
        if fence["name"] not in self._known:
            problem = f'component "{fence["name"]}" is not known'
            self._fault(number, problem, did_you_mean(fence["name"], self._known))

    def _close(self, number: int) -> None:
        if self._opened is None:
            self._fault(number, "a fence is closed that was not opened", "Take out this :::.")
            return
        if self._opened["name"] in self._known:
            title, body = self._opened["title"] or "", "\n".join(self._held)
            self._parts.append(Fence(self._opened["name"], title, body, self._begun))
        self._opened, self._held = None, []

    def _end_prose(self) -> None:
        text = "\n".join(self._held)
        if self._opened is None and text.strip():
            self._parts.append(Prose(text, self._begun))
        self._held = []

    def _fault(self, line: int, problem: str, fix: str) -> None:
        self._faults.append(Fault(self._file, line, problem, fix))
