"""For every state of a step every door says the same: its pages, its forms, the lists that lead there, the post."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from ruamel.yaml import YAML

from app.clinical.sequencing import decisions
from app.clinical.sequencing.facts import WaiverReason
from app.notifications.tables import Outbox
from app.programme import jobs, plan_actions
from tests.house.files import HOUSE

STEP = "low-mood"
SHEET = "what-i-notice"
# What each address shows of the step itself. Anything else under a step's address must be named below.
CONTENT = {
    ("get", "/my/steps/{step}/pages/{page_key}"),
    ("post", "/my/steps/{step}/pages/{page_key}"),
    ("post", "/my/steps/{step}/start"),
    ("get", "/my/steps/{step}/finish"),
    ("get", "/my/steps/{step}/print"),
    ("post", "/my/steps/{step}/worksheets/{worksheet}"),
    ("get", "/my/steps/{step}/worksheets/{worksheet}/again"),
    ("get", "/my/steps/{step}/worksheets/{worksheet}/{entry_id}"),
}
CLOSED = ("This step is not open yet", "You agreed to skip this step", "This step is paused")
# What shows nothing of it but a name and why it is closed, or only what the patient wrote there.
OTHERS = {
    ("get", "/my/steps/{step}"),
    ("post", "/my/programme/{step}/ask"),
    ("post", "/my/programme/{step}/stop-asking"),
    ("post", "/my/steps/{step}/worksheets/{worksheet}/draft"),
    ("post", "/my/steps/{step}/worksheets/{worksheet}/{entry_id}/throw-draft-away"),
    ("post", "/my/steps/{step}/worksheets/{worksheet}/{entry_id}/remove"),
    ("post", "/my/steps/{step}/worksheets/{worksheet}/{entry_id}/put-back"),
}


def locked(course):
    return "doing-what-matters"


def waiting(course):
    return "staying-well"


def available(course):
    return STEP


def in_progress(course):
    course.post(f"/my/steps/{STEP}/start")
    return STEP


def completed(course):
    course.staff(plan_actions.record_done, step=STEP)
    return STEP


def waived(course):
    course.staff(plan_actions.waive, step=STEP, reason=WaiverReason.GOALS_MET)
    return STEP


def held(course):
    review = course.world.clock.now.date() + timedelta(days=7)
    course.staff(plan_actions.hold, step=STEP, reason="Unwell", review_on=review, told="")
    return STEP


def not_suggested(course):
    course.staff(plan_actions.record_done, step=STEP)
    return "relaxing"


STATES = {
    "locked": locked,
    "waiting": waiting,
    "available": available,
    "in-progress": in_progress,
    "completed": completed,
    "waived": waived,
    "on-hold": held,
    "not-suggested": not_suggested,
}


def test_every_door_of_a_step_is_named_here():
    rows = YAML(typ="safe", pure=True).load((HOUSE / "tests/access/routes.yaml").read_text())["routes"]
    found = {
        (verb, row["path"]) for row in rows for verb in ("get", "post") if verb in row and "/my/" in row["path"]
        and "{step}" in row["path"]
    }  # fmt: skip

    assert found == CONTENT | OTHERS


@pytest.mark.parametrize("state", STATES)
def test_every_door_of_a_step_lets_in_or_refuses_alike(course, ash, state):
    ash = course(ash)
    step = STATES[state](ash)
    standing = ash.plan()[step]
    assert standing.state.value == state
    module = ash.module(step)
    sheet = module.worksheets[0].key
    places = {"step": step, "page_key": module.first_page.key, "worksheet": sheet, "entry_id": str(uuid4())}

    for verb, path in CONTENT:
        address = path.format(**places)
        sent = ash.browser.http.get(address) if verb == "get" else ash.browser.send(address, entry__id=str(uuid4()))
        let_in = not any(words in sent.text for words in CLOSED)
        assert let_in is bool(decisions.can_open(standing)), f"{verb} {address} in {state}: {sent.status_code}"


@pytest.mark.parametrize("state", STATES)
def test_the_lists_lead_to_a_step_just_where_its_door_is_open(course, ash, state):
    ash = course(ash)
    step = STATES[state](ash)
    can_open = bool(decisions.can_open(ash.plan()[step]))

    links = [*ash.get("/my/programme").links, *ash.get("/my/today").links, *ash.get("/my/answers").links]

    own = f"/my/steps/{step}"
    leads = any(link == own or link.startswith((f"{own}/", f"{own}#")) for link in links)
    assert leads is can_open or (can_open and state == "not-suggested")


@pytest.mark.parametrize("close", [waived, held])
def test_what_was_written_stays_readable_when_a_step_is_closed_again(course, ash, close):
    ash = course(ash)
    ash.save(STEP, SHEET, most__trouble="Waking at four")

    close(ash)

    assert "/my/answers" in "".join(ash.get(f"/my/steps/{STEP}", status=404).links)
    assert "Waking at four" in ash.get("/my/answers").text


@pytest.fixture
def follow(bind, world):
    return lambda: jobs.follow(bind, world.service_id, clock=world.clock, origin="https://braid.example.org")


def letters(course):
    return (
        course.who.work()
        .session.execute(
            sa.select(sa.func.count()).where(Outbox.person_id == course.who.id, Outbox.kind == "something-new")
        )
        .scalar_one()
    )


def test_three_steps_that_open_in_one_minute_are_one_letter(course, ash, follow):
    ash = course(ash)
    follow()
    ash.world.clock.on(minutes=3)

    ash.staff(plan_actions.record_done, step=STEP)
    follow()
    follow()

    opened = [one.step for one in ash.plan().course.openings if one.at > ash.plan().started_at]
    assert len(opened) >= 3
    assert letters(ash) == 1


@pytest.mark.parametrize("close", [waived, held])
def test_what_is_skipped_or_paused_is_announced_by_no_letter(course, ash, follow, close):
    ash = course(ash)
    follow()
    ash.world.clock.on(minutes=3)

    close(ash)
    before = [one.step for one in ash.plan().course.openings if one.at > ash.plan().started_at]
    follow()

    assert letters(ash) == (1 if before else 0)
    assert STEP not in before


def test_what_was_opened_and_taken_back_before_the_letter_was_written_is_not_announced(course, ash, follow):
    ash = course(ash)
    follow()
    ash.world.clock.on(minutes=3)
    ash.staff(plan_actions.release, step="staying-well")
    [released] = [row for row in ash.plan().rows if row.kind == "released"]
    ash.staff(plan_actions.undo, decision_id=released.id)

    follow()

    assert ash.state("staying-well") == "waiting"
    assert letters(ash) == 0
