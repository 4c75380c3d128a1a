"""An answer that raises an alert: what the patient is shown, and how the practitioner works on it."""

import re


def answer_phq_9(window, library, *points):
    """Answer each question by its options' words."""
    instrument = library.instruments["phq-9"]
    said = {option.value: option.label for option in instrument.options}
    for item, value in zip(instrument.items, points, strict=True):
        # Some questions have “ or ‘ or a dash: a few of their first words are enough to find them.
        window.choose(said[value], of=re.compile(re.escape(item.text[:30])))
    return window


def test_an_answer_to_item_9_shows_help_at_once_and_alerts_the_practitioner_until_it_is_closed(
    visit, world, enrol, robin, library, site
):
    ash, other = enrol("Ash Whitlock"), enrol("Bel Carver")
    patient, staff = visit().sign_in(ash), visit().sign_in(robin)
    staff.go("/caseload").does_not_see("Safety alert")

    patient.go("/my/questionnaires/phq-9").sees("goes to Robin as soon as you choose it")
    answer_phq_9(patient, library, 2, 2, 1, 2, 1, 1, 1, 0, 1).press("Check my answers")
    patient.sees("If you want someone now").press("Send my answers")
    assert patient.path == "/my/support"
    patient.sees("Thank you for telling us", "999", "111", "Samaritans", "Robin will read it by 11:00am today")
    patient.sees("Nobody has seen it yet.")
    patient.go("/my/today").sees("Hello Ash")

    site.tick(world)
    staff.go("/caseload").sees("First: Ash Whitlock.", within=".braid-lede")
    first = staff.words("tbody tr:nth-child(2)")
    assert first.startswith("Choose Ash Whitlock") and "Safety alert open." in first
    work_on_it(staff, patient, ash)
    staff.go("/caseload").does_not_see("Safety alert open.")
    staff.go(f"/patients/{ash.id}/plan").does_not_see("Safety alert", within=".braid-patient")
    assert other.id != ash.id


def work_on_it(staff, patient, ash):
    staff.go(f"/patients/{ash.id}/plan").sees("Nobody has looked at it yet.", within=".braid-patient")
    staff.press("Work on it", within=".braid-patient").sees("Several days", "question 9", "Record what you did")
    patient.go("/my/support").sees("Robin Hale read it")
    staff.choose("I could not reach Ash").choose("Keep open").fill(
        "What was said and agreed", "Rang at 10:05, no answer."
    )
    staff.press("Save what I did").sees("Say at what time you will try again", within=".nhsuk-error-summary")
    assert staff.page.get_by_label("What was said and agreed").input_value() == "Rang at 10:05, no answer."
    staff.fill("Time of the next attempt", "11:30").press("Save what I did")
    staff.sees("Could not reach Ash.", "Next attempt", "11:30").sees(
        "tried and could not reach", within=".braid-patient"
    )
    staff.choose("I spoke with Ash").choose("Close").fill(
        "What was said and agreed", "At a sister’s. We looked at the plan."
    )
    staff.press("Save what I did").sees("This alert is closed", "Spoke with Ash.", "Closed.")
    staff.does_not_see("Record what you did")
