"""What was posted and refused, because the sign-in had ended or a step had closed, handed back to whoever typed it.

It goes to nobody but the browser it came from, and is stored nowhere.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match

from app.kit import csrf, render
from app.kit.errors import NotOurForm, Refused, SignInNeeded, TooLarge
from app.kit.forms import posted_items

# What opens a door is typed anew: a page that shows it could be read by whoever comes next.
SECRETS = frozenset({"password", "current", "code"})
BEHIND_THE_PAGE = frozenset({"answer", "asked", "base-version", "on-page", "sends", "worksheet"})
ONE_LINE = 60


@dataclass(frozen=True)
class Typed:
    """One posted value; `label` is empty for what the page carried and nobody typed."""

    name: str
    value: str
    label: str

    @property
    def is_short(self) -> bool:
        return len(self.value) <= ONE_LINE and "\n" not in self.value


async def page(request: Request, refusal: Refused) -> HTMLResponse | None:
    """The page that says how to go on after a refused post; None for refusals it is not for.

    For one that met no sign-in, and for one that came with the token of an earlier sign-in.
    """
    if isinstance(refusal, SignInNeeded) and request.method == "POST":
        return _drawn(request, refusal, await typed(request), who="")
    who = getattr(request.state, "principal", None)
    if isinstance(refusal, NotOurForm) and who is not None:
        found = await typed(request)
        return _drawn(request, refusal, found, who=who.name) if found else None
    return None


def _drawn(request: Request, refusal: Refused, found: list[Typed], *, who: str) -> HTMLResponse:
    return render.page(
        request,
        "unsent.html",
        status=refusal.status,
        words=refusal.words if refusal.words != type(refusal).words else "",
        typed=found,
        who=who,
        address=request.url.path,
        sign_in=f"/sign-in?back={quote(_came_from(request))}",
    )


async def typed(request: Request) -> list[Typed]:
    """What was posted, or nothing where no person typed any of it or it holds a secret."""
    if "json" in request.headers.get("accept", ""):
        return []
    try:
        items = await posted_items(request)
    except (TooLarge, HTTPException):
        return []
    if any(name in SECRETS for name, _ in items):
        return []
    found = [
        Typed(name, value.replace("\r\n", "\n"), _label(name, value)) for name, value in items if name != csrf.FIELD
    ]
    return found if any(one.label and one.value for one in found) else []


def _label(name: str, value: str) -> str:
    if name in BEHIND_THE_PAGE or name.endswith(("-id", "_id")) or _is_id(value):
        return ""
    return name.replace("-", " ").replace("_", " ").capitalize()


def _is_id(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def _came_from(request: Request) -> str:
    """The path of the page of ours that the form stood on, or home where there is none to go back to."""
    said = urlsplit(request.headers.get("referer", ""))
    if f"{said.scheme}://{said.netloc}" != request.app.state.origin:
        return "/home"
    return said.path if _can_be_read(request, said.path) else "/home"


def page_above(request: Request) -> str:
    """The nearest page above an address that only takes forms, for whoever comes back to what was the answer to one.

    Empty for every other address.
    """
    path = request.url.path
    takes_forms = _address(request, "POST", path)
    if request.method != "GET" or not takes_forms or takes_forms == _address(request, "GET", path):
        return ""
    above = path.rpartition("/")[0]
    while above and not _can_be_read(request, above):
        above = above.rpartition("/")[0]
    return above


def _can_be_read(request: Request, path: str) -> bool:
    return bool(_address(request, "GET", path))


def _address(request: Request, method: str, path: str) -> str:
    """Which of our addresses this is, by the name of its route; empty where none is asked for so."""
    looked_at = {"type": "http", "method": method, "path": path, "headers": []}
    found = (route.matches(looked_at) for route in request.app.routes)
    return next((str(scope["route"].path) for match, scope in found if match is Match.FULL), "")
