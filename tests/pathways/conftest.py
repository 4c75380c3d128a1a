"""The two people it takes to publish a pathway, and a draft that one of them writes."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.roles import Role
from app.pathways import change_queries, draft_actions, draft_queries, publishing_queries, version_queries
from app.pathways.draft_queries import Draft
from app.programme.content import Library
from tests.client import Client, Page
from tests.people import Somebody, World


@pytest.fixture
def lead(world: World) -> Somebody:
    return world.staff("Lee Lead", Role.CLINICAL_LEAD)


@pytest.fixture
def imogen(world: World) -> Somebody:
    return world.staff("Imogen Vale", Role.SERVICE_ADMIN)


@pytest.fixture
def supervisor(world: World) -> Somebody:
    """Somebody whom the library's pathways may turn to when a practitioner is away."""
    return world.staff("Gareth Pugh", Role.SUPERVISOR)


@pytest.fixture
def draft(library: Library) -> Callable[..., Draft]:
    """`draft(imogen, "mixed", sessions=9)` is a draft that Imogen begins from the library, with some of it changed."""

    def begin(who: Somebody, key: str = "as-it-should-be", **changes: Any) -> Draft:
        with who.working() as work:
            newest = version_queries.newest(work, key)
            body = change_queries.as_body(library.pathways[key]) | changes
            return draft_actions.begin_draft(work, body=body, base_id=newest.id if newest else None)

    return begin


class Publishing:
    """Two people at a draft: `ask` and `publish` go by what their pages have."""

    def __init__(self, clients: Callable[..., Client]) -> None:
        self.clients = clients

    def page(self, who: Somebody, draft: Draft) -> Page:
        return self.clients(who).get(f"{draft.base}/publish")

    def ask(self, who: Somebody, draft: Draft, *, reason: str = "", status: int = 303, **fields: Any) -> Page:
        browser = self.clients(who)
        page = browser.get(f"{draft.base}/publish")
        said = {name: reason for name in page.fields if name.startswith("reason.")}
        sent = {name: values[0] for name, values in page.fields.items() if name in ("edition", "proposal_id")}
        return browser.post(f"{draft.base}/publish", status=status, **{**sent, **said, **fields})

    def request(self, who: Somebody, draft: Draft) -> UUID:
        return publishing_queries.waiting(who.work())[draft.id].id

    def publish(self, who: Somebody, draft: Draft, *, status: int = 303) -> Page:
        asked = publishing_queries.waiting(who.work()).get(draft.id)
        path = f"{draft.base}/proposals/{asked.id if asked else uuid4()}/publish"
        return self.clients(who).post(path, status=status)


@pytest.fixture
def publishing(clients: Callable[..., Client]) -> Publishing:
    return Publishing(clients)


@pytest.fixture
def now() -> Callable[[Somebody, Draft], Draft]:
    """A draft as it reads now."""
    return lambda who, draft: draft_queries.draft(who.work(), draft.id)
