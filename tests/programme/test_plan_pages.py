"""The practitioner's pages about a course: what they say, what they refuse, and who may come in."""

from datetime import date
from uuid import uuid4

import pytest

from app.clinical.sequencing.facts import WaiverReason
from app.programme import plan_actions
from tests import published
from tests.programme.courses import decisions, on_pathway

# The plan


def test_the_plan_opens_with_what_is_open_and_what_the_next_core_step_waits_for(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).get(at())

    assert page.headings == ["Plan"]
    assert "Understanding low mood is open. Doing what matters is locked: Ash can move it on." in page.text
    assert "Depression, version 1, since Tuesday 3 March." in page.text


def test_coverage_says_how_each_core_step_was_covered(course, ash, robin, clients, at):
    ash = course(ash)
    ash.do_online("low-mood", but=("my-cycle",))
    ash.staff(plan_actions.record_done, step="low-mood", activities=("my-cycle",))
    ash.staff(plan_actions.waive, step="thoughts", reason=WaiverReason.GOALS_MET)

    text = clients(robin).get(at()).text

    assert "Understanding low mood Yes, Tuesday 3 March 4 online, 1 in the clinic" in text
    assert "Doing what matters Not yet Open" in text
    assert "Working with thoughts Agreed to skip Waived by Robin Hale on Tuesday 3 March: goals already met." in text
    assert "Draw my own circle: in the clinic, Tuesday 3 March." in text


def test_each_row_says_why_and_offers_the_acts_its_state_allows(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).get(at())

    assert f"{at()}/staying-well/release#form" in page.links
    assert f"{at()}/thoughts/open-early#form" in page.links
    assert f"{at()}/thoughts/release#form" not in page.links
    assert f"{at()}/low-mood/resume#form" not in page.links
    assert "Not released. Their practitioner can" in page.text
    assert "Not yet: Understanding low mood satisfied: not yet (not started)." in page.text


def test_a_patient_on_no_pathway_has_a_plan_page_that_says_who_can_help(ash, robin, clients, at):
    page = clients(robin).get(at())

    assert "Ash is on no pathway yet" in page.text
    assert "clinical lead or a service administrator" in page.text
    assert "Put Ash on this pathway" not in page.text
    clients(robin).get(at("plan/add"), status=404)
    assert "on no pathway yet" in clients(robin).get(at("sees")).text
    assert "on no pathway yet" in clients(robin).get(at("timeline")).text


def test_a_patient_on_no_pathway_is_put_on_one_by_whoever_may_add_patients(world, ash, robin, library, clients, at):
    with world.founding() as work:
        version = published.in_use(work, library=library, key="as-it-should-be")
    browser = clients(robin)

    assert "Which pathway is Ash Whitlock to be on?" in browser.get(at()).text
    assert "Choose a pathway" in browser.post(at("plan/pathway"), status=422, pathway=uuid4()).text
    page = browser.post(at("plan/pathway"), pathway=version.id)

    assert "Ash Whitlock is put on Depression." in page.text and "Understanding low mood is open." in page.text
    assert "Understanding low mood is open." in browser.post(at("plan/pathway"), pathway=version.id).text
    assert "Working on" in clients(robin).get("/caseload").text


def test_a_step_recorded_as_done_can_be_corrected_from_the_plan(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood")
    done = decisions(ash)[-1].id
    ash.world.clock.on(minutes=31)
    ash.staff(plan_actions.move, step="low-mood", before=None)

    assert at(f"decisions/{done}/correct") in clients(robin).get(at()).links


# Forms


@pytest.mark.parametrize(
    ("step", "act", "heading", "button"),
    [
        ("staying-well", "release", "Release Staying well for Ash Whitlock", "Release Staying well"),
        ("thoughts", "open-early", "Open Working with thoughts early for Ash", "Open Working with thoughts early"),
        ("thoughts", "waive", "Waive Working with thoughts for Ash Whitlock", "Waive Working with thoughts"),
        ("low-mood", "done", "Record work done on Understanding low mood for Ash", "Record work done on"),
        ("low-mood", "hold", "Put Understanding low mood on hold for Ash", "Put Understanding low mood on hold"),
        (
            "thoughts",
            "requirement",
            "Make Working with thoughts optional for Ash",
            "Make Working with thoughts optional",
        ),
        ("relaxing", "requirement", "Make Relaxing body and mind core for Ash", "Make Relaxing body and mind core"),
    ],
)
def test_a_form_names_the_step_and_the_patient_and_its_button_repeats_the_act(
    course, ash, robin, clients, at, step, act, heading, button
):
    course(ash)

    page = clients(robin).get(at(f"plan/{step}/{act}"))

    assert heading in page.text and button in page.text
    assert heading in page.title
    assert "What this changes" in page.text and "What Ash will read" in page.text
    assert "Can be undone for 30 minutes, until somebody has begun what it opens." in page.text


def test_covered_elsewhere_offers_recording_it_as_done_instead(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).get(at("plan/thoughts/waive"))

    assert f"{at()}/thoughts/done#form" in page.links


def test_waiving_by_the_page_needs_a_reason_and_keeps_what_was_typed(course, ash, robin, clients, at):
    ash = course(ash)

    page = clients(robin).post(at("plan/thoughts/waive"), status=422, note="We agreed it on Tuesday")

    assert "Choose why this step is not needed" in page.text
    assert "#reason" in page.links
    assert page.fields["note"] == ["We agreed it on Tuesday"]
    assert decisions(ash) == []


def test_clinical_judgement_without_a_note_keeps_the_reason_chosen(course, ash, robin, clients, at):
    ash = course(ash)

    page = clients(robin).post(at("plan/thoughts/waive"), status=422, reason="clinical-judgement")

    assert "Write a note" in page.text
    assert page.fields["reason"] == ["clinical-judgement"]
    assert decisions(ash) == []


def test_what_the_course_refuses_stands_at_the_field_it_is_about(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).post(
        at("plan/low-mood/hold"),
        status=422,
        reason="Hospital",
        review_on__day=3,
        review_on__month=3,
        review_on__year=2026,
    )

    assert "after today" in page.text and "#review_on" in page.links
    assert page.fields["reason"] == ["Hospital"]
    assert page.fields["review_on-year"] == ["2026"]


def test_a_step_that_must_be_done_refuses_by_the_page_and_says_who_may(world, robin, ash, library, clients, at):
    fixed = on_pathway(world, ash, robin, library, clients, "as-it-was")
    browser = clients(robin)

    assert f"{at()}/thoughts/waive#form" not in browser.get(at()).links
    assert "Only a service administrator" in browser.get(at("plan/thoughts/waive"), status=409).text
    page = browser.post(at("plan/thoughts/waive"), status=422, reason="not-relevant")
    assert "Only a service administrator can change the pathway" in page.text
    assert decisions(fixed) == []


def test_waiving_by_the_page_is_done_and_can_be_undone_from_it(course, ash, robin, clients, at):
    ash = course(ash)
    browser = clients(robin)

    page = browser.post(at("plan/thoughts/waive"), reason="not-relevant", on__day="3", on__month="3", on__year="2026")

    assert "Waived." in page.text and "Undo: waived Working with thoughts" in page.text
    assert ash.state("thoughts") == "waived"
    page = browser.post(at(f"decisions/{decisions(ash)[-1].id}/undo"))
    assert "Taken back." in page.text
    assert ash.state("thoughts") == "locked"


def test_a_waiver_looks_the_same_to_the_patient(course, ash, robin, clients, at):
    ash = course(ash)

    clients(robin).post(at("plan/thoughts/waive"), reason="patient-prefers-not")

    assert "agreed to skip this. You can still open it." in ash.get("/my/programme").text


def test_undo_is_refused_in_words_when_it_is_too_late(course, ash, robin, clients, at):
    ash = course(ash)
    clients(robin).post(at("plan/staying-well/release"))
    ash.world.clock.on(minutes=31)

    page = clients(robin).post(at(f"decisions/{decisions(ash)[-1].id}/undo"), status=409)

    assert page.headings == ["Plan"] and "30 minutes. You can still correct it." in page.text
    assert "Undo" not in clients(robin).get(at()).text


def test_a_double_click_decides_once(course, ash, robin, clients, at):
    ash = course(ash)
    browser, same = clients(robin), uuid4()

    for _ in range(2):
        page = browser.post(at("plan/add"), what="own", title="Walk to the allotment", decision_id=same)

    assert "Walk to the allotment" in page.text
    assert len(decisions(ash)) == 1
    browser.post(at("plan/staying-well/release"), decision_id=(again := uuid4()))
    browser.post(at("plan/staying-well/release"), decision_id=again)
    assert len(decisions(ash)) == 2


def test_half_a_step_in_session_with_homework(course, ash, robin, clients, at):
    ash = course(ash)

    page = clients(robin).post(
        at("plan/low-mood/done"), what="activities", activities=["what-i-notice", "my-cycle"], mode="in-clinic",
        homework="Notice the circle twice", due_on__day=10, due_on__month=3, due_on__year=2026,
    )  # fmt: skip

    assert "In progress" in page.text and "2 of 5" in page.text
    assert "Notice the circle twice" in page.text and "Tuesday 10 March" in page.text
    assert ash.plan()["low-mood"].done_count == 2


def test_some_of_the_work_has_to_be_named(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).post(at("plan/low-mood/done"), status=422, what="activities", note="Together")

    assert "Choose which activities were done" in page.text and "#activities" in page.links
    assert page.fields["note"] == ["Together"]


def test_a_technique_in_session_is_on_the_timeline_as_done_in_your_session(world, robin, ash, library, clients, at):
    mixed = on_pathway(world, ash, robin, library, clients, "mixed")

    page = clients(robin).post(at("plan/technique"), technique="relaxation", homework="Breathe out slowly")

    assert "Recorded." in page.text and "Undo: recorded relaxation" in page.text
    assert mixed.state("thoughts") == "available"
    timeline = clients(robin).get(at("timeline")).text
    assert "Relaxation: done in your session" in timeline
    assert "Ash reads: “Breathe out slowly”" in timeline


def test_a_step_of_the_library_and_an_activity_of_ones_own_are_added(world, robin, ash, library, clients, at):
    mixed = on_pathway(world, ash, robin, library, clients, "mixed")
    browser = clients(robin)

    assert "Give the activity a name" in browser.post(at("plan/add"), status=422, what="own", told="For you").text
    assert "Choose a step from the library" in browser.post(at("plan/add"), status=422, told="For you").text
    page = browser.post(at("plan/add"), what="own", title="Walk", technique="physical-activity", told="For you")

    assert "Added by Robin Hale" in page.text
    assert mixed.plan().course.standings[-1].title == "Walk"


def test_where_the_whole_library_is_in_the_plan_only_an_activity_of_ones_own_is_asked_for(
    course, ash, robin, clients, at, library
):
    ash = course(ash)
    for module in library.modules.values():
        if module.key not in ash.plan().course:
            ash.staff(plan_actions.add_step, title=module.title, module=module)

    page = clients(robin).get(at("plan/add"))

    assert "What would you like to add?" not in page.text and page.fields["what"] == ["own"]
    assert "Name of the activity" in page.text


def test_the_order_buttons_move_a_step_by_one_place(course, ash, robin, clients, at):
    ash = course(ash)

    browser, form = clients(robin), {"before": "doing-what-matters", "decision_id": str(uuid4())}
    page = browser.post(at("plan/thoughts/move"), **form)
    browser.post(at("plan/thoughts/move"), **form)

    assert "Moved." in page.text
    assert [row.kind for row in decisions(ash)] == ["moved"]
    assert page.text.index("2 Working with thoughts") < page.text.index("3 Doing what matters")
    page = clients(robin).post(at("plan/low-mood/move"), before="thoughts", status=409)
    assert page.headings == ["Plan"] and "It is there already." in page.text


def test_a_hold_is_told_with_its_reason_and_day_and_lifted(course, ash, robin, clients, at):
    ash = course(ash)

    page = clients(robin).post(
        at("plan/low-mood/hold"), reason="Hospital", review_on__day=10, review_on__month=3, review_on__year=2026
    )

    assert "On hold by Robin Hale since Tuesday 3 March: “Hospital”. Review on Tuesday 10 March." in page.text
    assert "Nothing is open to Ash." in page.text
    clients(robin).post(at("plan/low-mood/resume"))
    assert ash.state("low-mood") == "available"


def test_homework_is_listed_with_whether_it_was_done(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.record_done, technique="relaxation", homework="Breathe out slowly", due_on=date(2026, 3, 10))

    assert "Tuesday 3 March Breathe out slowly For Tuesday 10 March not yet" in clients(robin).get(at()).text
    homework = ash.plan().homework[0].id
    ash.post(f"/my/homework/{homework}/done")
    assert "Done Tuesday 3 March" in clients(robin).get(at()).text
