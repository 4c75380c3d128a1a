"""For every state of a step every door says the same: its pages, its forms, and the lists that lead there."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app import main
from app.clinical.sequencing import decisions, explain
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.standing import State
from app.kit.drafts import Draft
from app.programme import plan_actions
from app.programme.tables import Answer, Decision, Evidence, ModuleStart
from tests.client import Page

FIRST, LATER, LAST, OPTIONAL = "low-mood", "doing-what-matters", "staying-well", "relaxing"
WORDS = "At the window, with “the” <kettle> on"
# A worksheet of each step that can be filled in more than once, and enough of it to be saved.
SHEETS = {
    FIRST: ("what-i-notice", {"most-trouble": WORDS}),
    LATER: ("three-lists", {"start-with": WORDS}),
    LAST: ("what-helped", {"what": WORDS}),
    OPTIONAL: ("my-tension", {"where": "jaw", "first-sign": WORDS}),
}
# Every door to what is in a step, in an order in which each can be gone through: what it answers where the step is
# open, and whether it carries what somebody typed.
SHEET = "/my/steps/{step}/worksheets/{worksheet}"
CONTENT = {
    ("get", "/my/steps/{step}"): (200, False),
    ("get", "/my/steps/{step}/pages/{page_key}"): (200, False),
    ("get", "/my/steps/{step}/finish"): (200, False),
    ("get", "/my/steps/{step}/print"): (200, False),
    ("get", f"{SHEET}/again"): (200, False),
    ("post", f"{SHEET}/draft"): (200, True),
    ("post", f"{SHEET}/{{entry_id}}/throw-draft-away"): (303, False),
    ("post", "/my/steps/{step}/start"): (303, False),
    ("post", SHEET): (303, True),
    ("get", f"{SHEET}/{{entry_id}}"): (200, False),
    ("post", f"{SHEET}/{{entry_id}}/remove"): (303, False),
    ("post", f"{SHEET}/{{entry_id}}/put-back"): (303, False),
    ("post", "/my/steps/{step}/pages/{page_key}"): (303, True),
}
# What shows nothing of a step but its name and why it is closed.
ABOUT = {("post", "/my/programme/{step}/ask"), ("post", "/my/programme/{step}/stop-asking")}
CLOSED, SKIPPED, PAUSED = "This step is not open yet", "You agreed to skip this step", "This step is paused"


@dataclass(frozen=True)
class Case:
    """A step in a state, how it comes to be in it, and what its closed doors are headed; open where they are not."""

    step: str
    state: State
    reach: tuple[str, ...] = ()
    closed: str = ""
    written: bool = False


CASES = {
    "locked": Case(LATER, State.LOCKED, closed=CLOSED),
    "waiting": Case(LAST, State.WAITING, closed=CLOSED),
    "available": Case(FIRST, State.AVAILABLE),
    "in progress": Case(FIRST, State.IN_PROGRESS, ("start",)),
    "completed": Case(FIRST, State.COMPLETED, ("done",)),
    "waived": Case(FIRST, State.WAIVED, ("waive",), SKIPPED, written=True),
    "on hold": Case(FIRST, State.ON_HOLD, ("hold",), PAUSED, written=True),
    "not suggested, and open": Case(OPTIONAL, State.NOT_SUGGESTED, ("done",)),
    "not suggested, and not open": Case(OPTIONAL, State.NOT_SUGGESTED, closed=CLOSED),
    "waived before it opened": Case(LATER, State.WAIVED, ("waive",), SKIPPED),
    "on hold before it opened": Case(LATER, State.ON_HOLD, ("hold",), PAUSED),
    "waived, and chosen again": Case(FIRST, State.AVAILABLE, ("waive", "ask")),
    "on hold, and resumed": Case(FIRST, State.IN_PROGRESS, ("hold", "resume"), written=True),
    "released, and on hold": Case(LAST, State.ON_HOLD, ("release", "hold"), PAUSED),
    "open though its rule is not met": Case(LATER, State.AVAILABLE, ("open early",)),
}


def reach(course, case):
    """A course in which the step has come to its state; returns the entry written before that, if any."""
    entry = uuid4()
    sheet, fields = SHEETS[case.step]
    if case.written:
        course.post(SHEET.format(step=case.step, worksheet=sheet), **{"entry-id": str(entry), **fields})
    act = {
        "start": lambda: course.post(f"/my/steps/{case.step}/start"),
        "done": lambda: course.staff(plan_actions.record_done, step=FIRST),
        "waive": lambda: course.staff(plan_actions.waive, step=case.step, reason=WaiverReason.GOALS_MET),
        "hold": lambda: hold(course, case.step),
        "resume": lambda: course.staff(plan_actions.resume, step=case.step),
        "ask": lambda: course.post(f"/my/programme/{case.step}/ask"),
        "release": lambda: course.staff(plan_actions.release, step=case.step),
        "open early": lambda: course.staff(plan_actions.override_open, step=case.step, reason="Ready for it"),
    }
    for name in case.reach:
        act[name]()
    assert course.plan()[case.step].state is case.state
    return entry


def hold(course, step):
    review = course.world.clock.now.date() + timedelta(days=7)
    course.staff(plan_actions.hold, step=step, reason="Unwell", review_on=review, told="")


def knock(course, case, door, entry):
    """What a door of the step answers; a form carries what was typed where that is what it is for."""
    verb, path = door
    sheet, fields = SHEETS[case.step]
    page = course.module(case.step).page_with(sheet)
    address = path.format(step=case.step, page_key=page.key, worksheet=sheet, entry_id=entry)
    if verb == "get":
        return course.browser.http.get(address)
    carried = {**fields, "entry-id": str(entry), "worksheet": sheet} if CONTENT[door][1] else {}
    return course.browser.send(address, **carried)


def rows(course):
    """How much is on record of what a patient does: work, words, drafts and what they began."""
    session = course.who.work().session
    tables = (Evidence, Answer, Draft, ModuleStart, Decision)
    return [session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]


@pytest.fixture
def enrolled(course, ash):
    return course(ash)


def test_every_door_of_a_step_is_listed_here():
    found = {
        (method.lower(), route.path)
        for room in main.ROOMS
        for route in room.router.routes
        for method in route.methods - {"HEAD"}
        if route.path.startswith("/my/") and "{step}" in route.path
    }

    assert found == CONTENT.keys() | ABOUT


def test_every_state_is_tried_at_every_door():
    assert {case.state for case in CASES.values()} == set(State)


@pytest.mark.parametrize("name", CASES)
def test_every_door_of_a_step_lets_in_or_refuses_alike(enrolled, name):
    case = CASES[name]
    entry = reach(enrolled, case)
    module = enrolled.module(case.step)
    before = rows(enrolled)

    for door, (status, _) in CONTENT.items():
        sent = knock(enrolled, case, door, entry)
        if not case.closed:
            assert sent.status_code == status, f"{door} in {name}: {sent.status_code} {Page(sent.text).text[:200]}"
            continue
        page = Page(sent.text)
        assert (sent.status_code, page.headings) == (404, [case.closed]), f"{door} in {name}"
        inside = [*(one.title for one in module.worksheets), *(one.key_point for one in module.pages if one.key_point)]
        assert not [words for words in inside if words in page.text], f"{door} in {name}"

    assert bool(decisions.can_open(enrolled.plan()[case.step])) is not bool(case.closed)
    if case.closed:
        assert rows(enrolled) == before


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.closed])
def test_what_was_typed_for_a_step_that_has_closed_is_handed_back(enrolled, name):
    case = CASES[name]
    entry = reach(enrolled, case)

    for door in [one for one, (_, typed) in CONTENT.items() if typed]:
        sent = knock(enrolled, case, door, entry)

        page = Page(sent.text)
        assert WORDS in [value.strip() for values in page.fields.values() for value in values], door
        assert "data-failed" in sent.text, door
        assert "It is not saved" in page.text, door


def test_a_closed_door_says_nothing_of_words_where_none_were_typed(enrolled):
    hold(enrolled, FIRST)

    looked = enrolled.get(f"/my/steps/{FIRST}", status=404)
    started = enrolled.post(f"/my/steps/{FIRST}/start", status=404)

    for page in (looked, started):
        assert "not saved" not in page.text


def test_a_form_that_is_not_ours_is_refused_before_anything_is_said_of_a_closed_step(enrolled):
    hold(enrolled, FIRST)
    address = SHEET.format(step=FIRST, worksheet=SHEETS[FIRST][0])

    sent = enrolled.browser.http.post(address, data={"csrf": "old", **SHEETS[FIRST][1]})

    assert sent.status_code == 403 and PAUSED not in sent.text


@pytest.mark.parametrize("name", CASES)
def test_the_lists_lead_to_a_step_just_where_its_door_is_open(enrolled, name):
    case = CASES[name]
    reach(enrolled, case)

    links = [link for path in ("programme", "today", "answers") for link in enrolled.get(f"/my/{path}").links]

    own = f"/my/steps/{case.step}"
    leads = any(link == own or link.startswith((f"{own}/", f"{own}?", f"{own}#")) for link in links)
    assert leads is not bool(case.closed)


@pytest.mark.parametrize("name", CASES)
def test_staff_see_of_a_step_just_what_its_patient_does(enrolled, robin, clients, at, name):
    case = CASES[name]
    reach(enrolled, case)

    own, seen = enrolled.get("/my/programme").text, clients(robin).get(at("sees")).text

    told = explain.for_patient(enrolled.plan()[case.step], "Robin").headline
    assert told in own and told in seen


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.written])
def test_what_was_written_stays_readable_whatever_became_of_its_step(enrolled, name):
    reach(enrolled, CASES[name])

    answers = enrolled.get("/my/answers")

    assert WORDS in answers.text
    if CASES[name].closed:
        assert "/my/answers" in enrolled.get(f"/my/steps/{FIRST}", status=404).links
        assert "This step is not open just now. What you wrote stays here." in answers.text


def test_what_was_taken_off_its_list_comes_back_once_its_step_is_resumed(enrolled):
    entry: UUID = reach(enrolled, CASES["on hold, and resumed"])
    enrolled.post(f"/my/steps/{FIRST}/worksheets/{SHEETS[FIRST][0]}/{entry}/remove")
    hold(enrolled, FIRST)
    enrolled.post(f"/my/steps/{FIRST}/worksheets/{SHEETS[FIRST][0]}/{entry}/put-back", status=404)
    enrolled.staff(plan_actions.resume, step=FIRST)

    enrolled.post(f"/my/steps/{FIRST}/worksheets/{SHEETS[FIRST][0]}/{entry}/put-back")

    assert WORDS in enrolled.get("/my/answers").text
