"""The practitioner's pages about a course: what they say, what they refuse, and who may come in."""

from datetime import date
from uuid import uuid4

import pytest

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.clinical.sequencing.facts import WaiverReason
from app.programme import plan_actions
from tests.programme.courses import decisions, on_pathway
from tests.questionnaires.answers import send, totalling
from tests.statements import counted

ACTS = ["release", "open-early", "waive", "done", "hold", "resume", "requirement"]


@pytest.fixture
def at(ash):
    """The address of a page about Ash."""
    return lambda path="plan": f"/patients/{ash.id}/{path}"


def supervised_by(world, name, practitioner):
    supervisor = world.staff(name, Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=supervisor.id, practitioner_id=practitioner.id)
    return supervisor


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
    assert "Release waits on: practitioner" in page.text
    assert "Not yet: Understanding low mood satisfied: not yet (not started)." in page.text


def test_a_patient_on_no_pathway_has_a_plan_page_that_says_who_can_help(ash, robin, clients, at):
    page = clients(robin).get(at())

    assert "Ash is on no pathway yet" in page.text
    assert "clinical lead or a service administrator" in page.text
    clients(robin).get(at("plan/add"), status=404)
    assert "on no pathway yet" in clients(robin).get(at("sees")).text
    assert "on no pathway yet" in clients(robin).get(at("timeline")).text


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
    assert "Can be undone for 30 minutes if nothing has followed from it." in page.text


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
        at("plan/low-mood/hold"), status=422, reason="Hospital", review_on__day=3, review_on__month=3, review_on__year=2026
    )  # fmt: skip

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

    assert "Waived." in page.text and "Undo: Waived Working with thoughts" in page.text
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

    assert "30 minutes. You can still correct it." in page.text
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

    assert "Recorded." in page.text
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


def test_the_order_buttons_move_a_step_by_one_place(course, ash, robin, clients, at):
    ash = course(ash)

    page = clients(robin).post(at("plan/thoughts/move"), way="up")

    assert "Moved." in page.text
    assert page.text.index("2 Working with thoughts") < page.text.index("3 Doing what matters")
    clients(robin).post(at("plan/low-mood/move"), way="up", status=409)


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


# Corrections and the timeline


def test_an_entry_is_corrected_from_the_timeline_with_a_reason(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood")
    browser, address = clients(robin), at(f"decisions/{decisions(ash)[-1].id}/correct")

    assert address in browser.get(at("timeline")).links
    assert "Recorded work done on Understanding low mood" in browser.get(address).text
    assert "Say what was entered wrongly" in browser.post(address, status=422, reason="").text
    page = browser.post(address, reason="Another patient’s session")

    assert "The entry is marked as wrong." in page.text
    assert "taken back" in page.text and "Another patient’s session" in page.text
    assert "Stays open, though what opened it has since been corrected." in browser.get(at()).text
    browser.get(address, status=404)


def test_the_timeline_has_everything_newest_first_and_can_be_narrowed(course, ash, robin, clients, at, library):
    send(ash, library, totalling(17))
    ash = course(ash)
    ash.do_online("low-mood")
    ash.staff(plan_actions.release, step="staying-well")

    page = clients(robin).get(at("timeline"))

    assert page.text.index("Released Staying well") < page.text.index("Started Understanding low mood")
    assert page.text.index("Started Understanding low mood") < page.text.index("Started Depression")
    assert "PHQ-9: 17" in page.text and "Choose a first goal and a small step, online" in page.text
    only = clients(robin).get(at("timeline?kind=questionnaire")).text
    assert "PHQ-9: 17" in only and "Released" not in only
    assert "Nothing of this kind has happened yet." in clients(robin).get(at("timeline?kind=comment")).text
    assert clients(robin).get(at("timeline?kind=nonsense&page=zzz")).text == page.text


def test_a_long_timeline_comes_a_hundred_at_a_time(course, ash, robin, clients, at):
    ash = course(ash)
    for n in range(102):
        ash.staff(plan_actions.move, step="thoughts", up=n % 2 == 0)

    first, second = clients(robin).get(at("timeline")), clients(robin).get(at("timeline?page=2"))

    assert "103 entries" in first.text and "Page 1 of 2" in first.text
    assert "Started Depression" not in first.text and "Started Depression" in second.text


# Answers


def test_answers_are_read_as_they_were_written_with_the_page_they_were_on(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    ash.save("low-mood", "problem-statement", statement="The phone rings")
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")

    page = clients(robin).get(at("answers"))

    assert "2 entries of 2 to look at" in page.text
    assert page.text.index("Sunday evening") < page.text.index("When the phone rings")
    assert "1 earlier version" in page.text and "Not looked at yet." in page.text
    assert at("sees/low-mood/05-my-circle") in page.links


def test_words_are_sent_and_looking_is_marked(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    answer, browser = ash.entries()[0].answer_id, clients(robin)

    page = browser.post(at("answers"), answer=answer, words="", feedback_id=uuid4())
    assert "Looked at by Robin Hale, Tuesday 3 March." in page.text
    assert "Not looked at yet." not in page.text and "none of them waiting" in page.text

    page = browser.post(at("answers"), answer=answer, words="Thank you for this", sends="yes", feedback_id=uuid4())
    assert "Robin Hale wrote, Tuesday 3 March: “Thank you for this”" in page.text
    assert "Thank you for this" in ash.get("/my/answers").text

    ash.save("low-mood", "my-cycle", situation="Sunday evening, in the kitchen")
    assert "Not looked at yet." in clients(robin).get(at("answers")).text


def test_sending_nothing_is_a_mistake_beside_the_entry_it_was_for(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    answer = ash.entries()[0].answer_id

    page = clients(robin).post(at("answers"), status=422, answer=answer, words="  ", sends="yes")

    assert "Write something for them to read, or press Looked at" in page.text
    assert f"#w-{answer}-words" in page.links


def test_too_many_words_stay_typed(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")

    page = clients(robin).post(
        at("answers"), status=422, answer=ash.entries()[0].answer_id, words="x" * 2001, sends="yes"
    )

    assert "x" * 2001 in page.fields["words"]


def test_nothing_written_yet_says_what_will_be_there(course, ash, robin, clients, at):
    course(ash)

    assert "Ash has not written anything yet." in clients(robin).get(at("answers")).text


# What the patient sees


def test_the_patients_programme_is_shown_in_the_words_they_read(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well", told="Have a look before Tuesday.")
    theirs = ash.get("/my/programme").text

    page = clients(robin).get(at("sees"))

    for words in ("Have a look before Tuesday.", "Open: start when you like.", "Opens when you finish Understanding"):
        assert words in theirs and words in page.text
    assert at("sees/low-mood/05-my-circle") in page.links


def test_a_page_is_shown_with_its_note_for_practitioners_and_what_was_written(course, ash, robin, clients, at, library):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    here = library.modules["low-mood"].page("05-my-circle")

    page = clients(robin).get(at("sees/low-mood/05-my-circle"))

    assert page.headings == [f"What Ash sees: {here.title}"]
    assert here.guide.split(".")[0] in page.text
    assert here.guide.split(".")[0] not in ash.get("/my/steps/low-mood/pages/05-my-circle").text
    assert "Sunday evening, on the sofa" in page.text
    assert {at("sees/low-mood/04-how-it-keeps-going"), at("sees/low-mood/06-ways-out")} <= set(page.links)
    assert set(page.fields) <= {"csrf"}


def test_a_page_of_a_closed_step_says_that_the_patient_cannot_open_it(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).get(at("sees/staying-well/01-why-this-helps"))

    assert "Waiting for information: Ash cannot open it yet." in page.text


# Who may come in


PAGES = ["plan", "plan/add", "plan/technique", "plan/thoughts/waive", "answers", "timeline", "sees",
         "sees/low-mood/05-my-circle"]  # fmt: skip
POSTS = ["plan/add", "plan/technique", "plan/thoughts/waive", "plan/thoughts/move", "answers"]


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.SUPERVISOR])
def test_somebody_elses_patient_is_not_found_by_any_page_or_post(course, ash, world, clients, at, role):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    decision = decisions(ash)[-1].id
    browser = clients(world.staff("Sam Other", role))

    for path in [*PAGES, f"decisions/{decision}/correct"]:
        browser.get(at(path), status=404)
    for path in [*POSTS, f"decisions/{decision}/undo", f"decisions/{decision}/correct"]:
        assert browser.send(at(path), reason="not-relevant", way="up").status_code == 404
    assert len(decisions(ash)) == 1


def test_the_clinical_lead_sees_the_plan_and_not_the_words(course, ash, world, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    lead = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD))

    assert "Coverage of the core" in lead.get(at()).text
    assert at("answers") not in lead.get(at("sees")).links
    assert at("sees/low-mood/05-my-circle") not in lead.get(at("sees")).links
    for path in ("answers", "timeline", "sees/low-mood/05-my-circle"):
        lead.get(at(path), status=403)
    answer = ash.entries()[0].answer_id
    assert lead.send(at("answers"), answer=answer, words="Hello").status_code == 403


def test_the_practitioners_supervisor_reads_and_decides(course, ash, world, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    browser = clients(supervised_by(world, "Una Super", robin))

    assert "Sunday evening, on the sofa" in browser.get(at("answers")).text
    browser.post(at("plan/thoughts/waive"), reason="timing")
    assert ash.state("thoughts") == "waived"


@pytest.mark.parametrize("role", [Role.SERVICE_ADMIN, Role.NAVIGATOR, Role.RESEARCHER])
def test_those_who_run_the_service_see_no_course(course, ash, world, clients, at, role):
    course(ash)
    browser = clients(world.staff("Sam Other", role))

    for path in PAGES:
        browser.get(at(path), status=403)


def test_a_patient_opens_none_of_the_staffs_pages(course, ash, at):
    ash = course(ash)

    for path in PAGES:
        ash.get(at(path), status=403)


# Junk, and what a page costs


@pytest.mark.parametrize("act", [*ACTS, "add", "technique", "move"])
@pytest.mark.parametrize("step", ["low-mood", "staying-well"])
def test_junk_is_refused_and_changes_nothing(course, ash, robin, clients, at, act, step):
    ash = course(ash)
    browser = clients(robin)
    junk = {
        "reason": "\x00<b>" * 9, "requirement": "must", "what": "activities", "activities": ["../..", "Key With Space"],
        "technique": "no/such thing", "mode": "online", "way": "sideways", "title": "", "on__year": "99999",
        "on__day": "31", "on__month": "2", "review_on__year": "0000", "due_on__day": "x", "decision_id": "17",
        "told": "y" * 5000,
    }  # fmt: skip
    path = at(f"plan/{act}") if act in ("add", "technique") else at(f"plan/{step}/{act}")

    assert browser.send(path, **junk).status_code in (404, 422)
    assert browser.send(path).status_code in (303, 404, 422)
    assert all(row.kind in ("released", "moved") for row in decisions(ash))


@pytest.mark.parametrize(
    "path",
    ["plan/nothing/waive", "plan/low-mood/nothing", "sees/nothing/01-why-this-helps", "sees/low-mood/nothing",
     f"decisions/{uuid4()}/correct", "decisions/17/correct"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(course, ash, robin, clients, at, path):
    course(ash)

    clients(robin).get(at(path), status=404)


@pytest.mark.parametrize("what", ["no-such-step", "Key With Space"])
def test_a_step_that_is_not_in_the_library_is_not_added(course, ash, robin, clients, at, what):
    ash = course(ash)

    assert clients(robin).send(at("plan/add"), what=what).status_code == 404
    assert clients(robin).send(at("plan/add"), what="own", title="Walk", technique=what).status_code == 404
    assert decisions(ash) == []


@pytest.mark.parametrize("path", ["plan", "plan/thoughts/waive", "timeline"])
def test_no_page_costs_more_than_six_statements_however_long_the_course(course, ash, robin, clients, at, bind, path):
    ash = course(ash)
    ash.do_online("low-mood")
    for n in range(8):
        ash.staff(plan_actions.move, step="thoughts", up=n % 2 == 0)
    browser = clients(robin)
    browser.get(at(path))

    with counted(bind) as sent:
        browser.get(at(path))

    assert len(sent) <= 6, "\n".join(sent)
