"""The Course page in a browser: within rules for everybody, by keyboard, and on one sheet of paper."""

import re

import pytest

from app.programme import plan_actions, queries
from tests.questionnaires.answers import record_of, send, totalling
from tests.questionnaires.test_review import gad_7


@pytest.fixture
def ash(world, enrol, robin, library):
    """Twelve weeks of scores, a session in the third, and a rise at the end."""
    ash = enrol("Ash Whitlock")
    for week, total in enumerate((17, 16, 16, 14, 13, 14, 13, 11, 10, 9, 8, 15)):
        send(ash, library, totalling(total))
        send(ash, library, gad_7(total - 4), key="gad-7")
        if week == 3:
            with robin.working() as work:
                patient = record_of(work, ash)
                plan = queries.plan(work, patient)
                plan_actions.record_done(work, patient=patient, plan=plan, step="low-mood")
        world.clock.on(days=7)
    return ash


def test_a_course_is_looked_at_reviewed_and_printed(visit, ash, robin):
    staff, patient = visit().sign_in(robin), visit().sign_in(ash)

    staff.go(f"/patients/{ash.id}/course").sees(
        "PHQ-9 from 17 to 15", "PHQ-9 is up 7 from the best", "Understanding low mood"
    )
    shown = staff.page.locator(".braid-lanes svg:visible")
    assert shown.count() == 1 and re.match("Ash’s course from", shown.locator("title").text_content() or "")
    staff.press("Last 4 weeks").sees("PHQ-9 from 9 to 15")
    patient.go("/my/more").press("My course so far").sees("Your PHQ-9 was 17").does_not_see("eliable", "ecover")
    choose_days_by_keyboard(patient).sees("Your PHQ-9 was 16 on Tuesday 10 March and 16 on Tuesday 17 March: the same.")

    staff.go("/caseload/reviews").press("Review", within="tbody").sees("Getting worse: GAD-7 rose from 4")
    staff.press("Record this").sees("Write what was decided", within=".nhsuk-error-summary")
    staff.fill("What was decided", "Spoke with Ash. We meet weekly for now.").press("Record this")
    staff.sees("Saved. This is off the review list.", "We meet weekly for now.")

    staff.go(f"/patients/{ash.id}/course")
    sheets = re.findall(rb"/Type\s*/Page[^s]", staff.page.pdf(format="A4"))
    assert len(sheets) == 1


def choose_days_by_keyboard(window):
    """Open the form, fill in both days and send it, with keys alone."""
    window.page.locator("summary", has_text="Choose your own days").focus()
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Tab")
    for words in ("10", "3", "2026", "20", "3", "2026"):
        window.page.keyboard.press("ControlOrMeta+a")
        window.page.keyboard.type(words)
        window.page.keyboard.press("Tab")
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    return window.look()
