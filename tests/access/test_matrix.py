"""Every route, as every principal, in every relation, against the access matrix; and proof that the test bites."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
import sqlalchemy as sa
from ruamel.yaml import YAML
from starlette.requests import Request

from app import main
from app.accounts import access, queries, roles
from app.accounts.roles import Capability, Role, Scope
from app.config import Settings
from app.kit import csrf
from app.kit.work import Work
from app.programme.content import Library
from tests.access.principals import CANARY, Scene, set_scene
from tests.handing import Handed, scope
from tests.people import Clock, Somebody, World

ROUTES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("routes.yaml"))["routes"]
IN, AWAY, FORBIDDEN, MISSING = "in", "to sign-in", "forbidden", "missing"
# The walk is cut into shares so that as many can go at once as there are processors.
SHARES = 6
STATUS = {200: IN, 303: IN, 409: IN, 422: IN, 401: AWAY, 403: FORBIDDEN, 404: MISSING}


FORM = ((b"content-type", b"application/x-www-form-urlencoded"), (b"sec-fetch-site", b"same-origin"))

# What only one's own is found under.
OWN = (
    "{entry_id}",
    "{homework_id}",
    "{response_id}",
    "{series_id}",
    "{log_id}",
    "{edit_id}",
    "{device_id}",
    "{rating_id}",
    "{prompt_id}",
    "{assignment_id}",
)


def listed() -> set[tuple[str, str]]:
    return {(method.upper(), row["path"]) for row in ROUTES for method in ("get", "post") if method in row}


def real() -> set[tuple[str, str]]:
    found = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/health")}
    for room in main.ROOMS:
        for route in room.router.routes:
            found |= {(method, route.path) for method in route.methods if method != "HEAD"}  # type: ignore[attr-defined]
    return found


def test_every_route_is_in_the_list_and_the_list_names_no_other() -> None:
    assert real() == listed()


def test_every_capability_the_list_names_is_in_the_matrix() -> None:
    own = {"anyone", "signed-in", "staff", "patient", "writes", "keeps", "drafts", "made", "leave", "pending",
           "invited-staff"}  # fmt: skip
    named = {row[method] for row in ROUTES for method in ("get", "post") if method in row} - own

    assert named <= {capability.value for capability in Capability}


@pytest.fixture(scope="module")
def stage(engine: sa.Engine, library: Library) -> Iterator[Scene]:
    """Everybody and everything there is to knock at, set once: a test finds it as it was set."""
    with engine.connect() as connection:
        outer = connection.begin()
        world = World(connection)
        yield set_scene(world, World(connection, clock=world.clock), library)
        outer.rollback()


@pytest.fixture
def scene(stage: Scene) -> Iterator[Scene]:
    bind, clock = stage.world.bind, stage.world.clock
    assert isinstance(bind, sa.Connection)
    began = clock.now
    kept = bind.begin_nested()
    yield replace(stage, things={relation: dict(things) for relation, things in stage.things.items()})
    kept.rollback()
    clock.now = began


@pytest.fixture
def knock(scene: Scene, settings: Settings, library: Library) -> Iterator["Knock"]:
    knock = Knock(scene, settings, library)
    yield knock
    knock.stop()


class Knock:
    """Calls one route as one principal about one patient and says what became of it, leaving no trace."""

    def __init__(self, scene: Scene, settings: Settings, library: Library) -> None:
        self.scene = scene
        demo = settings.model_copy(update={"mail": "mailbox"})
        self.app = main.create_app(demo, engine=scene.world.bind, clock=scene.world.clock, library=library)
        self._handed = Handed(self.app, raises=False)
        self._browsers = {who: _browser(cookie) for who, cookie in {**scene.cookies, "nobody": ""}.items()}
        bind = scene.world.bind
        assert isinstance(bind, sa.Connection)
        self._bind = bind
        self._kept = True
        sa.event.listen(bind, "release_savepoint", self._keep)

    def stop(self) -> None:
        sa.event.remove(self._bind, "release_savepoint", self._keep)

    def __call__(self, method: str, row: dict[str, Any], who: str, relation: str) -> tuple[str, str]:
        path = row["path"].format(**self.scene.things[relation], token=self._token(row))
        headers, csrf_token = self._browsers[who]
        sent = {}
        if method == "POST":
            sent = {name: self.scene.things[relation][f"{value}_id"] if value == "entry" else value
                    for name, value in row.get("send", {}).items()}  # fmt: skip
            sent["csrf"] = csrf_token
        self._remember()
        open_before = self._bind.get_nested_transaction()
        try:
            asked = scope(method, path, [*headers, *FORM] if method == "POST" else headers)
            response = self._handed.answer(asked, urlencode(sent, doseq=True).encode())
        finally:
            self._undo()
        assert self._bind.get_nested_transaction() is open_before, f"{method} {path} left its transaction open"
        outcome = STATUS.get(response.status_code, f"broken with {response.status_code}")
        if response.status_code == 303 and response.headers["location"].startswith("/sign-in?"):
            outcome = AWAY
        return outcome, response.read().decode()

    # Most knocks are refused and the application has undone what they began. To undo nothing once more would be a third
    # of what they cost, so it is done where something was kept: a transaction on a lent connection ends in a release.

    def _keep(self, *released: object) -> None:
        self._kept = True

    def _remember(self) -> None:
        if self._kept:
            self._bind.exec_driver_sql("savepoint before_the_knock")
            self._kept = False

    def _undo(self) -> None:
        if self._kept:
            self._bind.exec_driver_sql("rollback to savepoint before_the_knock")
            self._kept = False

    def _token(self, row: dict[str, Any]) -> str:
        kinds = {"/sign-in/set-up/{token}": "staff", "/reminders/off/{token}": "off", "/calendar/{token}": "calendar"}
        return self.scene.links[kinds.get(row["path"], "patient")]


def _browser(session: str) -> tuple[list[tuple[bytes, bytes]], str]:
    """What somebody's browser sends with every request, and the token of its forms."""
    cookies = "braid_seed=one-browser" + (f"; braid_session={session}" if session else "")
    headers = [(b"cookie", cookies.encode())]
    return headers, csrf.token(Request({"type": "http", "headers": headers, "state": {"secure": False}}))


# What an address may name that belongs to a service.
OF_A_SERVICE = ("{version_id}", "{person_id}", "{draft_id}", "{incident_id}", "{what_if_id}", "{plan_id}", "{shift_id}",
                "{leave_id}")  # fmt: skip
# What an open alert, which everybody there has, lends of a patient who is not theirs, or no longer.
LENT = ("see-alerts", "handle-alerts", "see-identity", "read-scores")
BORROWERS = ("own practitioner", "own supervisor", "practitioner on duty")


def expected(scene: Scene, needs: str, path: str, who: str, relation: str) -> str:
    """What the matrix says, worked out from who somebody is and not from the code."""
    somebody = scene.principals[who]
    if needs in ("anyone", "invited-staff"):
        return IN
    if needs == "pending":
        return AWAY
    if somebody is None:
        return AWAY
    if needs == "signed-in":
        return IN
    if needs == "staff":
        return FORBIDDEN if somebody.role is Role.PATIENT else IN
    if needs in ("patient", "keeps", "writes", "drafts"):
        if somebody.role is not Role.PATIENT:
            return FORBIDDEN
        if needs == "writes" and who == "a discharged patient":
            return FORBIDDEN
        return IN if needs == "drafts" or _own(path, who, relation) else MISSING
    if needs == "made":
        said = _by_capability(scene, Capability.TAILOR_PROGRAMME, "", who, relation)
        return said if said != IN or who == "own practitioner" else MISSING
    if needs == "leave":
        said = _by_capability(scene, Capability.TAKE_LEAVE, path, who, relation)
        theirs = who in ("own practitioner", "practitioner of another service")
        return said if said != IN or theirs or somebody.role is not Role.PRACTITIONER else MISSING
    return _by_capability(scene, Capability(needs), path, who, relation)


def _own(path: str, who: str, relation: str) -> bool:
    """Whether what a patient's address names is theirs; step and questionnaire names are everybody's."""
    mine = {"the patient": "present", "a discharged patient": "lately discharged"}
    return not any(name in path for name in OWN) or mine.get(who, "of another service") == relation


def _by_capability(scene: Scene, capability: Capability, path: str, who: str, relation: str) -> str:
    somebody = scene.principals[who]
    assert somebody is not None
    if somebody.role is Role.PATIENT:
        return FORBIDDEN
    scope = roles.matrix()[capability].get(somebody.role)
    if scope is None:
        return FORBIDDEN
    foreign = (somebody.world is scene.other) != (relation == "of another service")
    if "{patient_id}" not in path:
        names_something = any(name in path for name in OF_A_SERVICE)
        return MISSING if names_something and foreign else IN
    if foreign:
        return MISSING
    lent = capability in LENT and who in BORROWERS
    return IN if lent or _reached(scope, who, relation) else MISSING


def _reached(scope: Scope, who: str, relation: str) -> bool:
    if scope is Scope.SERVICE:
        return True
    if relation == "long discharged":
        return False
    if scope is Scope.ASSIGNED:
        return who in ("own practitioner", "practitioner of another service")
    return who == "own supervisor"


def walk(knock: Knock, only: str = "", rows: list[dict[str, Any]] = ROUTES) -> Iterator[str]:
    """Every cell in which what happens is not what the matrix says."""
    for row in rows:
        about_somebody = any(name in row["path"] for name in ("{patient_id}", *OF_A_SERVICE))
        own_things = any(name in row["path"] for name in OWN)
        for method in ("GET", "POST"):
            needs = row.get(method.lower())
            if needs is None or (only and needs != only):
                continue
            for relation in knock.scene.patients if about_somebody or own_things else ["present"]:
                for who in knock.scene.principals:
                    said = expected(knock.scene, needs, row["path"], who, relation)
                    got, body = knock(method, row, who, relation)
                    if got != said:
                        yield f"{method} {row['path']} as {who} about {relation}: {got}, not {said}"
                    if got in (FORBIDDEN, MISSING, AWAY) and (CANARY in body or "Whitlock" in body):
                        yield f"{method} {row['path']} as {who} about {relation}: a refusal that tells something"


@pytest.mark.parametrize("share", range(SHARES))
def test_every_route_behaves_as_the_matrix_says_for_everybody(knock: Knock, share: int) -> None:
    wrong = list(walk(knock, rows=ROUTES[share::SHARES]))

    assert not wrong, "\n".join(wrong)


def test_a_patient_of_another_service_and_one_who_does_not_exist_look_alike(knock: Knock) -> None:
    row = {"path": "/patients/{patient_id}/plan", "get": "see-progress"}
    _, foreign = knock("GET", row, "own practitioner", "of another service")
    knock.scene.things["present"]["patient_id"] = "00000000-0000-4000-8000-000000000000"
    _, missing = knock("GET", row, "own practitioner", "present")

    assert without_token(foreign) == without_token(missing)


def without_token(body: str) -> str:
    """A page without what is different each time it is drawn."""
    return re.sub(r'name="csrf" value="[^"]+"', "", body)


# Each guard with its teeth drawn: the walk must then find something wrong.


def let_anybody_do_anything(capability: Capability) -> Any:
    def unguarded(work: access.SignedIn) -> Work:
        return work

    return unguarded


def let_everybody_reach_everybody(capability: Capability) -> Any:
    def unguarded(request: Request, patient_id: UUID, work: access.SignedIn) -> queries.Patient | None:
        return queries.patient_within(work, Scope.SERVICE, patient_id)

    return unguarded


def inner(app: Any) -> Any:
    return app.app


@pytest.mark.parametrize("capability", sorted({row[m] for row in ROUTES for m in ("get", "post") if m in row}
                                              & {c.value for c in Capability}))  # fmt: skip
def test_without_the_guard_of_a_capability_the_walk_finds_the_hole(knock: Knock, capability: str) -> None:
    overrides = inner(knock.app).dependency_overrides
    overrides[access._whose(Capability(capability))] = let_everybody_reach_everybody(Capability(capability))
    overrides[access._may(Capability(capability))] = let_anybody_do_anything(Capability(capability))
    overrides[access.staff_only] = lambda work: work

    def first_only(work: access.SignedIn) -> Work:
        return work

    overrides[access.staff_only] = first_only

    assert next(walk(knock, only=capability), None) is not None


def test_without_the_patient_guard_the_walk_finds_the_hole(knock: Knock) -> None:
    def anybody(work: access.SignedIn) -> Work:
        return work

    inner(knock.app).dependency_overrides[access.patient_only] = anybody

    assert next(walk(knock, only="patient"), None) is not None


def test_without_the_staff_guard_the_walk_finds_the_hole(knock: Knock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "scope", lambda role, capability: Scope.SERVICE)
    monkeypatch.setattr(Work, "require", lambda self, capability: None)

    assert next(walk(knock, only="see-progress"), None) is not None


def test_without_what_an_ended_course_takes_away_the_walk_finds_the_hole(
    knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "AFTER_DISCHARGE", frozenset())

    assert next(walk(knock, only="writes"), None) is not None


def test_without_idle_and_total_limits_an_old_session_would_get_in(
    knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = knock.scene.world.clock
    assert isinstance(clock, Clock)
    clock.on(minutes=31)
    row = {"path": "/my/today", "get": "patient"}
    assert knock("GET", row, "the patient", "present")[0] == AWAY

    from datetime import timedelta

    monkeypatch.setattr(access, "IDLE", {True: timedelta(days=1), False: timedelta(days=1)})

    assert knock("GET", row, "the patient", "present")[0] == IN


def test_a_deactivated_colleague_is_out_at_their_next_click(knock: Knock) -> None:
    from app.accounts import actions

    robin = knock.scene.principals["own practitioner"]
    assert isinstance(robin, Somebody)
    row = {"path": "/caseload", "get": "see-caseload"}
    assert knock("GET", row, "own practitioner", "present")[0] == IN
    with knock.scene.world.founding() as work:
        actions.deactivate(work, person_id=robin.id)

    assert knock("GET", row, "own practitioner", "present")[0] == AWAY
