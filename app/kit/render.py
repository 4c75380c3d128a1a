"""Pages: one template environment, what every page is given, and answers that send people on."""

import datetime as dt
import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import markupsafe
from jinja2 import Environment, FileSystemLoader, Template, Undefined, UndefinedError, pass_context
from jinja2.compiler import CodeGenerator
from jinja2.environment import TemplateModule
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.utils import missing
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from app.kit import components, csrf, say
from app.kit.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
DIST = ROOT / "app" / "static" / "dist"
ADDRESS = "/static"
_escaped: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]


class Unknown(Undefined):
    """What a template asked for and nobody gave.

    A key that a mapping does not have is empty and may be asked further, so that options can be left out. A
    name nobody passed may only be tested with `if`, `is defined` or `default`. An attribute an object does
    not have is always a mistake, as is printing either: a misspelt word must not vanish from a page.
    """

    __slots__ = ()

    @property
    def _optional(self) -> bool:
        return isinstance(self._undefined_obj, Mapping | Sequence | Unknown) and self._undefined_obj is not missing

    def _refuse(self) -> NoReturn:
        raise UndefinedError(self._undefined_message)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, key: object) -> "Unknown":  # type: ignore[override]
        if not self._optional:
            self._refuse()
        return Unknown(obj={}, name=str(key))

    def __str__(self) -> str:
        return "" if self._optional else self._refuse()

    def __html__(self) -> str:
        return str(self)

    def __iter__(self) -> Any:
        return iter(()) if self._optional else self._refuse()

    def __len__(self) -> int:
        return 0 if self._optional else self._refuse()

    def __bool__(self) -> bool:
        return False if self._optional or self._undefined_obj is missing else self._refuse()


class Unindented(Extension):
    """Templates without their indents, which would be a fifth of each page sent."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"(?m)^[ \t]+", "", source) if name and name.endswith(".html") else source


# Types whose text has nothing in it to escape.
_PLAIN = frozenset({int, UUID})


def shown(value: Any) -> str:
    """A value as it stands in HTML: `markupsafe.escape` without a wrapper around each piece of the page."""
    kind = type(value)
    if kind is str:
        return _escaped(value)
    if kind is Markup:
        return str.__str__(value)
    return str(value) if kind in _PLAIN else escape(value)


class Generated(CodeGenerator):
    """Templates that put out plain text: what they are joined to is the page, and nobody escapes it again."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
            return
        super()._output_child_pre(node, frame, finalize)

    def visit_Call(self, node: Any, frame: Any, forward_caller: bool = False) -> None:
        """Call what is called as it stands: nothing that we hand to pages asks for the context of its call."""
        if not frame.eval_ctx.autoescape:
            super().visit_Call(node, frame, forward_caller)
            return
        self.write("(")
        self.visit(node.node, frame)
        # Each argument is written with a comma before it.
        self.write(")(*()")
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


_Draw = Callable[[Context], Iterator[str]]


def _in_one_piece(draw: _Draw) -> _Draw:
    # A generator, for whoever includes a template closes what it is drawn from.
    def whole(context: Context) -> Iterator[str]:
        yield "".join(draw(context))

    return whole


class Compiled(Template):
    """A template whose macros are made once: none of ours is given names of its own that could change them.

    Each block is handed on in one piece: a page lies five templates deep, and its thousands of pieces each went through
    all of them.
    """

    @classmethod
    def _from_namespace(cls, environment: Environment, namespace: Any, globals: Any) -> Template:
        template = super()._from_namespace(environment, namespace, globals)
        template.root_render_func = _in_one_piece(template.root_render_func)
        template.blocks = {name: _in_one_piece(draw) for name, draw in template.blocks.items()}
        return template

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return self._module or super()._get_default_module()


class Pages(Environment):
    code_generator_class = Generated
    template_class = Compiled
    shown = staticmethod(shown)


@dataclass(frozen=True)
class Link:
    """A way to go in the frame of a page; `count` of `count_of` are said beside it, and `posts` is a form's button."""

    href: str
    text: str
    posts: bool = False
    current: bool = False
    count: int = 0
    count_of: str = ""


@dataclass(frozen=True)
class Frame:
    """What surrounds a page: whose it is and where they can go. For whoever is not signed in it is empty.

    `who` and `sign_in` name a person and a sign-in to their own browser only; `worker` is the script that keeps pages.
    """

    service: str = ""
    home: str = ""
    nav: Sequence[Link] = ()
    footer: Sequence[Link] = ()
    is_staff: bool = False
    me: Link | None = None
    sign_out: str = ""
    who: str = ""
    sign_in: str = ""
    worker: str = ""
    help: str = "/help"
    leave: str = "/leave"
    leave_url: str = ""
    notice: Mapping[str, str] | None = None
    foot_note: str = ""
    fault: str = ""
    standstill: Mapping[str, str] | None = None


_NOBODYS = Frame()


class CsrfInput:
    """The hidden token of a form, worked out if a form is drawn at all and once for the whole page."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._drawn = ""

    def __html__(self) -> str:
        if not self._drawn:
            token = csrf.token(self._request)
            self._drawn = f'<input type="hidden" name="{csrf.FIELD}" value="{token}">'
        return self._drawn

    __str__ = __html__


@pass_context
def _time(context: Context, value: dt.time | dt.datetime, zone: say.Zone | None = None) -> str:
    return say.clock(value, zone) if _is_for_staff(context) else say.time(value, zone)


@pass_context
def _moment(context: Context, value: dt.datetime, zone: say.Zone) -> str:
    return say.staff_moment(value, zone) if _is_for_staff(context) else say.moment(value, zone)


def _is_for_staff(context: Context) -> bool:
    """Whether the page is for somebody who writes 14:30 where a patient reads 2:30pm."""
    frame = context.get("frame")
    return bool(frame and frame.is_staff)


def _environment() -> Environment:
    environment = Pages(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        auto_reload=False,
        cache_size=600,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=Unknown,
        extensions=[Unindented, "jinja2.ext.do"],
    )
    environment.filters |= {
        "day": say.day,
        "day_year": say.day_year,
        "date": say.date,
        "short_day": say.short_day,
        "time": _time,
        "clock": say.clock,
        "moment": _moment,
        "place": say.place,
        "plural": say.plural,
        "possessive": say.possessive,
        "listed": say.listed,
        "choices": components.choices,
        "as_key": components.as_key,
        "as_keys": components.as_keys,
        "pair": components.pair,
        "date_parts": components.date_parts,
    }
    environment.globals |= {"asset": asset}
    return environment


@cache
def _assets() -> dict[str, str]:
    manifest = DIST / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("The styles are not built yet. Run: python -m tools.build_assets")
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return names


def asset(name: str) -> str:
    """The address of a built file, such as `patient.css`. Raises KeyError for one that is not built."""
    return f"{ADDRESS}/{_assets()[name]}"


_ENVIRONMENT = _environment()


def draw(template: str, **context: Any) -> str:
    """A template as text, for letters, downloads and parts of pages. HTML is escaped, `.txt` is not."""
    return _ENVIRONMENT.get_template(template).render(context)


def part(template: str, macro: str, *args: Any, **named: Any) -> Markup:
    """One macro of a template file, drawn on its own."""
    drawn: Markup = getattr(_ENVIRONMENT.get_template(template).module, macro)(*args, **named)
    return drawn


@lru_cache(maxsize=4096)
def blank_field(field: Hashable, prefix: str) -> Markup:
    """A field of a worksheet before anything is answered, drawn once: it is the same for everybody."""
    return part("components/fields.html", "field", field, prefix=prefix)


_ENVIRONMENT.globals["blank_field"] = blank_field


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page of ours.

    Besides `context` the template has `frame` (what the application put into `request.state.frame`), `path`,
    `status`, `csrf_input` for its forms, and `posted` and `problems`, both empty unless given.
    """
    given: dict[str, Any] = {
        "frame": getattr(request.state, "frame", None) or _NOBODYS,
        "path": request.url.path,
        "status": status,
        "csrf_input": CsrfInput(request),
        "posted": {},
        "problems": {},
    }
    html = _ENVIRONMENT.get_template(template).render(given | context)
    return HTMLResponse(html, status_code=status)


def still(template: str) -> bytes:
    """A page that is the same for everybody who asks: nobody's frame around it, and no form on it."""
    given = {"frame": _NOBODYS, "path": "", "status": 200, "csrf_input": "", "posted": {}, "problems": {}}
    return draw(template, **given).encode()


def error_page(request: Request, refusal: Refused) -> HTMLResponse:
    """A refusal as a page: its own title and words, or those of its status when it has no title of its own."""
    told: dict[str, Any] = {"words": refusal.words, "request_id": getattr(request.state, "request_id", "")}
    if refusal.title != Refused.title:
        told["title"] = refusal.title
    return page(request, "error.html", status=refusal.status, **told)


def see_other(path: str) -> RedirectResponse:
    """On to another page after a form was done (303), so that reloading it sends nothing twice."""
    return RedirectResponse(path, status_code=303)
