"""What a patient does in the programme, and what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.kit.errors import NotFound
from app.programme import actions, plan_actions
from app.programme.tables import Answer, Evidence, Homework
from tests.programme.conftest import FILLED
from tests.statements import counted


def stored(course, table):
    return list(course.who.work().session.execute(sa.select(table).where(table.patient_id == course.who.id)).scalars())


def kinds(course, kind):
    return [row for row in stored(course, Evidence) if row.kind == kind]


def only_homework(course):
    return stored(course, Homework)[0]


def test_doing_all_of_a_step_online_completes_it_and_opens_what_waits_on_it(course, ash):
    ash = course(ash)
    assert ash.state("thoughts") == "locked"

    ash.do_online("low-mood")

    assert ash.state("low-mood") == "completed"
    assert ash.plan()["low-mood"].mode is Mode.ONLINE
    assert ash.state("thoughts") == ash.state("doing-what-matters") == "available"


def test_what_was_done_in_a_session_is_not_asked_for_again_and_the_rest_online_completes_the_step(course, ash):
    ash = course(ash)
    in_session = ("how-it-keeps-going", "my-cycle")

    ash.staff(plan_actions.record_done, step="low-mood", activities=in_session)

    assert ash.state("low-mood") == "in-progress"
    assert {part.key for part in ash.plan()["low-mood"].left} == {"what-i-notice", "problem-statement", "first-goals"}
    assert "you have done 2 of 5 parts" in ash.get("/my/programme").text

    ash.do_online("low-mood", but=in_session)

    assert ash.state("low-mood") == "completed"
    assert ash.plan()["low-mood"].mode is Mode.MIXED
    told = ash.get("/my/steps/low-mood").text
    assert "Draw my own circle: in your session, Tuesday 3 March" in told
    assert "Choose a first goal and a small step: online, Tuesday 3 March" in told


def test_carrying_on_leaves_out_the_pages_that_were_done_in_a_session(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood", activities=("how-it-keeps-going", "my-cycle"))

    after = ash.post("/my/steps/low-mood/pages/03-four-parts")

    assert after.headings == ["How it keeps going"]
    assert "/my/steps/low-mood/pages/06-ways-out" in ash.get("/my/today").links


def test_a_page_already_moved_on_from_is_not_counted_twice(course, ash):
    ash = course(ash)

    ash.post("/my/steps/low-mood/pages/04-how-it-keeps-going")
    ash.post("/my/steps/low-mood/pages/04-how-it-keeps-going")

    assert len(kinds(ash, "page-passed")) == len(kinds(ash, "activity-done")) == len(kinds(ash, "step-opened")) == 1


def test_asking_for_a_step_is_kept_and_can_be_taken_back(course, ash):
    ash = course(ash)

    asked = ash.post("/my/programme/staying-well/ask")
    ash.post("/my/programme/staying-well/ask")

    assert len(kinds(ash, "patient-chose")) == 1
    assert "Robin sees that you asked" in asked.text
    assert "You asked for this on Tuesday 3 March. Robin will tell you before or at your next session." in asked.text
    assert "Change my mind about Staying well" in asked.text

    changed = ash.post("/my/programme/staying-well/stop-asking")

    assert ash.plan()["staying-well"].asked is None
    assert "Ask Robin to open it : Staying well" in changed.text


def test_a_step_that_is_open_cannot_be_asked_for(course, ash):
    ash = course(ash)

    page = ash.post("/my/programme/low-mood/ask", status=409)

    assert page.headings == ["There is nothing to ask for"]
    assert kinds(ash, "patient-chose") == []


def test_a_step_agreed_to_skip_opens_again_when_the_patient_wants_it(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    ash.staff(plan_actions.waive, step="thoughts", reason=WaiverReason.PATIENT_PREFERS_NOT)
    assert ash.state("thoughts") == "waived"
    ash.get("/my/steps/thoughts", status=404)

    assert "Open it after all" in ash.get("/my/programme").text

    opened = ash.post("/my/programme/thoughts/ask")

    assert "It is open now." in opened.text
    assert ash.state("thoughts") == "available"
    ash.get("/my/steps/thoughts")


def test_changing_ones_mind_restores_a_skip_until_the_step_is_begun(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    ash.staff(plan_actions.waive, step="thoughts", reason=WaiverReason.PATIENT_PREFERS_NOT)
    ash.post("/my/programme/thoughts/ask")

    back = ash.post("/my/programme/thoughts/stop-asking")

    assert ash.state("thoughts") == "waived"
    assert "It is skipped again, as you agreed." in back.text
    assert "You and Robin agreed to skip this. You can still open it." in back.text
    assert "2 of your 4 steps are done or agreed." in back.text
    ash.post("/my/programme/thoughts/ask")
    ash.post("/my/steps/thoughts/start")
    ash.post("/my/programme/thoughts/stop-asking")
    assert ash.state("thoughts") == "in-progress"
    assert "Change my mind about Working with thoughts" not in ash.get("/my/programme").text


def test_homework_that_was_done_counts_as_practice_of_its_technique(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.record_done, technique="relaxation", homework="Slow breathing, once a day")
    before = len(ash.plan()["low-mood"].seen.practised("relaxation"))

    page = ash.post(f"/my/homework/{only_homework(ash).id}/done")
    ash.post(f"/my/homework/{only_homework(ash).id}/done")

    assert before == 1
    assert len(ash.plan()["low-mood"].seen.practised("relaxation")) == 2
    assert "Marked as done. It counts as practice" in page.text
    assert "Slow breathing, once a day" not in page.text


def test_homework_marked_as_done_by_mistake_is_taken_back_on_the_same_day(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.record_done, technique="relaxation", homework="Slow breathing, once a day")
    homework = f"/my/homework/{only_homework(ash).id}"
    marked = ash.post(f"{homework}/done")

    ash.post(f"{homework}/not-done")
    ash.post(f"{homework}/not-done")

    assert "Marked as done. It counts as practice, and you can tell Robin how it went. Undo" in marked.text
    assert only_homework(ash).done_at is None
    assert len(ash.plan()["low-mood"].seen.practised("relaxation")) == 1
    assert "Slow breathing, once a day" in ash.get("/my/today").text
    ash.post(f"{homework}/done")
    ash.world.clock.on(hours=20)
    ash.browser.sign_in(ash.who)
    ash.post(f"{homework}/not-done", status=409)
    assert len(ash.plan()["low-mood"].seen.practised("relaxation")) == 2


def test_somebody_elses_homework_is_nobodys(course, ash, world):
    ash, kit = course(ash), course(world.patient("Kit Marlow"))
    kit.staff(plan_actions.record_done, technique="relaxation", homework="Breathe")

    ash.post(f"/my/homework/{only_homework(kit).id}/done", status=404)
    ash.post(f"/my/homework/{uuid4()}/done", status=404)
    ash.post(f"/my/homework/{only_homework(kit).id}/not-done", status=404)

    assert only_homework(kit).done_at is None


def test_a_log_counts_as_practice_once_for_each_entry_and_not_for_its_changes(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    ash.save("doing-what-matters", "activity-log", **FILLED["activity-log"])
    entry = ash.entries()[-1]

    ash.post(
        "/my/steps/doing-what-matters/worksheets/activity-log",
        entry__id=str(entry.id), base__version="1", **FILLED["activity-log"] | {"what": "Walked home"},
    )  # fmt: skip

    assert [row.technique for row in kinds(ash, "technique-practised")].count("activity-planning") == 1


def test_the_text_a_patient_began_with_is_kept_when_the_library_changes(course, ash, library, clients):
    ash = course(ash)
    ash.post("/my/steps/low-mood/start")
    module = library.modules["low-mood"]
    first, *rest = module.pages
    rewritten = first.model_copy(update={"title": "Quite another beginning"})
    changed = module.model_copy(update={"pages": (rewritten, *rest), "content_hash": "f" * 64, "version": "2.0"})
    ash.browser.app.app.state.library = library_with(library, changed)

    mine = ash.get(f"/my/steps/low-mood/pages/{first.key}")
    with counted(ash.world.bind) as sent:
        ash.get(f"/my/steps/low-mood/pages/{first.key}")

    assert len(sent) <= 6
    assert mine.headings == [first.title]

    kit = course(ash.world.patient("Kit Marlow"))
    kit.browser.app.app.state.library = library_with(library, changed)
    assert kit.get(f"/my/steps/low-mood/pages/{first.key}").headings == ["Quite another beginning"]


def library_with(library, module):
    return replace(library, modules={**library.modules, module.key: module})


@pytest.mark.parametrize("act", [actions.take_back_entry, actions.put_back_entry])
def test_an_entry_is_reached_only_through_its_own_worksheet(course, ash, library, act):
    ash = course(ash)
    ash.save("low-mood", "first-goals", **FILLED["first-goals"])
    module, entry = library.modules["low-mood"], ash.entries()[0]

    with pytest.raises(NotFound), ash.who.working() as work:
        act(work, patient=ash.who.patient(), module=module, worksheet=module.worksheet("my-cycle"), entry_id=entry.id)

    assert [row.version for row in stored(ash, Answer)] == [1]


def discharge(course):
    with course.world.founding() as work:
        work.session.execute(
            sa.update(PatientRecord)
            .where(PatientRecord.id == course.who.id)
            .values(discharged_at=datetime(2026, 3, 1, tzinfo=UTC))
        )
        work.record("patient.discharged", patient=course.who.id)


def test_after_discharge_a_patient_still_writes_their_own_plan_and_is_told_that_nobody_reads_it(course, ash):
    ash = course(ash)
    discharge(ash)

    page = ash.get("/my/steps/low-mood/pages/08-first-goals")
    ash.save("low-mood", "first-goals", **FILLED["first-goals"])

    assert "After your treatment has ended nobody reads this; it stays yours." in page.text
    assert [entry.values["goal"] for entry in ash.entries()] == ["See Ruth once a week"]


def test_after_discharge_nobody_is_asked_for_anything_and_nothing_is_promised(course, ash):
    ash = course(ash)
    discharge(ash)

    today, programme, finish = (
        ash.get(path).text for path in ("/my/today", "/my/programme", "/my/steps/low-mood/finish")
    )

    assert "short questionnaires" not in today
    assert "Ask Robin" not in programme and "I’d like to" not in programme
    assert "Robin" not in finish
    ash.post("/my/programme/staying-well/ask", status=409)
    assert kinds(ash, "patient-chose") == []
