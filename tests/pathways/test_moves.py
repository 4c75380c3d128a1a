"""Patients are moved by a plan two people agree to, one by one, all of it or nothing, and nobody loses anything."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import Service
from app.clinical.sequencing.facts import WaiverReason
from app.kit.audit import AuditEntry
from app.notifications.tables import Outbox
from app.pathways import change_queries, jobs, moving_queries, publishing_actions, what_if_queries
from app.pathways.tables import MovePlan
from app.programme import jobs as programme
from app.programme import plan_actions, queries
from app.programme.tables import Enrolment, Incident
from tests.client import Page
from tests.pathways.test_what_if import answer, question, stricter
from tests.programme.conftest import course
from tests.programme.test_summaries import spoil
from tests.statements import counted

__all__ = ["answer", "course", "question", "stricter"]
ORIGIN = "https://braid.example.org"


@pytest.fixture(autouse=True)
def staffed(robin, supervisor):
    """The library's pathways wait for a practitioner, and turn to a supervisor."""


class Moving:
    """Imogen plans, the lead agrees, and the jobs carry it out."""

    def __init__(self, imogen, lead, clients, bind, world):
        self.imogen, self.lead, self.clients, self.bind, self.world = imogen, lead, clients, bind, world

    def plan(self, what_if, *, status=303, **fields):
        browser = self.clients(self.imogen)
        here = browser.get(f"{what_if}/move").fields
        day = self.world.clock.now.date()
        given = {"plan_id": here["plan_id"][0], "leave_out": here.get("leave_out", []), "note": "A better order.",
                 "due_on-day": day.day, "due_on-month": day.month, "due_on-year": day.year, **fields}  # fmt: skip
        sent = browser.send(f"{what_if}/move", **given)
        assert sent.status_code == status, sent.text
        return sent.headers["location"].partition("?")[0] if status == 303 else sent

    def agree(self, plan, *, status=303):
        return self.clients(self.lead).post(f"{plan}/agree", status=status)

    def retire(self, version):
        with self.imogen.working() as work:
            publishing_actions.retire_pathway(work, version_id=version.id)

    def carry_out(self):
        return jobs.move(self.bind, self.world.service_id, clock=self.world.clock)

    def follow(self):
        return programme.follow(self.bind, self.world.service_id, clock=self.world.clock, origin=ORIGIN)

    def report(self, plan):
        return self.clients(self.imogen).get(plan).text


@pytest.fixture
def moving(imogen, lead, clients, bind, world):
    return Moving(imogen, lead, clients, bind, world)


@pytest.fixture
def publish(imogen, lead, draft, publishing):
    """Publish the starter pathway with other steps, and return the version."""

    def published(steps, **changes):
        begun = draft(imogen, steps=steps, **changes)
        publishing.ask(imogen, begun, reason="Agreed in the team.")
        publishing.publish(lead, begun)
        return next(one for one in queries.in_use(imogen.work()) if one.key == "as-it-should-be")

    return published


def steps_of(library):
    return change_queries.as_body(library.pathways["as-it-should-be"])["steps"]


def opening(library, key):
    """The starter steps of which one is open from the start."""
    return [{**one, "unlock": {"kind": "always"}} if one["key"] == key else one for one in steps_of(library)]


def with_new_core(library):
    new = {"key": "worry", "title": "Managing worry", "unlock": {"kind": "always"}}
    return [steps_of(library)[0], new, *steps_of(library)[1:]]


def letters(who):
    return (
        who.work()
        .session.execute(sa.select(sa.func.count()).where(Outbox.kind == "something-new", Outbox.person_id == who.id))
        .scalar_one()
    )


def test_a_plan_that_two_agree_to_moves_everybody_and_nobody_loses_an_open_step(
    course, ash, world, robin, moving, publish, question, stricter
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    for step in ("low-mood", "doing-what-matters", "thoughts"):
        ash.staff(plan_actions.record_done, step=step)
    since = ash.plan()["staying-well"].since
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()

    plan = moving.plan(what_if)
    assert "1 waits to be agreed" in moving.clients(moving.lead).get("/pathways").text
    assert plan in moving.clients(moving.lead).get("/pathways/moves").links
    assert moving.carry_out() == 0
    moving.agree(plan)
    assert moving.carry_out() == 2

    for one in (ash, kofi):
        assert one.plan().pathway.version == 2
    assert ash.state("staying-well") == "available" and ash.plan()["staying-well"].since == since
    assert [ash.state(step) for step in ("low-mood", "doing-what-matters", "thoughts")] == ["completed"] * 3
    assert kofi.state("staying-well") == "locked"
    assert "Carried out. 2 patients moved, 0 left where they were." in moving.report(plan)


def test_what_a_move_opens_is_told_in_one_letter_and_on_todays_page(course, ash, moving, publish, question, library):
    ash = course(ash)
    moving.follow()
    what_if = question.ask(f"/pathways/{publish(opening(library, 'staying-well')).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if))
    ash.world.clock.on(minutes=5)

    moving.carry_out()
    moving.follow()
    moving.follow()

    assert ash.state("staying-well") == "available"
    assert letters(ash.who) == 1
    assert "Staying well is open now" in ash.get("/my/today").text
    assert ash.plan()["staying-well"].since == ash.plan().rows[-1].recorded_at


def test_a_move_that_opens_nothing_tells_nobody(course, ash, moving, publish, question, stricter):
    ash = course(ash)
    moving.follow()
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if))

    moving.carry_out()
    moving.follow()

    assert letters(ash.who) == 0


def test_the_course_still_comes_out_as_announced_after_a_move(course, ash, moving, publish, question, stricter, bind):
    ash = course(ash)
    ash.do_online("low-mood")
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if))
    moving.carry_out()

    assert programme.prove(bind, ash.world.service_id, clock=ash.world.clock, origin=ORIGIN) == 0
    assert ash.who.work().session.execute(sa.select(Incident)).first() is None


def test_nobody_agrees_to_their_own_plan_and_one_role_is_not_enough(
    course, ash, world, moving, publish, question, stricter, clients, imogen
):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)

    clients(imogen).post(f"{plan}/agree", status=409)
    clients(world.staff("Helen Marsh", Role.SERVICE_ADMIN)).post(f"{plan}/agree", status=409)

    assert moving.carry_out() == 0 and ash.plan().pathway.version == 1


def test_nobody_is_moved_to_a_draft_or_before_everybody_was_looked_at(
    course, ash, imogen, draft, moving, publish, question, stricter
):
    course(ash)
    of_draft = question.ask(f"{draft(imogen, steps=stricter).base}/what-if")
    question.answer()
    assert "Nobody is moved to a draft." in moving.plan(of_draft, status=422).text
    unanswered = question.ask(f"/pathways/{publish(stricter).id}/what-if")

    assert "Wait until everybody has been looked at." in moving.plan(unanswered, status=422).text


def test_a_plan_for_another_day_waits_for_it(course, ash, world, moving, publish, question, stricter):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if, **{"due_on-day": 6}))

    assert moving.carry_out() == 0
    world.clock.on(days=3)
    assert moving.carry_out() == 1
    assert ash.plan().pathway.version == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"due_on-day": 2}, "Choose today or a later day."),
        ({"due_on-year": 2029}, "Choose a day within half a year, until Wednesday 2 September 2026."),
        ({"due_on-day": "x"}, "Give the day of the move"),
        ({"note": ""}, "Say why"),
    ],
)
def test_a_plan_that_is_not_whole_is_told_of_and_kept(course, ash, moving, publish, question, stricter, fields, told):
    course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()

    page = Page(moving.plan(what_if, status=422, **fields).text)

    assert told in page.text
    assert [page.fields[name] for name in fields] == [[str(value)] for value in fields.values()]
    assert page.fields["note"] == [fields.get("note", "A better order.")]


def test_whoever_would_lose_a_step_stays_and_the_report_says_why(
    course, ash, world, robin, moving, publish, question, library
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    kofi.staff(plan_actions.release, step="staying-well")
    shorter = [one for one in steps_of(library) if one["key"] != "staying-well"]
    what_if = question.ask(f"/pathways/{publish(shorter).id}/what-if", **{"becomes.staying-well": "-"})
    question.answer()
    assert "Kofi Lansdale" in question.browser.get(f"{what_if}?group=lost").text
    plan = moving.plan(what_if, leave_out=[])
    moving.agree(plan)

    moving.carry_out()

    assert (ash.plan().pathway.version, kofi.plan().pathway.version) == (2, 1)
    assert "Staying well is open to them now and would not be." in moving.report(plan)


def test_whoever_would_be_stuck_or_lose_is_left_out_unless_somebody_says_otherwise(
    course, ash, world, robin, moving, publish, question, library
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    kofi.staff(plan_actions.release, step="staying-well")
    shorter = [one for one in steps_of(library) if one["key"] != "staying-well"]
    what_if = question.ask(f"/pathways/{publish(shorter).id}/what-if", **{"becomes.staying-well": "-"})
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)

    assert moving.carry_out() == 1
    assert "without 1 who are left out" in moving.report(plan)
    assert kofi.plan().pathway.version == 1


def test_one_who_cannot_be_moved_stays_where_they_are_and_keeps_nobody_else_back(
    course, ash, world, robin, moving, publish, question, stricter
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    spoil(ash.who)

    assert moving.carry_out() == 2

    assert kofi.plan().pathway.version == 2
    assert "1 patient moved, 1 left where they were." in moving.report(plan)
    assert "Something went wrong on our side. Nothing of theirs was changed." in moving.report(plan)
    on = (
        ash.who.work()
        .session.execute(sa.select(Enrolment.ended_at, Enrolment.moved_at).where(Enrolment.patient_id == ash.who.id))
        .all()
    )
    assert [tuple(row) for row in on] == [(None, None)]


def test_a_move_is_taken_back_and_what_was_begun_since_stays(
    course, ash, world, robin, moving, publish, question, library
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    what_if = question.ask(f"/pathways/{publish(opening(library, 'doing-what-matters')).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    moving.carry_out()
    assert kofi.state("doing-what-matters") == ash.state("doing-what-matters") == "available"
    kofi.save("doing-what-matters", "activity-log", what="Walked to the canal", when__day="2", when__month="3",
              when__year="2026")  # fmt: skip

    moving.clients(moving.lead).post(f"{plan}/take-back")
    moving.carry_out()

    assert (ash.plan().pathway.version, kofi.plan().pathway.version) == (1, 1)
    assert ash.state("doing-what-matters") == "locked"
    assert kofi.state("doing-what-matters") == "in-progress"
    assert len(kofi.entries()) == 1
    assert moving.report(plan).count("Moved, and moved back") == 2
    assert moving.carry_out() == 0


def test_moving_everybody_back_is_asked_for_on_a_page_of_its_own_and_told_of_while_it_is_under_way(
    course, ash, world, robin, moving, publish, question, stricter, monkeypatch
):
    course(ash), course(world.patient("Kofi Lansdale", of=robin))
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    browser = moving.clients(moving.lead)
    browser.get(f"{plan}/take-back", status=303)
    moving.carry_out()

    assert f"{plan}/take-back" in browser.get(plan).links
    asked = browser.get(f"{plan}/take-back").text
    assert "Move 2 patients back?" in asked and "It cannot be stopped half way" in asked
    browser.post(f"{plan}/take-back")
    assert "Being taken back. 0 of 2 patients moved back, 2 still to come." in moving.report(plan)
    monkeypatch.setattr(jobs, "TICK", 1)
    moving.carry_out()
    assert "Being taken back. 1 of 2 patients moved back, 1 still to come." in moving.report(plan)
    moving.carry_out()

    assert "Taken back. 2 of 2 patients moved back." in moving.report(plan)


def test_a_plan_says_how_many_it_would_move_before_anybody_agrees_to_it(
    course, ash, world, robin, moving, publish, question, stricter
):
    course(ash), course(world.patient("Kofi Lansdale", of=robin))
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()

    plan = moving.plan(what_if)

    assert "2 patients would be moved on Tuesday 3 March 2026" in moving.report(plan)


def test_nobody_is_in_two_plans_that_are_agreed(course, ash, moving, publish, question, stricter):
    course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    first, second = moving.plan(what_if, **{"due_on-day": 6}), moving.plan(what_if)
    moving.agree(first)
    told = "One of these patients is in a plan that is agreed already: to Depression, version 2 on Friday 6 March 2026"

    assert told in moving.agree(second, status=409).text
    assert told in moving.plan(what_if, status=422).text
    seen = moving.clients(moving.lead).get(second)
    assert "1 patient of this plan is in another one that is agreed" in seen.text and first in seen.links
    assert "Agree to it" not in seen.text

    moving.clients(moving.imogen).post(f"{first}/call-off")
    moving.agree(second)


def test_a_plan_is_called_off_before_its_day(course, ash, moving, publish, question, stricter, clients, imogen):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if, **{"due_on-day": 6})
    moving.agree(plan)

    clients(imogen).post(f"{plan}/call-off")
    ash.world.clock.on(days=4)

    assert moving.carry_out() == 0
    assert "Called off" in moving.report(plan)


def test_a_new_core_step_is_asked_of_nobody_who_is_under_way(course, ash, moving, publish, question, library):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(with_new_core(library)).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if))

    moving.carry_out()

    assert ash.plan().pathway.version == 2
    assert not ash.plan()["worry"].core


def test_a_new_core_step_is_asked_of_whoever_is_not_past_it_where_the_plan_says_so(
    course, ash, world, robin, moving, publish, question, library
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    bea = course(world.patient("Bea Arkwright", of=robin))
    kofi.staff(plan_actions.record_done, step="low-mood")
    bea.staff(plan_actions.record_done, step="thoughts")
    version = publish(with_new_core(library))
    what_if = question.ask(f"/pathways/{version.id}/what-if", new_core="if-not-yet-past")
    question.answer()
    moving.agree(moving.plan(what_if))
    moving.carry_out()

    assert ash.plan()["worry"].core
    assert kofi.plan()["worry"].core
    assert not bea.plan()["worry"].core
    fresh = world.patient("Bea Newcomer", of=robin)
    with world.founding() as work:
        plan_actions.enrol(work, patient_id=fresh.id, pathway_version_id=version.id, zone="Europe/London")
    assert queries.plan(fresh.work(), fresh.patient())["worry"].core


def test_planned_twice_by_a_double_click_there_is_one_plan(course, ash, moving, publish, question, stricter, imogen):
    course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan_id = "3f0c3cc4-7f0c-4b52-9d38-1d0a6a8f5f11"

    assert moving.plan(what_if, plan_id=plan_id) == moving.plan(what_if, plan_id=plan_id)
    assert len(moving_queries.plans(imogen.work())) == 1


def test_the_timeline_says_that_they_were_moved_and_by_whose_agreement(
    course, ash, robin, moving, publish, question, stricter, clients
):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if))
    moving.carry_out()

    page = clients(robin).get(f"/patients/{ash.who.id}/timeline")

    assert "Moved from version 1 to version 2 of the pathway" in page.text and "Lee Lead" in page.text


def test_after_a_move_is_taken_back_the_timeline_says_from_where_to_where_and_the_plan_what_opened_a_step(
    course, ash, robin, moving, publish, question, stricter, clients
):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    moving.carry_out()
    assert "kept from version 1" in clients(robin).get(f"/patients/{ash.who.id}/plan").text
    moving.clients(moving.lead).post(f"{plan}/take-back")
    moving.carry_out()

    told = clients(robin).get(f"/patients/{ash.who.id}/timeline").text

    assert "Moved back from version 2 to version 1 of the pathway" in told
    assert "Moved from version 1 to version 2 of the pathway" in told
    assert "kept from version" not in clients(robin).get(f"/patients/{ash.who.id}/plan").text


def waiting_for(library, step):
    """The starter steps of which the last opens only to whoever has done a step, and never to one who skips it."""
    rule = {"kind": "step-completed", "step": step}
    return [{**one, "unlock": rule} if one["key"] == "staying-well" else one for one in steps_of(library)]


def skip(course, step):
    course.staff(plan_actions.waive, step=step, reason=WaiverReason.NOT_RELEVANT, note="")


def test_whoever_has_become_stuck_since_the_what_if_stays_and_the_report_says_why(
    course, ash, world, robin, moving, publish, question, library
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    what_if = question.ask(f"/pathways/{publish(waiting_for(library, 'thoughts')).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    skip(kofi, "thoughts")

    assert moving.carry_out() == 2

    assert (ash.plan().pathway.version, kofi.plan().pathway.version) == (2, 1)
    told = moving.report(plan)
    assert "1 patient moved, 1 left where they were." in told
    assert "a group that is left out, “Would be stuck”. No route to Staying well would be left." in told


def test_whoever_would_be_stuck_is_moved_where_the_plan_says_so(course, ash, moving, publish, question, library):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(waiting_for(library, 'thoughts')).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if, leave_out=[]))
    skip(ash, "thoughts")

    moving.carry_out()

    assert ash.plan().pathway.version == 2


def test_nobody_agrees_to_a_plan_onto_a_version_that_was_retired(course, ash, moving, publish, question, stricter):
    course(ash)
    version = publish(stricter)
    what_if = question.ask(f"/pathways/{version.id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.retire(version)

    assert "This version was retired since" in moving.report(plan)
    assert "This version was retired since" in moving.agree(plan, status=409).text


def test_a_plan_onto_a_version_that_was_retired_is_ended_and_says_so(course, ash, moving, publish, question, stricter):
    ash = course(ash)
    version = publish(stricter)
    what_if = question.ask(f"/pathways/{version.id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    moving.retire(version)

    assert moving.carry_out() == 0

    assert ash.plan().pathway.version == 1
    assert "Its version was retired before its day, and takes nobody any more." in moving.report(plan)
    assert "Call it off" not in moving.report(plan)
    assert "move.ended" in set(ash.who.work().session.execute(sa.select(AuditEntry.event)).scalars())


def test_a_plan_that_is_called_off_half_way_says_who_was_moved_and_moves_them_back(
    course, ash, world, robin, moving, publish, question, stricter, monkeypatch
):
    courses = [course(ash), course(world.patient("Kofi Lansdale", of=robin))]
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.agree(plan)
    monkeypatch.setattr(jobs, "TICK", 1)
    assert moving.carry_out() == 1

    moving.clients(moving.imogen).post(f"{plan}/call-off")

    assert "Called off half way. 1 patient moved" in moving.report(plan)
    assert moving.carry_out() == 0
    assert sorted(one.plan().pathway.version for one in courses) == [1, 2]

    moving.clients(moving.lead).post(f"{plan}/take-back")
    moving.carry_out()

    assert [one.plan().pathway.version for one in courses] == [1, 1]
    assert "Moved, and moved back" in moving.report(plan)


def test_a_plan_that_moved_nobody_is_not_taken_back(course, ash, moving, publish, question, stricter):
    course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    plan = moving.plan(what_if)
    moving.clients(moving.imogen).post(f"{plan}/call-off")

    assert "Move everybody back" not in moving.report(plan)
    moving.clients(moving.lead).post(f"{plan}/take-back", status=409)


def test_a_plan_that_breaks_keeps_no_other_back(course, ash, moving, publish, question, stricter):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    broken, whole = moving.plan(what_if), moving.plan(what_if)
    moving.agree(whole)
    with moving.imogen.working() as work:
        work.session.get_one(MovePlan, (work.service_id, UUID(broken.rpartition("/")[2]))).agreed_at = work.now
        work.record("move.agreed")

    moving.carry_out()

    assert ash.plan().pathway.version == 2
    assert "1 patient moved" in moving.report(whole)


def test_a_move_is_carried_out_on_the_day_it_is_where_the_service_is(
    course, ash, world, moving, publish, question, stricter
):
    ash = course(ash)
    what_if = question.ask(f"/pathways/{publish(stricter).id}/what-if")
    question.answer()
    moving.agree(moving.plan(what_if, **{"due_on-day": 4}))
    with world.founding() as work:
        work.session.get_one(Service, work.service_id).zone = "Pacific/Auckland"
        work.record("service.founded")
    # Half past eleven in the morning of the third in London; half past midnight on the fourth there.
    world.clock.now = world.clock.now.replace(hour=11, minute=30)

    assert moving.carry_out() == 1
    assert ash.plan().pathway.version == 2


def test_a_page_of_plans_or_questions_costs_no_more_for_many_than_for_one(
    course, ash, bind, moving, publish, question, stricter, imogen
):
    course(ash)
    path = f"/pathways/{publish(stricter).id}/what-if"

    def one_more():
        what_if = question.ask(path)
        question.answer()
        moving.plan(what_if)

    def costs():
        work = imogen.work()
        with counted(bind) as plans:
            found = moving_queries.plans(work)
        with counted(bind) as questions:
            asked = what_if_queries.asked_about(work, to_id=found[0].to_id)
        return len(found), len(asked), len(plans), len(questions)

    one_more()
    one = costs()
    one_more()
    one_more()

    assert one[:2] == (1, 1)
    assert costs() == (3, 3, *one[2:])
