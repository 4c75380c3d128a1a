"""What a draft or a version would do for everybody on another is looked at on a copy, and changes nothing."""

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.kit.audit import AuditEntry
from app.notifications.tables import Outbox
from app.pathways import change_queries, jobs, what_if_queries
from app.pathways.tables import WhatIf
from app.programme import jobs as programme
from app.programme import plan_actions, queries
from app.programme.tables import CourseSummary, Decision, Enrolment
from tests.programme.conftest import course
from tests.programme.test_anchor import announce
from tests.programme.test_summaries import spoil

__all__ = ["course"]


@pytest.fixture(autouse=True)
def staffed(robin, supervisor):
    """The library's pathways wait for a practitioner, and turn to a supervisor."""


@pytest.fixture
def answer(bind, world, library):
    return lambda: jobs.answer(bind, world.service_id, clock=world.clock, library=library)


@pytest.fixture
def follow(bind, world):
    """Catch up with all that happened, and announce it."""
    return lambda: programme.follow(bind, world.service_id, clock=world.clock, origin="https://braid.example.org")


@pytest.fixture
def stricter(library):
    """The starter pathway in which Staying well waits for a release alone."""
    steps = change_queries.as_body(library.pathways["as-it-should-be"])["steps"]
    staying_well = next(one for one in steps if one["key"] == "staying-well")
    staying_well["unlock"] = staying_well["unlock"]["of"][2]
    return steps


class Question:
    def __init__(self, who, clients, answer):
        self.who, self.browser, self.answer = who, clients(who), answer

    def ask(self, path, **fields):
        page = self.browser.get(path)
        given = {"from_ids": page.fields.get("from_ids", []), "what_if_id": page.fields["what_if_id"][0],
                 "new_core": "new-enrolments-only", **fields}  # fmt: skip
        sent = self.browser.send(path, **given)
        assert sent.status_code == 303, sent.text
        return sent.headers["location"]


@pytest.fixture
def question(imogen, clients, answer):
    return Question(imogen, clients, answer)


def test_a_draft_is_tried_on_everybody_and_the_groups_say_for_whom_what(
    course, ash, world, robin, imogen, draft, question, stricter, follow
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    ash.staff(plan_actions.release, step="staying-well")
    kofi.do_online("low-mood")
    follow()
    steps = [one if one["key"] != "doing-what-matters" else {**one, "unlock": {"kind": "always"}} for one in stricter]
    begun = draft(imogen, steps=steps)

    path = question.ask(f"{begun.base}/what-if")
    before = question.browser.get(path)
    assert "0 of 2 patients looked at." in before.text and "You can leave this page and come back" in before.text
    question.answer()

    page = question.browser.get(path)
    assert "Of 2 patients on version 1 of Depression, nobody would lose an open step; 1 would gain one" in page.text
    assert "Doing what matters would open." in page.text
    assert "all 2 courses came out exactly as announced, which is why this can be believed" in page.text
    assert "Ash Whitlock" in question.browser.get(f"{path}?group=opens-more").text
    kofis = question.browser.get(f"{path}?group=reads-otherwise").text
    assert "Kofi Lansdale" in kofis and "What they read of Staying well would be different." in kofis


def test_acceptance_12_publishing_a_stricter_version_changes_nobody_and_what_if_lists_who_is_kept_open(
    course, ash, world, robin, imogen, lead, draft, publishing, question, stricter, library
):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    for step in ("low-mood", "doing-what-matters", "thoughts"):
        ash.staff(plan_actions.record_done, step=step)
    assert ash.state("staying-well") == "available" and kofi.state("staying-well") == "waiting"
    begun = draft(imogen, steps=stricter)
    publishing.ask(imogen, begun)
    publishing.publish(lead, begun)

    assert ash.state("staying-well") == "available" and ash.plan().pathway.version == 1
    [version] = [one for one in queries.pathways(imogen.work()) if one.version == 2]
    path = question.ask(f"/pathways/{version.id}/what-if")
    question.answer()

    kept = question.browser.get(f"{path}?group=kept-open")
    assert "Staying well open already, and kept open." in kept.text and "Ash Whitlock" in kept.text
    assert "Kofi Lansdale" not in kept.text
    fresh = world.patient("Bea Newcomer", of=robin)
    with world.founding() as work:
        plan_actions.enrol(work, patient_id=fresh.id, pathway_version_id=version.id, zone="Europe/London")


def everything(who):
    session = who.work().session
    tables = (Enrolment, Decision, CourseSummary, Outbox)
    return [
        session.execute(sa.select(table.__table__).order_by(*table.__table__.primary_key)).all() for table in tables
    ]


def test_asking_changes_nothing_of_anybodys_and_tells_nobody(course, ash, imogen, draft, question, stricter):
    ash = course(ash)
    ash.do_online("low-mood")
    before = everything(ash.who)

    question.ask(f"{draft(imogen, steps=stricter).base}/what-if")
    question.answer()

    assert everything(ash.who) == before
    events = set(ash.who.work().session.execute(sa.select(AuditEntry.event)).scalars())
    assert {"what-if.asked", "what-if.answered"} <= events


def test_one_patients_two_explanations_stand_side_by_side_and_the_look_is_recorded(
    course, ash, imogen, lead, draft, question, stricter, clients
):
    ash = course(ash)
    path = question.ask(f"{draft(imogen, steps=stricter).base}/what-if")
    question.answer()

    page = clients(lead).get(f"{path}/patients/{ash.who.id}?step=staying-well")

    assert page.headings == ["Ash Whitlock, side by side"]
    assert page.text.count("Staff read") == 1 and page.text.count("Staff would read") == 1
    assert "Opens when one of these happens" in page.text
    looks = ash.who.work().session.execute(
        sa.select(AuditEntry.event).where(AuditEntry.patient_id == ash.who.id, AuditEntry.event == "patient.opened")
    )
    assert looks.scalars().first() == "patient.opened"


def test_an_administrator_sees_no_scores_there(course, ash, imogen, draft, question, stricter, clients):
    ash = course(ash)
    path = question.ask(f"{draft(imogen, steps=stricter).base}/what-if")
    question.answer()

    page = clients(imogen).get(f"{path}/patients/{ash.who.id}?step=staying-well")

    assert "PHQ-9" not in page.text and "Staff read" not in page.text
    assert "A clinical lead sees it here." in page.text


def test_a_draft_that_cannot_be_read_is_tried_on_nobody(course, ash, imogen, draft, clients):
    course(ash)
    begun = draft(imogen, sessions=0)

    page = clients(imogen).get(f"{begun.base}/what-if")

    assert "This draft cannot be tried yet" in page.text


def test_asked_of_no_version_it_says_so(course, ash, imogen, draft, clients):
    course(ash)
    base = f"{draft(imogen).base}/what-if"
    page = clients(imogen).get(base)

    page = clients(imogen).post(base, status=422, what_if_id=page.fields["what_if_id"][0])

    assert "Choose at least one version" in page.text


def test_a_step_that_is_not_in_the_draft_must_become_something(course, ash, imogen, draft, question, library, clients):
    ash = course(ash)
    steps = [
        {**one.model_dump(mode="json", by_alias=True, exclude_none=True), "unlock": {"kind": "always"}}
        for one in library.pathways["as-it-should-be"].steps
        if one.key != "doing-what-matters"
    ]
    base = f"{draft(imogen, steps=steps).base}/what-if"
    here = clients(imogen).get(base)
    assert "Doing what matters becomes" in here.text
    fields = {"from_ids": here.fields["from_ids"], "what_if_id": here.fields["what_if_id"][0]}

    page = clients(imogen).post(base, status=422, **fields)
    assert "Doing what matters is not in the new version" in page.text
    path = question.ask(base, **{"becomes.doing-what-matters": "thoughts"})
    question.answer()

    assert "1 would gain" in question.browser.get(path).text


def test_a_double_click_asks_once(course, ash, imogen, draft, clients):
    course(ash)
    base = f"{draft(imogen).base}/what-if"
    here = clients(imogen).get(base).fields
    fields = {"from_ids": here["from_ids"], "what_if_id": here["what_if_id"][0]}

    first, second = (clients(imogen).send(base, **fields).headers["location"] for _ in range(2))

    assert first == second


def test_it_can_be_stopped_and_says_how_far_it_came(course, ash, imogen, draft, question):
    course(ash)
    path = question.ask(f"{draft(imogen).base}/what-if")

    question.browser.post(f"{path}/stop")

    assert question.answer() == 0
    assert "It was stopped before everybody was looked at." in question.browser.get(path).text


def test_a_course_that_cannot_be_replayed_is_told_as_such_and_stops_nobody_elses(
    course, ash, world, robin, imogen, draft, question
):
    ash, _ = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    spoil(ash.who)

    path = question.ask(f"{draft(imogen).base}/what-if")
    question.answer()

    page = question.browser.get(path)
    assert "1 course could not be replayed." in page.text
    assert "Ash Whitlock" in question.browser.get(f"{path}?group=failed").text
    assert "Kofi Lansdale" in question.browser.get(f"{path}?group=same").text


def test_a_course_that_did_not_come_out_as_announced_says_not_to_believe_the_rest(
    course, ash, imogen, draft, question, follow
):
    ash = course(ash)
    follow()
    announce(ash, low_mood={"state": "locked"})

    path = question.ask(f"{draft(imogen).base}/what-if")
    question.answer()

    assert "so do not believe this yet" in question.browser.get(path).text


def test_the_table_has_no_names(course, ash, imogen, draft, question):
    course(ash)
    path = question.ask(f"{draft(imogen).base}/what-if")
    question.answer()

    sent = question.browser.http.get(f"{path}/table")

    assert sent.headers["content-type"].startswith("text/csv")
    assert "No difference" in sent.text and "Ash" not in sent.text and "Whitlock" not in sent.text


def test_whoever_was_discharged_is_not_looked_at(course, ash, world, imogen, draft, question):
    ash = course(ash)
    path = question.ask(f"{draft(imogen).base}/what-if")
    with world.founding() as work:
        record = work.session.get_one(PatientRecord, (work.service_id, ash.who.id))
        record.discharged_at = world.clock.now
        work.record("patient.discharged", patient=ash.who.id)

    assert question.answer() == 0
    assert "0 patients" in question.browser.get(path).text


@pytest.fixture
def unreadable(imogen, draft):
    """A question about a draft that cannot be read, as a fault of ours may leave."""
    begun = draft(imogen, sessions=0)
    with imogen.working() as work:
        row = work.add(
            WhatIf(
                draft_id=begun.id, edition=begun.edition, from_ids=[], new_core="all", asked_by=imogen.id,
                asked_at=work.now, patients=1,
            )
        )  # fmt: skip
        work.record("what-if.asked", what_if=row.id)
    return f"/pathways/what-if/{row.id}"


def test_a_question_that_cannot_be_answered_says_so_and_keeps_no_other_back(
    course, ash, imogen, draft, question, unreadable
):
    course(ash)
    path = question.ask(f"{draft(imogen).base}/what-if")

    assert question.answer() == 1

    assert "Of 1 patient on version 1" in question.browser.get(path).text
    assert "It could not be answered for everybody: something went wrong" in question.browser.get(unreadable).text
    assert what_if_queries.running(imogen.work()) == []
