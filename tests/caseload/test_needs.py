"""Who needs somebody and why: each reason by itself, and which comes first."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role, Scope
from app.caseload import known_queries, queries
from app.caseload.need_queries import Need
from app.kit.chart import spark
from app.programme import plan_actions
from app.programme.tables import CourseSummary
from tests.questionnaires.answers import phq_9, send, totalling

NOW_AND_THEN = phq_9(1, 1, 1, 1, 1, 1, 1, 1, 1)


@pytest.fixture
def caseload(robin, library, follow):
    """Robin’s caseload, with everything that happened caught up with."""

    def read(who=robin, scope=Scope.ASSIGNED, **asked):
        follow()
        return queries.caseload(who.work(), scope, library, **asked)

    return read


def row_of(shown, who):
    rows = [row for group in shown.groups for row in group.rows if row.id == who.id]
    assert len(rows) == 1, "a patient appears once"
    return rows[0]


def begun(course, who):
    """A patient who has answered their questionnaire and made a start, so that nothing is waiting."""
    here = course(who)
    here.post("/my/steps/low-mood/start")
    return here


@pytest.fixture
def calm(course, ash, library):
    """Ash, for whom nothing is waiting."""
    here = begun(course, ash)
    send(ash, library, totalling(12))
    return here


def test_somebody_on_their_way_needs_nobody(calm, caseload, ash):
    shown = caseload()

    row = row_of(shown, ash)
    assert (row.need, row.first.words, row.others) == (Need.NOTHING, "Last online Tuesday 3 March.", ())
    assert (shown.needing, shown.total, shown.first) == (0, 1, None)


def test_an_open_alert_comes_first_with_what_was_done_and_the_act(calm, caseload, ash, library):
    send(ash, library, NOW_AND_THEN)

    first = row_of(caseload(), ash).first

    assert first.need is Need.ALERT
    assert first.words.startswith("PHQ-9, question 9, answered Tuesday 3 March at 10:")
    assert "Nobody has looked at it yet." in first.words
    assert first.href.startswith(f"/patients/{ash.id}/alerts/") and first.action == "Work on it"


def test_a_rise_larger_than_the_measures_own_error_is_getting_worse(calm, caseload, ash, library, world):
    world.clock.on(days=7)
    send(ash, library, totalling(8))
    world.clock.on(days=1)
    send(ash, library, totalling(14))

    first = row_of(caseload(), ash).first

    assert (first.need, first.words) == (Need.WORSE, "PHQ-9 rose from 8 on Tuesday 10 March to 14.")
    assert first.href.startswith(f"/patients/{ash.id}/reviews/") and first.action == "Review"


def test_a_later_better_score_is_told_and_leaves_the_patient_on_the_list(calm, caseload, ash, library, world):
    for days, total in ((7, 8), (1, 14), (7, 9)):
        world.clock.on(days=days)
        send(ash, library, totalling(total))

    first = row_of(caseload(), ash).first

    assert (first.need, first.words) == (
        Need.WORSE,
        "PHQ-9 rose from 8 on Tuesday 10 March to 14. Since then PHQ-9 9, Wednesday 18 March.",
    )


def test_a_rise_within_the_measures_own_error_is_not(calm, caseload, ash, library, world):
    world.clock.on(days=7)
    send(ash, library, totalling(17))

    assert row_of(caseload(), ash).need is Need.NOTHING


def test_a_step_that_waits_for_staff_is_stuck_and_names_the_act(calm, caseload, ash, world):
    calm.post("/my/programme/staying-well/ask")
    world.clock.on(days=4)

    first = row_of(caseload(), ash).first

    assert first.need is Need.STUCK
    assert first.words == "Would like to try Staying well, which waits for you to open it, 4 days."
    assert first.href == f"/patients/{ash.id}/plan/staying-well/release#form"


def test_a_hold_past_its_day_is_stuck(calm, caseload, ash, world):
    calm.staff(plan_actions.hold, step="relaxing", reason="Later", review_on=date(2026, 3, 6))
    assert row_of(caseload(), ash).need is Need.NOTHING
    world.clock.on(days=3)

    first = row_of(caseload(), ash).first

    assert (first.need, first.words) == (
        Need.STUCK, "The hold on Relaxing body and mind was to be looked at on Friday 6 March."
    )  # fmt: skip


def test_a_patient_whose_practitioner_left_is_stuck_for_those_who_can_choose_another(calm, caseload, ash, robin, world):
    lead = world.staff("Lee Lead", Role.CLINICAL_LEAD)
    with lead.working() as work:
        accounts.deactivate(work, person_id=robin.id)

    first = row_of(caseload(lead, Scope.SERVICE), ash).first

    assert first.need is Need.STUCK
    assert first.words == "Robin Hale no longer works here. They need a practitioner."
    assert first.href == f"/patients/{ash.id}/details#practitioner_id"


def test_a_wish_for_a_step_that_its_own_rule_can_open_is_asked_for(calm, caseload, ash):
    calm.post("/my/programme/thoughts/ask")

    first = row_of(caseload(), ash).first

    assert (first.need, first.words) == (Need.ASKED, "Would like to try Working with thoughts, since today.")
    assert first.href == f"/patients/{ash.id}/plan#thoughts"


def test_what_nobody_has_looked_at_is_to_read_until_somebody_does(calm, caseload, ash, robin):
    calm.save("low-mood", "my-cycle", situation="Sunday evening")
    calm.save("low-mood", "problem-statement", statement="The phone rings")
    first = row_of(caseload(), ash).first
    assert (first.need, first.words) == (Need.TO_READ, "2 worksheet entries to look at.")
    assert first.href == f"/patients/{ash.id}/answers"

    look_at(calm, robin, "my-cycle")
    assert row_of(caseload(), ash).first.words == "1 worksheet entry to look at."
    look_at(calm, robin, "problem-statement")
    assert row_of(caseload(), ash).need is Need.NOTHING

    calm.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")
    assert row_of(caseload(), ash).first.words == "1 worksheet entry to look at."


def look_at(here, robin, worksheet):
    here.world.clock.on(minutes=1)
    entry = next(one for one in here.entries() if one.worksheet == worksheet)
    with robin.working() as work:
        plan_actions.give_feedback(work, patient=here.who.patient(), answer_id=entry.answer_id, words="")


def test_what_was_taken_off_its_list_is_nobodys_to_read(calm, caseload, ash):
    calm.save("low-mood", "my-cycle", situation="Sunday evening")
    entry = calm.entries()[0].id

    calm.post(f"/my/steps/low-mood/worksheets/my-cycle/{entry}/remove")

    assert row_of(caseload(), ash).need is Need.NOTHING


def test_what_nobody_was_asked_to_read_is_not_waiting_to_be_read(calm, caseload, ash, robin, clients):
    calm.staff(plan_actions.override_open, step="relaxing", reason="They asked for it")
    calm.save("relaxing", "which-exercise", busy="0")

    assert row_of(caseload(), ash).need is Need.NOTHING
    assert "nobody is asked to read this one" in clients(robin).get(f"/patients/{ash.id}/answers").text


def test_those_who_may_not_read_words_are_told_without_a_link(calm, caseload, ash, world):
    calm.save("low-mood", "my-cycle", situation="Sunday evening")

    first = row_of(caseload(world.staff("Lee Lead", Role.CLINICAL_LEAD), Scope.SERVICE), ash).first

    assert (first.need, first.href) == (Need.TO_READ, "")


def test_two_measures_in_a_row_that_did_not_come_are_told_from_the_day_after_the_second_was_due(
    calm, caseload, ash, world, clients, stop
):
    world.clock.on(days=14)
    clients(ash).post("/my/steps/low-mood/pages/01-why-this-helps")
    stop("phq-9")
    assert row_of(caseload(), ash).need is Need.NOTHING

    world.clock.on(days=1)
    stop("phq-9")
    first = row_of(caseload(), ash).first

    assert (first.need, first.words) == (
        Need.LATE, "PHQ-9 did not come, due on Tuesday 10 March and Tuesday 17 March.",
    )  # fmt: skip


def test_two_weeks_with_nothing_online_is_quiet(calm, caseload, ash, world):
    world.clock.on(days=15)

    row = row_of(caseload(), ash)

    quiet = next(one for one in (row.first, *row.others) if one.need is Need.QUIET)
    assert quiet.words == "Nothing online for 15 days."


def test_a_finished_course_is_not_quiet(calm, caseload, ash, world):
    for step in ("low-mood", "doing-what-matters", "thoughts", "staying-well"):
        calm.staff(plan_actions.record_done, step=step)
    world.clock.on(days=15)

    row = row_of(caseload(), ash)

    assert all(one.need is not Need.QUIET for one in (row.first, *row.others))


def test_somebody_invited_who_has_done_nothing_has_not_started(course, caseload, ash):
    course(ash)

    first = row_of(caseload(), ash).first

    assert (first.need, first.words) == (Need.NOT_STARTED, "On the caseload since Tuesday 3 March; has not begun.")


def test_somebody_on_no_pathway_has_not_started_either(ash, caseload):
    assert row_of(caseload(), ash).need is Need.NOT_STARTED


# Order


def test_the_most_pressing_reason_groups_a_patient_and_the_others_stand_below_it(calm, caseload, ash, library, world):
    calm.save("low-mood", "my-cycle", situation="Sunday evening")
    calm.post("/my/programme/staying-well/ask")
    send(ash, library, totalling(20))
    send(ash, library, NOW_AND_THEN)

    row = row_of(caseload(), ash)

    assert [row.need, *(one.need for one in row.others)] == [Need.ALERT, Need.WORSE, Need.STUCK, Need.TO_READ]


def test_a_newer_alert_comes_before_an_older_wish(calm, caseload, ash, library, world):
    calm.post("/my/programme/thoughts/ask")
    world.clock.on(days=1)
    send(ash, library, NOW_AND_THEN)

    row = row_of(caseload(), ash)

    assert [row.need, *(one.need for one in row.others)] == [Need.ALERT, Need.ASKED]


def test_groups_come_in_the_order_of_who_needs_somebody_most(course, world, robin, library, caseload):
    def patient(name):
        return world.patient(name, of=robin)

    begun(course, patient("Nia Nothing"))
    send(patient("Nia Nothing"), library, totalling(5))
    course(patient("Ned Notstarted"))
    begun(course, patient("Tom Toread")).save("low-mood", "my-cycle", situation="Sunday")
    begun(course, patient("Asa Asked")).post("/my/programme/thoughts/ask")
    begun(course, patient("Stu Stuck")).post("/my/programme/staying-well/ask")
    for total in (5, 15):
        send(patient("Wes Worse"), library, totalling(total))
    send(patient("Al Alert"), library, NOW_AND_THEN)

    shown = caseload()

    assert [group.need for group in shown.groups] == [
        Need.ALERT, Need.WORSE, Need.STUCK, Need.ASKED, Need.TO_READ, Need.NOT_STARTED, Need.NOTHING,
    ]  # fmt: skip
    assert shown.first.name == "Al Alert"
    assert (shown.needing, shown.total) == (6, 7)
    names = [row.name for group in shown.groups for row in group.rows]
    assert len(names) == len(set(names)) == 7


def test_whoever_is_late_or_quiet_is_not_buried_under_what_they_wrote(calm, caseload, ash, world, stop):
    calm.save("low-mood", "my-cycle", situation="Sunday evening")
    world.clock.on(days=15)
    stop("phq-9")

    row = row_of(caseload(), ash)

    assert [row.need, *(one.need for one in row.others)] == [Need.LATE, Need.QUIET, Need.TO_READ]


def test_a_wait_is_as_many_days_on_the_caseload_as_on_the_plan(calm, caseload, ash, robin, world, clients):
    world.clock.on(hours=12)
    clients(ash).post("/my/programme/staying-well/ask")
    world.clock.on(days=3, hours=6)

    assert row_of(caseload(), ash).first.words.endswith("to open it, 4 days.")
    assert "4 days" in clients(robin).get(f"/patients/{ash.id}/plan").text


def test_the_longest_waiting_comes_first_in_its_group(course, world, robin, caseload):
    for name in ("Zoe First", "Amy Second"):
        begun(course, world.patient(name, of=robin)).post("/my/programme/staying-well/ask")
        world.clock.on(minutes=10)

    assert [row.name for row in caseload().groups[0].rows] == ["Zoe First", "Amy Second"]


# Scores


def test_scores_run_from_the_first_to_the_latest_with_a_star_for_a_reliable_change(calm, caseload, ash, library):
    send(ash, library, totalling(6))

    row = row_of(caseload(), ash)
    score = row.scores[0]

    assert (score.short, score.words, score.change) == ("PHQ-9", "12 to 6", "down 6*")
    assert row.drawn == spark([12, 6], 0, 27)


@pytest.mark.parametrize(("latest", "change"), [(12, "same"), (7, "down 5"), (17, "up 5"), (18, "up 6*")])
def test_a_change_within_the_measures_own_error_has_no_star(calm, caseload, ash, library, latest, change):
    send(ash, library, totalling(latest))

    assert row_of(caseload(), ash).scores[0].change == change


# Finding


def test_people_are_found_by_part_of_a_name_a_birthday_or_a_number(course, world, robin, caseload):
    ash = world.patient("Ash Whitlock", of=robin, nhs_number="9998211468")
    world.patient("Kofi Lansdale", of=robin)

    def found(words):
        return [row.name for group in caseload(find=words).groups for row in group.rows]

    assert found("whit") == found("ASH W") == found("999 821 1468") == found("9998211468") == [ash_name(ash)]
    assert sorted(found("14/3/1989")) == sorted(found("14 03 1989")) == ["Ash Whitlock", "Kofi Lansdale"]
    for nothing in ("%", "_", "31/2/1989", "999 821 146", "\\", "'", "²", "9998211469"):
        assert found(nothing) == []


def ash_name(who):
    return f"{who.person.given_name} {who.person.family_name}"


# Reach and bounds


def test_each_scope_reaches_its_own_patients(world, robin, caseload, ash):
    other = world.staff("Sam Other")
    kofi = world.patient("Kofi Lansdale", of=other)
    una = world.staff("Una Super", Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=una.id, practitioner_id=other.id)

    def ids(who, scope):
        return {row.id for group in caseload(who, scope).groups for row in group.rows}

    assert ids(robin, Scope.ASSIGNED) == {ash.id}
    assert ids(una, Scope.SUPERVISED) == {kofi.id}
    assert ids(world.staff("Lee Lead", Role.CLINICAL_LEAD), Scope.SERVICE) == {ash.id, kofi.id}


def test_no_more_than_so_many_are_read_and_an_alert_is_always_among_them(world, robin, caseload, library, monkeypatch):
    monkeypatch.setattr(known_queries, "AT_MOST", 3)
    for name in ("Amy Aa", "Bea Bb", "Cat Cc", "Dan Dd"):
        world.patient(name, of=robin)
    send(world.patient("Zed Zz", of=robin), library, NOW_AND_THEN)

    shown = caseload(world.staff("Lee Lead", Role.CLINICAL_LEAD), Scope.SERVICE)

    names = [row.name for group in shown.groups for row in group.rows]
    assert names[0] == "Zed Zz" and len(names) == 3
    assert (shown.read, shown.total) == (3, 5)


def test_a_page_holds_fifty(world, robin, caseload, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for name in ("Amy Aa", "Bea Bb", "Cat Cc"):
        world.patient(name, of=robin)

    pages = [[row.name for group in caseload(page=n).groups for row in group.rows] for n in (1, 2, 99)]

    assert pages == [["Amy Aa", "Bea Bb"], ["Cat Cc"], ["Cat Cc"]]


def test_a_discharged_patient_is_on_no_caseload(ash, world, caseload):
    with world.founding() as work:
        work.session.execute(
            sa.text("update patient_record set discharged_at = :now where id = :id"),
            {"now": world.clock.now, "id": ash.id},
        )
        work.record("patient.contact-changed", patient=ash.id)

    assert caseload().total == 0


def test_a_summary_nobody_has_made_yet_is_no_mistake(course, ash, robin, library):
    course(ash)
    assert ash.work().session.get(CourseSummary, (ash.world.service_id, ash.id)) is None

    shown = queries.caseload(robin.work(), Scope.ASSIGNED, library)

    assert row_of(shown, ash).core == ""
