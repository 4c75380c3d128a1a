"""One decision for many patients: each by itself, each told of, made once, and taken back where nobody has begun."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.notifications.tables import Outbox
from app.programme import plan_actions, queries
from app.programme.tables import Decision
from tests.questionnaires.answers import phq_9, send
from tests.statements import counted

STEP = "staying-well"


@pytest.fixture
def enrolled(world, robin, pathway):
    """`enrolled(3)` are patients of Robin's on the starter pathway; `of` is another's."""

    def begin(count, of=None, first=0):
        found = [world.patient(f"Pat{number} Many", of=of or robin) for number in range(first, first + count)]
        with world.founding() as work:
            for one in found:
                plan_actions.enrol(work, patient_id=one.id, pathway_version_id=pathway.id, zone="Europe/London")
        return found

    return begin


class Together:
    def __init__(self, browser):
        self.browser = browser

    def look(self, people, status=303, **fields):
        return self.browser.post(
            "/caseload/together", status=status, patients=[str(one.id) for one in people], **fields
        )

    def decide(self, people, *, many_id=None, status=303, act="release", step=STEP, **fields):
        return self.browser.post(
            "/caseload/together/decide", status=status, patients=[str(getattr(one, "id", one)) for one in people],
            act=act, step=step, many_id=str(many_id or uuid4()), **fields,
        )  # fmt: skip


@pytest.fixture
def together(robin, clients):
    return Together(clients(robin))


def state(one, step=STEP):
    return queries.plan(one.work(), one.patient())[step].state.value


def decisions(who, kind="released"):
    return (
        who.work()
        .session.execute(sa.select(sa.func.count()).select_from(Decision).where(Decision.kind == kind))
        .scalar_one()
    )


def test_acceptance_15_release_for_forty_of_whom_three_are_outside_the_team_and_two_already_open(
    world, robin, enrolled, together, clients
):
    mine = enrolled(37)
    theirs = enrolled(3, of=world.staff("Nadia Rahman"), first=37)
    for one in mine[:2]:
        with robin.working() as work:
            plan_actions.release(work, patient=one.patient(), plan=queries.plan(work, one.patient()), step=STEP)
    before, many_id = decisions(robin), uuid4()

    page = together.decide([*mine, *theirs], many_id=many_id)

    assert "35 released, 2 unchanged, 3 refused." in page.text
    assert "3 of those refused are not among your patients." in page.text
    assert decisions(robin) - before == 35
    assert [state(one) for one in (*mine, *theirs)] == ["available"] * 37 + ["waiting"] * 3
    assert "Pat38 Many" not in page.text

    again = together.decide([*mine, *theirs], many_id=many_id)
    assert "35 released, 2 unchanged, 3 refused." in again.text and decisions(robin) - before == 35

    clients(mine[5]).post(f"/my/steps/{STEP}/start")
    world.clock.on(minutes=5)
    page = clients(robin).post(f"/caseload/together/{many_id}/undo")
    assert "for 34." in page.text and "Released, and not taken back." in page.text
    assert state(mine[5]) == "in-progress" and state(mine[0]) == "available"
    assert {state(one) for one in (*mine[2:5], *mine[6:])} == {"waiting"}
    clients(robin).post(f"/caseload/together/{many_id}/undo")
    assert decisions(robin, "undone") == 34


def test_it_is_shown_for_each_before_anything_is_decided(robin, enrolled, together):
    first, second = enrolled(2)
    with robin.working() as work:
        plan_actions.release(work, patient=first.patient(), plan=queries.plan(work, first.patient()), step=STEP)

    page = together.look([first, second], act="release")
    assert page.headings == ["Release a step for 2 patients"] and "before anything is decided" in page.text
    page = together.look([first, second], act="release", step=STEP, many_id=str(uuid4()))

    assert "1 would be released." in page.text and "Nothing changes. This step is open." in page.text
    assert "Release it for 1 patient" in page.text
    assert decisions(robin) == 1


def test_a_waiver_for_many_has_a_reason_for_each(robin, enrolled, together):
    people = enrolled(2)

    page = together.decide(people, act="waive", step="thoughts", status=422)
    assert "Choose why this step is not needed" in page.text
    page = together.decide(people, act="waive", step="thoughts", status=422, reason="clinical-judgement")
    assert "Write a note: clinical judgement has to be explained" in page.text
    page = together.decide(people, act="waive", step="thoughts", reason="goals-met", note="Talked through in group.")

    assert "2 waived, 0 unchanged, 0 refused." in page.text
    for one in people:
        standing = queries.plan(one.work(), one.patient())["thoughts"]
        assert standing.waiver.reason == "goals-met" and standing.waiver.note == "Talked through in group."


def test_a_step_that_somebody_does_not_have_is_refused_for_them_in_words(robin, enrolled, together):
    page = together.decide(enrolled(1), step="nothing-like-it")

    assert "Refused. They do not have this step." in page.text


def test_nobody_ticked_decides_nothing(enrolled, together):
    enrolled(1)

    page = together.browser.post("/caseload/together", act="release")

    assert "Tick at least one patient first." in page.text


def test_ids_that_are_none_are_passed_over(enrolled, together):
    [one] = enrolled(1)

    page = together.browser.post("/caseload/together", act="release", patients=["x", "", str(one.id)])

    assert page.headings == ["Release a step for 1 patient"]


def test_more_than_two_hundred_at_once_are_too_many(together):
    many = [str(uuid4()) for _ in range(201)]

    assert "Choose at most 200 patients." in together.decide(many, status=409).text


def test_a_summary_is_nobodys_but_whose_it_is(world, robin, enrolled, together, clients):
    many_id = uuid4()
    together.decide(enrolled(1), many_id=many_id)

    clients(world.staff("Gareth Pugh", Role.CLINICAL_LEAD)).get(f"/caseload/together/{many_id}", status=404)


def test_after_half_an_hour_it_is_not_taken_back_and_says_so(world, robin, enrolled, together, clients):
    many_id = uuid4()
    [one] = enrolled(1)
    together.decide([one], many_id=many_id)
    world.clock.on(minutes=40)

    page = clients(robin).post(f"/caseload/together/{many_id}/undo")

    assert "Released, and not taken back." in page.text and state(one) == "available"


def test_each_patient_gets_one_letter(enrolled, together, follow, robin):
    people = enrolled(3)
    follow()
    robin.world.clock.on(minutes=2)
    together.decide(people)
    follow()
    follow()

    sent = robin.work().session.execute(sa.select(Outbox.person_id).where(Outbox.kind == "something-new")).scalars()
    assert sorted(sent) == sorted(one.id for one in people)


def test_the_caseload_has_a_box_for_each_patient_and_no_more_statements_than_before(enrolled, together, bind):
    enrolled(3)
    together.browser.get("/caseload")

    with counted(bind) as sent:
        page = together.browser.get("/caseload")

    assert page.text.count("Choose Pat") == 3
    assert len(sent) <= 6


def test_the_look_says_whose_moment_it_may_not_be_before_anything_is_decided(
    world, robin, enrolled, together, course, library
):
    alerted, done, idle = enrolled(3)
    send(alerted, library, phq_9(1, 1, 1, 1, 1, 1, 1, 1, 1))
    with robin.working() as work:
        plan_actions.record_done(work, patient=done.patient(), plan=queries.plan(work, done.patient()), step=STEP)

    told = together.look([alerted, done, idle], act="release", step=STEP, many_id=str(uuid4())).text

    rows = told.partition("What would happen")[2]
    first, second, third = (rows[rows.index(name) :] for name in ("Pat0 Many", "Pat1 Many", "Pat2 Many"))
    assert "Safety alert open." in first[: first.index("Pat1 Many")]
    assert "They did it already, on Tuesday 3 March." in second[: second.index("Pat2 Many")]
    assert "has not begun." in third and "They did it already" not in third
    assert "Look at 3 of them first" in told


def test_what_a_patient_opened_again_can_be_waived_for_many_as_it_can_for_one(robin, enrolled, together, clients):
    [one] = enrolled(1)
    waive = {"act": "waive", "step": "thoughts", "reason": "not-relevant"}
    together.decide([one], **waive)
    assert "This step is waived already." in together.look([one], **waive, many_id=str(uuid4())).text
    clients(one).post("/my/programme/thoughts/ask")
    assert state(one, "thoughts") == "available"

    page = together.decide([one], **waive)

    assert "1 waived, 0 unchanged, 0 refused." in page.text
    assert state(one, "thoughts") == "waived"


def test_a_look_is_a_page_to_come_back_to_and_after_the_decision_its_address_shows_what_was_decided(
    enrolled, together, clients, world
):
    people = enrolled(2)
    many_id = uuid4()
    sent = {"act": "release", "step": STEP, "told": "Try this next.", "many_id": str(many_id)}

    answered = together.browser.send("/caseload/together", patients=[str(one.id) for one in people], **sent)

    here = answered.headers["location"]
    assert answered.status_code == 303 and here == f"/caseload/together/{many_id}" and "?" not in here
    looks = [together.browser.get(here) for _ in range(2)]
    assert all("2 would be released." in one.text and "Try this next." in str(one.fields) for one in looks)
    clients(world.staff("Nadia Rahman")).get(here, status=404)
    together.decide(people, **sent)

    assert "2 released, 0 unchanged, 0 refused." in together.browser.get(here).text


def test_what_is_missing_is_said_on_the_page_of_the_look(enrolled, together):
    page = together.look(enrolled(1), act="release", step="", many_id=str(uuid4()))

    assert "There is a problem Choose a step" in page.text


def test_the_five_newest_looks_are_kept(enrolled, together):
    [one] = enrolled(1)
    ids = [uuid4() for _ in range(6)]
    for many_id in ids:
        together.look([one], act="release", many_id=str(many_id))

    together.browser.get(f"/caseload/together/{ids[0]}", status=404)
    together.browser.get(f"/caseload/together/{ids[1]}")
