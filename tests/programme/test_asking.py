"""When a patient on a course is asked for which questionnaire: what the pathway says, and what staff decide."""

from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.clinical.schedules import Timing, Why
from app.kit.audit import AuditEntry
from app.kit.errors import Forbidden, NotFound
from app.programme import asking_queries, plan_actions, summary_actions
from app.questionnaires import schedule_actions, schedule_queries
from app.questionnaires.schedule_tables import ScheduleDecision
from tests.questionnaires.answers import record_of, send, totalling

ALLIANCE = dict.fromkeys(
    (
        "goals-shared", "goals-mine", "tasks-sense", "tasks-between",
        "bond-understood", "bond-honest", "programme-easy", "programme-fits",
    ),
    2,
)  # fmt: skip


@pytest.fixture
def mine(course, ash):
    return course(ash)


def standing(of, library):
    with of.working() as work:
        patient = record_of(work, of)
        said = schedule_queries.said(work, patient.id)
        known = library.instruments.values()
        return schedule_queries.standing(said, asking_queries.course_of(work, patient), known, work.now)


def due(of, library):
    return {
        one.instrument: one.why
        for one in standing(of, library).due
        if not library.instruments[one.instrument].needs_text
    }


def decide(act, who, of, **said):
    with who.working() as work:
        act(work, patient=record_of(work, of), **{"id": uuid4()} | said)


def ask(who, of, instrument="alliance", **said):
    id = uuid4()
    decide(schedule_actions.ask_for, who, of, id=id, instrument=instrument, **said)
    return id


def pages(of):
    return f"/patients/{of.id}/questionnaires"


# What the pathway says


def test_the_starter_pathway_asks_every_week_and_nothing_twice_after_a_module(mine, ash, library, world):
    assert due(ash, library) == {"phq-9": Why.WEEKLY, "gad-7": Why.WEEKLY}

    mine.do_online("low-mood")

    assert due(ash, library) == {"phq-9": Why.WEEKLY, "gad-7": Why.WEEKLY}
    assert mine.plan().pathway.measures["understanding"] is Timing.ON_DEMAND


def test_after_a_module_is_about_the_module_that_was_done(mine, ash, robin, library, world):
    with robin.working() as work:
        schedule_actions.change_timing(
            work, patient=record_of(work, ash), id=uuid4(), instrument="understanding",
            timing=Timing.AFTER_MODULE, from_on=date(2026, 3, 3),
        )  # fmt: skip
    mine.do_online("low-mood")

    (one,) = [one for one in standing(ash, library).due if one.why is Why.MODULE]

    assert (one.instrument, one.about) == ("understanding", "low-mood")
    assert "About Understanding low mood." in mine.get("/my/questionnaires").text


def test_at_the_end_is_when_every_core_step_is_done_or_waived(mine, ash, robin, library):
    decide(
        schedule_actions.change_timing, robin, ash, instrument="alliance",
        timing=Timing.START_AND_END, from_on=date(2026, 3, 3),
    )  # fmt: skip
    assert due(ash, library)["alliance"] is Why.START
    send(ash, library, ALLIANCE, key="alliance")
    assert "alliance" not in due(ash, library)

    for step in [one.step for one in mine.plan().course.standings if one.core]:
        mine.staff(plan_actions.record_done, step=step)

    assert due(ash, library)["alliance"] is Why.END


def test_lists_learn_the_same_of_a_course_from_its_summary(mine, ash, library, world):
    mine.do_online("low-mood")
    with world.founding() as work:
        summary_actions.refresh(work, ash.id)

    with ash.working() as work:
        replayed = asking_queries.course_of(work, record_of(work, ash))
        kept = asking_queries.courses_of(work, [ash.id])[ash.id]

    assert kept == replayed
    assert [one.module for one in kept.finished] == ["low-mood"]


# What staff decide


def test_what_somebody_asked_for_is_due_until_it_is_answered(mine, ash, robin, library, world):
    ask(robin, ash)
    world.clock.on(days=20)
    assert due(ash, library)["alliance"] is Why.REQUESTED

    send(ash, library, ALLIANCE, key="alliance")

    assert "alliance" not in due(ash, library)


def test_what_was_asked_for_can_be_taken_back(mine, ash, robin, library):
    id = ask(robin, ash)
    with robin.working() as work:
        schedule_actions.withdraw(work, patient=record_of(work, ash), decision_id=id)

    assert "alliance" not in due(ash, library)
    assert ash.work().session.scalars(sa.select(sa.func.count()).select_from(ScheduleDecision)).one() == 2


def test_a_second_click_decides_nothing_more(mine, ash, robin):
    id = ask(robin, ash)
    decide(schedule_actions.ask_for, robin, ash, id=id, instrument="alliance")
    for _ in range(2):
        decide(schedule_actions.say_ending, robin, ash)
        with robin.working() as work:
            schedule_actions.withdraw(work, patient=record_of(work, ash), decision_id=id)

    rows = ash.work().session.scalars(sa.select(ScheduleDecision.act).order_by(ScheduleDecision.seq))
    assert [one.value for one in rows] == ["requested", "ending", "withdrawn"]


def test_the_last_change_holds_and_every_one_is_kept_with_who_made_it(mine, ash, robin, library, world):
    for timing in (Timing.NOT_ASKED, Timing.START_AND_END):
        decide(
            schedule_actions.change_timing, robin, ash, instrument="gad-7", timing=timing,
            from_on=date(2026, 3, 3), reason="Agreed in session",
        )  # fmt: skip
    assert due(ash, library)["gad-7"] is Why.START

    with robin.working() as work:
        told = schedule_queries.happened(work, record_of(work, ash))
    assert {(one.by, one.reason) for one in told} == {("Robin Hale", "Agreed in session")}
    assert [one.timing for one in told] == [Timing.NOT_ASKED, Timing.START_AND_END]


def test_every_decision_is_on_record_without_a_word_of_its_reason(mine, ash, robin):
    ask(robin, ash, reason="CANARY")

    entries = ash.work().session.scalars(sa.select(AuditEntry).where(AuditEntry.patient_id == ash.id)).all()
    (entry,) = [one for one in entries if one.event == "questionnaire.asked-for"]
    assert "alliance" in entry.body
    assert "CANARY" not in entry.body


def test_only_whoever_may_change_the_programme_decides(mine, ash, robin, world):
    sam = world.patient("Sam Osei")
    with pytest.raises(Forbidden):
        ask(ash, ash)
    id = ask(robin, ash)
    with pytest.raises(NotFound), robin.working() as work:
        schedule_actions.withdraw(work, patient=record_of(work, sam), decision_id=id)
    with pytest.raises(NotFound):
        decide(schedule_actions.ask_for, robin, sam, id=id, instrument="alliance")


def test_nobody_is_asked_after_their_treatment_ended(mine, ash, robin, world):
    with world.founding() as work:
        work.session.execute(
            sa.text("update patient_record set discharged_at = :now where id = :id"),
            {"now": world.clock.now, "id": ash.id},
        )
        work.record("patient.discharged", patient=ash.id)

    with pytest.raises(schedule_actions.TreatmentEnded):
        ask(robin, ash)


def test_one_about_a_module_is_asked_for_once_a_module_was_done_and_is_about_the_last(mine, ash, robin, clients):
    browser, path = clients(robin), f"/patients/{ash.id}/questionnaire-requests"
    assert (
        "Choose a questionnaire" in browser.post(path, status=422, decision_id=uuid4(), instrument="understanding").text
    )
    mine.do_online("low-mood")

    browser.post(path, decision_id=uuid4(), instrument="understanding")

    assert 'href="/my/questionnaires/understanding?about=low-mood"' in mine.browser.http.get("/my/questionnaires").text


# What the patient sees


def test_today_and_the_list_say_what_is_due_and_why(mine, ash, robin, library, world):
    send(ash, library, totalling(12))
    ask(robin, ash)

    assert (
        "Two short questionnaires About 4 minutes. Your service asked you for this one. Every week."
        in mine.get("/my/today").text
    )
    text = mine.get("/my/questionnaires").text
    assert "Due now. Every week." in text
    assert "Due now. Your service asked you for this one." in text
    assert "Next due on Tuesday 10 March. Every week." in text


def test_what_was_taken_off_is_not_on_the_patients_list(mine, ash, robin, world):
    decide(
        schedule_actions.change_timing, robin, ash, instrument="gad-7", timing=Timing.NOT_ASKED,
        from_on=date(2026, 3, 3), reason="CANARY",
    )  # fmt: skip

    text = mine.get("/my/questionnaires").text

    assert "GAD-7" not in text and "PHQ-9" in text and "CANARY" not in text
    assert "A short questionnaire About 3 minutes." in mine.get("/my/today").text


# What staff see


def test_the_staff_page_says_what_is_asked_when_and_what_is_due(mine, ash, robin, library, clients):
    send(ash, library, totalling(12))

    text = clients(robin).get(pages(ash)).text

    assert "Ash is asked for GAD-7 now." in text
    assert "PHQ-9 Every week Next due Tuesday 10 March Last answered: Tuesday 3 March" in text
    assert "Working together Only when somebody asks for it Not due Last answered: never" in text


def test_staff_ask_for_one_for_a_day_and_take_it_back(mine, ash, robin, clients):
    browser = clients(robin)
    browser.post(
        f"/patients/{ash.id}/questionnaire-requests", decision_id=uuid4(), instrument="alliance", reason="Week four",
        **{"for_on-day": "20", "for_on-month": "3", "for_on-year": "2026"},
    )  # fmt: skip

    page = browser.get(f"{pages(ash)}?done=asked")
    assert "Ash is asked for it." in page.text
    assert "Robin Hale Week four For Friday 20 March Take it back" in page.text

    (id,) = ash.work().session.scalars(sa.select(ScheduleDecision.id))
    browser.post(f"/patients/{ash.id}/questionnaire-requests/{id}/withdraw")
    assert "Asked for the Working together for Friday 20 March, taken back since" in browser.get(pages(ash)).text


def test_the_timeline_shows_what_was_decided_and_what_was_taken_back(mine, ash, robin, clients):
    id = ask(robin, ash, reason="Week four")
    with robin.working() as work:
        schedule_actions.withdraw(work, patient=record_of(work, ash), decision_id=id)

    text = clients(robin).get(f"/patients/{ash.id}/timeline?kind=questionnaire").text

    assert "Took back that the Working together was asked for" in text
    assert "Asked for the Working together" in text and "Week four" in text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"instrument": ""}, "Choose a questionnaire"),
        ({"instrument": "wsas"}, "Choose a questionnaire"),
        ({"for_on-day": "31", "for_on-month": "2", "for_on-year": "2026"}, "Enter a day like 27 6 2026"),
        ({"for_on-day": "2", "for_on-month": "3", "for_on-year": "2026"}, "Choose today or a day to come"),
        ({"reason": "x" * 501}, "Shorten the reason to 500 letters"),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_what_was_typed_stays(mine, ash, robin, clients, sent, sentence):
    good = {"decision_id": uuid4(), "instrument": "alliance", "reason": "Kept words"}
    page = clients(robin).post(f"/patients/{ash.id}/questionnaire-requests", status=422, **good | sent)

    assert sentence in page.text
    assert page.fields["reason"] == [sent.get("reason", "Kept words")]


def test_staff_change_when_one_is_asked_from_a_day_on(mine, ash, robin, library, clients, world):
    browser = clients(robin)
    assert "Where nothing is changed it is: every week." in browser.get(f"{pages(ash)}/gad-7/when").text

    browser.post(
        f"{pages(ash)}/gad-7/when", decision_id=uuid4(), timing="start-and-end", reason="Only at the ends",
        **{"from_on-day": "5", "from_on-month": "3", "from_on-year": "2026"},
    )  # fmt: skip

    text = browser.get(f"{pages(ash)}?done=changed").text
    assert "Changed for them from Thursday 5 March. The pathway says: every week. Next due Thursday 5 March" in text
    assert "GAD-7: at the start and at the end, from Thursday 5 March" in text
    assert "GAD-7 is asked at the start and once more at the end." in text


def test_saying_that_treatment_is_ending_asks_for_what_is_asked_at_the_end(mine, ash, robin, library, clients, world):
    decide(
        schedule_actions.change_timing, robin, ash, instrument="gad-7", timing=Timing.START_AND_END,
        from_on=date(2026, 3, 3),
    )  # fmt: skip
    send(ash, library, {f"q{n}": 1 for n in range(1, 8)}, key="gad-7")
    world.clock.on(days=1)
    browser = clients(robin)
    browser.post(f"/patients/{ash.id}/treatment-ending", decision_id=uuid4())

    assert "Due since Wednesday 4 March, at the end." in browser.get(pages(ash)).text
    assert "At the end of your programme." in clients(ash).get("/my/questionnaires").text


def test_an_instrument_that_cannot_be_asked_has_no_page_of_when(mine, ash, robin, clients):
    for key in ("wsas", "goals", "nothing"):
        clients(robin).get(f"{pages(ash)}/{key}/when", status=404)


def test_a_clinical_lead_and_a_supervisor_see_it_and_a_navigator_does_not(mine, ash, clients, world):
    clients(world.staff("Lee Lead", Role.CLINICAL_LEAD)).get(pages(ash))
    clients(world.staff("Nat Navigator", Role.NAVIGATOR)).get(pages(ash), status=403)


def test_what_is_missing_follows_what_is_asked(mine, ash, robin, library, world, bind):
    from app.caseload import jobs

    send(ash, library, totalling(12))
    send(ash, library, {f"q{n}": 1 for n in range(1, 8)}, key="gad-7")
    decide(
        schedule_actions.change_timing, robin, ash, instrument="gad-7", timing=Timing.ON_DEMAND,
        from_on=date(2026, 3, 3),
    )  # fmt: skip
    decide(
        schedule_actions.change_timing, robin, ash, instrument="phq-9", timing=Timing.WEEKLY, from_on=date(2026, 3, 20)
    )

    def stopped(days):
        world.clock.on(days=days)
        return jobs.review(bind, world.service_id, clock=world.clock, instruments=library.instruments)

    assert stopped(24) == 0
    assert stopped(1) == 1
