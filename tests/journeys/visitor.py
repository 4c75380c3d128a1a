"""One person's browser window: every page it comes to is checked as it is looked at."""

import time
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, Request, Response

from app.accounts import actions
from tests.journeys.site import Site
from tests.judging import judging
from tests.people import Somebody

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# What a browser says of every answer that is a refusal; whether it should be one is the test's to say.
REFUSED = "Failed to load resource"
UNTIL = 90  # seconds; far more than anything takes, on a machine that is busy too


class Visitor:
    """Somebody at a browser of their own; `problems` gathers what no page of ours may do."""

    def __init__(self, site: Site, context: BrowserContext, problems: list[str], *, script: bool) -> None:
        self.site = site
        self.context = context
        self.script = script
        self.problems = problems
        self.last: Response | None = None
        context.on("request", self._asked)
        context.on("response", self._answered)
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said))
        return page

    def _heard(self, page: Page, said: Any) -> None:
        if said.type in ("error", "warning") and REFUSED not in said.text:
            self.problems.append(f"{page.url}: {said.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site.origin + "/", self.site.elsewhere, "data:", "blob:")):
            self.problems.append(f"{request.frame.url} asked for {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.request.method} {response.url} was answered with {response.status}")

    def sign_in(self, who: Somebody) -> "Visitor":
        """Give this browser a session, as signing in would have."""
        with who.working() as work:
            secret = actions.begin_sign_in(work, person=who.person, role=who.role, device="Test")
        value = f"{who.world.service_id}.{secret}"
        self.context.add_cookies([{"name": "braid_session", "value": value, "url": self.site.origin}])
        return self

    def go(self, path: str) -> "Visitor":
        self.last = self.page.goto(path if path.startswith("http") else self.site.origin + path)
        return self.look()

    def press(self, name: str, *, within: str = "body") -> "Visitor":
        """Press a button or follow a link by its words, and wait for the page it leads to."""
        place = self.page.locator(within)
        button, link = (place.get_by_role(role, name=name) for role in ("button", "link"))
        # What a script puts there comes when it comes: until one of them is there, neither is known to be missing.
        button.or_(link).first.wait_for(state="attached")
        target = button if button.count() else link
        with self.page.expect_navigation() as arriving:
            target.first.click()
        self.last = arriving.value
        return self.look()

    def until(self, what: Callable[[], object]) -> "Visitor":
        """Wait for something that no page shows."""
        deadline = time.monotonic() + UNTIL
        while not what():
            assert time.monotonic() < deadline, f"{self.page.url}: it did not happen"
            self.page.wait_for_timeout(20)
        return self

    def fill(self, label: str, words: str) -> "Visitor":
        self.page.get_by_label(label).first.fill(words)
        return self

    def date(self, legend: str, day: str, month: str, year: str) -> "Visitor":
        for part, words in (("Day", day), ("Month", month), ("Year", year)):
            self.page.get_by_role("group", name=legend).get_by_label(part).fill(words)
        return self

    def choose(self, label: str, *, of: str = "") -> "Visitor":
        """Pick a radio or a checkbox by its words, of a question where several have the same."""
        place: Page | Locator = self.page.get_by_role("group", name=of) if of else self.page
        # The box itself is drawn by its label, so it is no target for a pointer.
        place.get_by_label(label, exact=True).first.check(force=True)
        return self

    def select(self, label: str, option: str) -> "Visitor":
        self.page.get_by_label(label).select_option(label=option)
        return self

    def look(self) -> "Visitor":
        """Check the page one has come to: accessible by rule, and no wider than the window."""
        broken = [
            f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:2]]}"
            for one in (Axe().run(self.page, options=WCAG).response["violations"] if self.script else ())
        ]
        assert not broken, f"{self.page.url}: {broken}"
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room, f"{self.page.url} scrolls sideways: {wide} in {room}"
        judged = judging(self.words())
        assert not judged, f"{self.page.url} judges a person: {judged[:3]}"
        return self

    def words(self, within: str = "body") -> str:
        return " ".join(self.page.locator(within).first.inner_text().split())

    def sees(self, *words: str, within: str = "body") -> "Visitor":
        text = self.words(within)
        missing = [one for one in words if one not in text]
        assert not missing, f"{self.page.url} does not say {missing}: {text[:2000]}"
        return self

    def does_not_see(self, *words: str, within: str = "body") -> "Visitor":
        text = self.words(within)
        found = [one for one in words if one in text]
        assert not found, f"{self.page.url} says {found}: {text[:2000]}"
        return self

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site.origin).split("#")[0].split("?")[0]
