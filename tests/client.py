"""A browser without JavaScript that checks every page it is given."""

from html import escape
from typing import Any
from urllib.parse import urlsplit

import httpx2
from httpx2 import Response
from starlette.types import ASGIApp

from app.accounts import actions
from app.kit import csrf
from tests import markup
from tests.handing import Handed
from tests.judging import judging
from tests.people import Somebody

VOID = {"input", "meta", "link", "br", "hr", "img", "path", "circle", "rect", "line", "polyline", "source", "col"}
FIELDS = ("input", "select", "textarea")
UNLABELLED = {"hidden", "submit", "button"}
# What is read out, shown on pointing at something, or stands in an empty field.
SAID = ("aria-label", "title", "alt", "placeholder")


class Page:
    """What a person would find on a page: headings, fields, links, and whether it is put together properly."""

    def __init__(self, html: str) -> None:
        self.headings: list[str] = []
        self.title = ""
        self.ids: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.labelled: set[str] = set()
        self.to_label: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.origins: list[str] = []
        self.said: list[str] = []
        self.is_for_patients = False
        self._words: list[str] = []
        self._inside: list[str] = []
        self._picked: str | None = None
        self._area: str | None = None
        markup.read(html, self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self._inside.append(tag)
        if tag == "h1":
            self.headings.append("")
        if not given and tag not in FIELDS:
            return
        if tag == "body":
            self.is_for_patients = "braid-staff" not in str(given.get("class")).split()
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label" and given.get("for"):
            self.labelled.add(str(given["for"]))
        if tag in FIELDS and given.get("type") not in UNLABELLED:
            inside_label = "label" in self._inside
            if not inside_label and not given.get("aria-label") and not given.get("aria-labelledby"):
                self.to_label.append(given)
        self._field(tag, given)
        self.said += [words for name in SAID if (words := given.get(name))]
        for name in ("href", "src", "action"):
            if str(given.get(name) or "").startswith(("http:", "https:", "//")):
                self.origins.append(str(given[name]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))

    def _field(self, tag: str, given: dict[str, str | None]) -> None:
        name = given.get("name")
        if tag == "select":
            self._picked = name
        if tag == "option" and self._picked and "selected" in given:
            self.fields[self._picked] = [given.get("value") or ""]
        if tag == "textarea" and name:
            self._area = name
            self.fields.setdefault(name, []).append("")
        if tag == "input" and name:
            kind = given.get("type") or "text"
            if kind in ("radio", "checkbox") and "checked" not in given:
                return
            if kind != "submit":
                self.fields.setdefault(name, []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside and self._inside.pop() != tag:
                pass
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] == "title":
            self.title += data
        elif "h1" in self._inside:
            self.headings[-1] += data
        if self._area:
            self.fields[self._area][-1] += data
        if not self._inside or self._inside[-1] not in ("title", "script", "style"):
            self._words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())


def check(response: Response) -> Page | None:
    """Every page of ours, whatever it is about; the page, where it is one."""
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    if not response.headers.get("content-type", "").startswith("text/html"):
        return None
    page = Page(response.text)
    where = str(response.url)
    assert len(page.headings) == 1, f"{where} has {len(page.headings)} h1"
    heading = " ".join(page.headings[0].split())
    title = " ".join(page.title.split()).removeprefix("Error: ")
    assert title.startswith(heading), f"{where}: the title “{title}” does not begin with “{heading}”"
    assert len(page.ids) == len(set(page.ids)), f"{where}: {sorted(i for i in page.ids if page.ids.count(i) > 1)[:4]}"
    missing = [field for field in page.to_label if field.get("id") not in page.labelled]
    assert not missing, f"{where}: no label for {missing[:3]}"
    assert not page.origins, f"{where}: {page.origins[:3]}"
    assert "/help" in page.links, f"{where} does not lead to help"
    if page.is_for_patients:
        assert "/leave" in page.links, f"{where} has no quick way out"
    judged = judging(" ".join([page.title, page.text, *page.said]))
    assert not judged, f"{where} judges a person: {judged[:3]}"
    if response.status_code == 422:
        assert page.title.strip().startswith("Error: "), f"{where}: an error page says so in its title"
    return page


def http(app: ASGIApp, origin: str, *, raises: bool = True) -> httpx2.Client:
    """Somebody's cookies, and requests to an application; `raises` shows a test the fault behind a broken page."""
    return httpx2.Client(
        transport=Handed(app, raises=raises), base_url=origin, headers={"user-agent": "testclient"}, trust_env=False
    )


class Client:
    """One person's browser. `get` and `post` check the page; `post` fills in the form of the page before it."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app = app
        self.http = http(app, origin)
        self.origin = origin

    def sign_in(self, who: Somebody) -> None:
        """Give this browser a session, as signing in would have."""
        with who.working() as work:
            secret = actions.begin_sign_in(work, person=who.person, role=who.role, device="Test")
        # With its host, so that it is the same cookie as the one a page of ours changes or takes back.
        host = str(urlsplit(self.origin).hostname)
        self.http.cookies.set("braid_session", f"{who.world.service_id}.{secret}", domain=host)

    def get(self, path: str, *, status: int = 200) -> Page:
        response = self.http.get(path)
        page = check(response) or Page(escape(response.text, quote=False))
        assert response.status_code == status, f"GET {path}: {response.status_code} {page.text[:300]}"
        return page

    def token(self) -> str:
        """A form's token, as any page of ours would carry it."""
        if not self.http.cookies.get("braid_seed"):
            self.http.get("/help")
        from starlette.requests import Request

        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        scope = {"type": "http", "headers": [(b"cookie", cookie.encode())], "state": {"secure": False}}
        return csrf.token(Request(scope))

    def send(self, path: str, **fields: Any) -> Response:
        """Post a form as it is, with a right token, and hand back what came."""
        return self._sent(path, fields)[0]

    def _sent(self, path: str, fields: dict[str, Any]) -> tuple[Response, Page]:
        data = {"csrf": self.token(), **{name.replace("__", "-"): value for name, value in fields.items()}}
        response = self.http.post(path, data=data, headers={"sec-fetch-site": "same-origin"})
        return response, check(response) or Page(escape(response.text, quote=False))

    def post(self, path: str, *, status: int = 303, **fields: Any) -> Page:
        """Post a form; after a redirect, the page it leads to."""
        response, page = self._sent(path, fields)
        assert response.status_code == status, f"POST {path}: {response.status_code} {page.text[:300]}"
        if response.status_code == 303:
            return self.get(response.headers["location"])
        return page
