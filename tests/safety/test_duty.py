"""Duty and leave: who has an alert meanwhile, what they may open, and what does not go together."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import PatientRecord
from app.caseload import actions as caseload
from app.kit.audit import AuditEntry
from app.kit.errors import Forbidden, NotFound
from app.safety import actions, climb_actions, duty_actions, duty_queries, queries
from app.safety.kinds import AlertKind, AlertStep

TODAY = date(2026, 3, 3)


@pytest.fixture
def lena(world):
    return world.staff("Lena Moss", Role.CLINICAL_LEAD)


@pytest.fixture
def sam(world):
    return world.staff("Sam Reed")


def answer(who, source="phq-9:q9:1:first"):
    with who.working() as work:
        actions.raise_alert(work, patient=who.patient(), kind=AlertKind.RISK_ANSWER, source=source)


def alert(of):
    return queries.open_alert(of.work(), of.patient())


def address(of):
    return f"/patients/{of.id}/alerts/{alert(of).id}"


def away(by, who, cover, first=0, last=7):
    days = {"from_on": TODAY + timedelta(days=first), "until_on": TODAY + timedelta(days=last)}
    with by.working() as work:
        duty_actions.begin_leave(work, person_id=who.id, cover_id=cover.id, **days)


def duty(by, who, hours=8, begins=0):
    with by.working() as work:
        from_at = work.now + timedelta(hours=begins)
        until = from_at + timedelta(hours=hours)
        duty_actions.put_on_duty(work, person_id=who.id, from_at=from_at, until_at=until)


def last_event(of, by):
    return queries.alert_history(by.work(), of.patient(), alert(of).id).events[-1]


def test_leave_passes_an_open_alert_to_the_cover_in_the_same_transaction(ash, robin, sam, lena):
    answer(ash)

    away(robin, robin, sam)

    assert alert(ash).owner_id == sam.id
    event = last_event(ash, lena)
    assert event.step is AlertStep.PASSED_ON
    assert event.words == "To Sam Reed, who covers for them: Robin Hale is away until Tuesday 10 March."


def test_an_answer_that_comes_while_somebody_is_away_is_told_to_their_cover(ash, robin, sam):
    away(robin, robin, sam)

    answer(ash)

    assert alert(ash).given_to == sam.id


def test_leave_begins_and_ends_by_the_calendar_of_the_service_and_nobody_has_to_do_anything(ash, robin, sam, world):
    away(robin, robin, sam, first=1, last=2)
    answer(ash)
    owners = []
    for at in ((3, 23, 59), (4, 0, 0), (5, 23, 59), (6, 0, 0)):
        world.clock.now = datetime(2026, 3, *at, tzinfo=UTC)
        owners.append(alert(ash).owner)

    assert owners == ["Robin Hale", "Sam Reed", "Sam Reed", "Robin Hale"]


def test_what_the_calendar_passed_on_the_new_owner_hears_of_once(ash, robin, sam, lena, world):
    away(robin, robin, sam, first=1)
    answer(ash)
    world.clock.now = datetime(2026, 3, 4, 0, 1, tzinfo=UTC)

    passed = []
    for _ in range(2):
        with lena.working() as work:
            passed.append(climb_actions.hand_over(work))

    assert passed == [1, 0]
    assert last_event(ash, lena).words.startswith("To Sam Reed")


def test_back_early_means_back_now(ash, robin, sam):
    away(robin, robin, sam)
    answer(ash)
    with robin.working() as work:
        [leave] = duty_queries.leaves_of(work, robin.id)
        duty_actions.end_leave(work, leave_id=leave.id)

    assert alert(ash).owner_id == robin.id


def test_when_a_cover_leaves_the_alert_goes_on_to_whoever_is_on_duty_and_then_up(ash, robin, sam, lena, world):
    dot = world.staff("Dot Duty")
    away(robin, robin, sam)
    answer(ash)
    duty(lena, dot, hours=2)
    with lena.working() as work:
        caseload.deactivate(work, person_id=sam.id)
    assert alert(ash).owner_id == dot.id
    assert "who is on duty" in last_event(ash, lena).words

    world.clock.on(hours=3)

    assert alert(ash).owner_id == lena.id


def test_reassigning_a_patient_passes_the_alert_on_in_the_same_transaction(ash, robin, sam, lena):
    answer(ash)

    with lena.working() as work:
        caseload.reassign(work, patient_id=ash.id, practitioner_id=sam.id)

    assert alert(ash).given_to == sam.id
    assert last_event(ash, lena).words == "To Sam Reed, who looks after them."


def test_taking_the_role_of_practitioner_away_passes_the_alert_on(ash, robin, lena):
    answer(ash)

    with lena.working() as work:
        caseload.take_role(work, person_id=robin.id, role=Role.PRACTITIONER)

    assert alert(ash).given_to == lena.id
    assert "Robin Hale no longer sees patients" in last_event(ash, lena).words


def test_an_open_alert_of_somebody_discharged_long_ago_is_still_owned_and_can_be_ended(clients, ash, robin, world):
    answer(ash)
    with world.founding() as work:
        record = work.session.get_one(PatientRecord, (world.service_id, ash.id))
        record.discharged_at = work.now
        work.session.add(record)
        work.record("patient.discharged", patient=ash.id)
    world.clock.on(days=60)
    browser, where = clients(robin), address(ash)

    assert alert(ash).owner_id == robin.id
    browser.get(where)
    browser.get(f"/patients/{ash.id}/plan", status=404)
    page = browser.post(where, act="contacted", words="Spoke for six minutes.", then="close")

    assert "the alert is closed" in page.text
    browser.get(where, status=404)


def test_the_cover_opens_what_the_alert_needs_and_no_more_and_each_look_says_why(clients, ash, robin, sam, lena):
    answer(ash)
    clients(sam).get(address(ash), status=404)
    away(robin, robin, sam)
    browser = clients(sam)

    page = browser.get(address(ash))
    assert "With you now: Robin Hale is away until Tuesday 10 March" in page.text
    assert "because you cover for their practitioner" in page.text
    assert "Change practitioner" not in browser.get(f"/patients/{ash.id}/details").text
    browser.get(f"/patients/{ash.id}/scores")
    for private in ("plan", "answers", "diary", "timeline"):
        assert f"/patients/{ash.id}/{private}" not in page.links
        browser.get(f"/patients/{ash.id}/{private}", status=404)

    looks = lena.work().session.execute(
        sa.select(AuditEntry.body).where(AuditEntry.event == "patient.opened", AuditEntry.actor_id == sam.id)
    )
    assert all('"lent":"cover"' in body.replace(" ", "") for body in looks.scalars())


def test_whoever_is_on_duty_works_on_every_open_alert_for_that_time_only(clients, ash, sam, lena, world):
    answer(ash)
    duty(lena, sam, hours=1)
    browser, where = clients(sam), address(ash)

    assert "Ash Whitlock" in browser.get("/alerts").text
    assert "because you are on duty" in browser.get(where).text
    browser.post(where, act="contacted", words="Spoke for six minutes.", then="keep-open")
    world.clock.on(hours=1)

    browser = clients(sam)
    browser.get(where, status=404)
    assert "Ash Whitlock" not in browser.get("/alerts").text


def test_duty_lends_nobody_without_an_open_alert(clients, ash, sam, lena):
    duty(lena, sam)

    clients(sam).get(f"/patients/{ash.id}/details", status=404)
    clients(sam).get(f"/patients/{ash.id}/scores", status=404)


REFUSED = {
    "covers for themselves": (lambda p: away(p.noel, p.noel, p.noel), "somebody else to cover"),
    "begins yesterday": (lambda p: away(p.robin, p.robin, p.sam, first=-1), "today at the earliest"),
    "ends before it begins": (lambda p: away(p.robin, p.robin, p.sam, first=3, last=2), "not be before the first"),
    "never ends": (lambda p: away(p.robin, p.robin, p.sam, last=500), "at most a year"),
    "overlaps their own": (lambda p: away(p.robin, p.robin, p.sam, first=5, last=9), "Robin Hale is already away"),
    "cover is away": (lambda p: away(p.noel, p.noel, p.robin), "Robin Hale is away from Tuesday 3 March"),
    "mutual": (lambda p: away(p.sam, p.sam, p.robin, first=2, last=3), "Sam Reed covers for Robin Hale"),
    "is covering": (lambda p: away(p.sam, p.sam, p.noel, first=7, last=8), "Choose somebody else to cover"),
    "cover is no colleague of theirs": (lambda p: away(p.sue, p.sue, p.noel), "can do their work"),
    "cover left": (lambda p: away(p.noel, p.noel, p.gone), "Choose somebody who has access"),
    "duty while away": (lambda p: duty(p.sue, p.robin), "Robin Hale is away"),
    "duty of a lead": (lambda p: duty(p.sue, p.lena), "practitioner or supervisor"),
    "duty without end": (lambda p: duty(p.sue, p.sam, hours=0), "must end after it begins"),
    "duty for a month": (lambda p: duty(p.sue, p.sam, hours=24 * 30), "at most 14 days"),
    "away while on duty": (lambda p: away(p.dot, p.dot, p.noel), "Dot Duty is on duty"),
}


class People:
    """Robin is away with Sam as cover; Dot is on duty; Gus left."""

    def __init__(self, world, robin, sam, lena):
        self.robin, self.sam, self.lena = robin, sam, lena
        self.noel, self.dot, self.gone = (world.staff(name) for name in ("Noel Ash", "Dot Duty", "Gus Gone"))
        self.sue = world.staff("Sue Ng", Role.SUPERVISOR)
        away(robin, robin, sam)
        duty(lena, self.dot)
        with lena.working() as work:
            caseload.deactivate(work, person_id=self.gone.id)


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_go_together_is_refused_with_words(world, robin, sam, lena, case):
    attempt, words = REFUSED[case]

    with pytest.raises(duty_actions.CannotBe, match=words):
        attempt(People(world, robin, sam, lena))


def test_a_cover_who_falls_ill_is_replaced_and_can_then_be_away(ash, robin, sam, lena, world):
    noel = world.staff("Noel Ash")
    away(robin, robin, sam)
    answer(ash)
    with lena.working() as work:
        [leave] = duty_queries.leaves(work)
        duty_actions.change_cover(work, leave_id=leave.id, cover_id=noel.id)
    assert alert(ash).given_to == noel.id

    away(lena, sam, noel)

    assert alert(ash).owner_id == noel.id


def test_a_practitioner_says_when_they_are_away_and_not_when_others_are(robin, sam, world):
    noel = world.staff("Noel Ash")
    away(robin, robin, noel)
    with pytest.raises(Forbidden):
        away(robin, sam, noel)
    with pytest.raises(Forbidden):
        duty(robin, sam)

    with pytest.raises(NotFound), sam.working() as work:
        [leave] = duty_queries.leaves(work)
        duty_actions.end_leave(work, leave_id=leave.id)


def test_the_database_holds_no_leave_of_one_person_twice(robin, sam, world):
    away(robin, robin, sam)
    with pytest.raises(sa.exc.IntegrityError, match="ex_staff_leave_days"), world.founding() as work:
        work.session.execute(
            sa.text(
                "insert into staff_leave (service_id, id, person_id, cover_id, from_on, until_on, made_at) select"
                " service_id, gen_random_uuid(), person_id, cover_id, until_on, until_on, made_at from staff_leave"
            )
        )
