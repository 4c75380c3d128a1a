"""What a practitioner decides about the plan, and what their patient reads of it."""

from datetime import timedelta

from app.programme import queries
from tests.journeys.conftest import PASSWORD
from tests.questionnaires.answers import record_of


def sign_in_with_password(window, who, code):
    window.go("/sign-in/password").fill("Your e-mail address", who.person.email).fill("Your password", PASSWORD)
    window.press("Sign in", within="main").sees("Open your authenticator app")
    return window.fill("Code", code()).press("Sign in", within="main").sees("Caseload")


def open_plan(window, patient):
    return window.press(patient.person.given_name, within="table").sees("Coverage of the core")


def waive_without_a_reason(window):
    """The first try leaves out the reason; what was typed is kept."""
    window.press("Waive", within="#thoughts").sees("What this changes", "What Ash will read")
    window.fill("Note, for staff", "Prefers to work on routines. Agreed on the phone.")
    window.press("Waive Working with thoughts", within="#form").sees(
        "Choose why this step is not needed", within=".nhsuk-error-summary"
    )
    assert window.page.title().startswith("Error: ")
    assert window.page.get_by_label("Note, for staff").input_value().startswith("Prefers to work on routines.")


def test_a_practitioner_waives_a_core_step_and_releases_staying_well_and_the_patient_reads_both(
    visit, enrol, robin, code
):
    ash = enrol("Ash Whitlock")
    staff, patient = visit(), visit().sign_in(ash)
    patient.go("/my/programme").does_not_see("agreed to skip this", "Opened by Robin")

    open_plan(sign_in_with_password(staff, robin, code), ash)
    waive_without_a_reason(staff)
    staff.choose("Ash prefers not to").press("Waive Working with thoughts", within="#form").sees(
        "Waived.", within=".braid-notice"
    )
    staff.sees("Agreed to skip")
    staff.press("Release", within="#staying-well").fill(
        "Words for Ash", "You asked to look ahead. Start wherever you like."
    )
    staff.press("Release Staying well", within="#form").sees("Released.", within=".braid-notice").sees(
        "Open", within="#staying-well"
    )

    patient.go("/my/programme")
    patient.sees("You and Robin agreed to skip this.", within="#thoughts")
    patient.sees("Opened by Robin on Tuesday 3 March.", within="#staying-well")
    patient.sees("You asked to look ahead. Start wherever you like.", within="#staying-well")
    patient.does_not_see("Prefers to work on routines")
    patient.go("/my/steps/thoughts").sees("You agreed to skip this step")
    patient.go("/my/steps/staying-well").sees("Staying well", "The pages")

    staff.press("Undo", within="#thoughts").sees("Taken back.", within=".braid-notice")
    patient.go("/my/programme").does_not_see("agreed to skip this", within="#thoughts")
    patient.sees("Opened by Robin", within="#staying-well")


def test_relaxation_practised_in_session_opens_what_waited_on_it(visit, enrol, robin, site):
    ash = enrol("Ash Whitlock", "mixed")
    staff, patient = visit().sign_in(robin), visit().sign_in(ash)
    patient.go("/my/today").does_not_see("Agreed in your session")
    patient.go("/my/programme").sees("Opens when", within="#thoughts")
    patient.go("/my/steps/thoughts").sees("This step is not open yet")

    open_plan(staff.go("/caseload"), ash)
    staff.press("Record work done in session").sees("What did you practise?", "opens at once")
    staff.select("What did you practise?", "Relaxation").fill(
        "Note, for staff", "Slow breathing, twice. Shoulders dropped."
    )
    staff.fill("Homework, in words Ash will read", "Slow breathing on two evenings, 5 minutes.")
    staff.date("For which day?", "10", "3", "2026").press("Record", within="#form").sees("Recorded.")
    staff.sees("Open", within="#thoughts").sees("Slow breathing on two evenings, 5 minutes.", "not yet")

    patient.go("/my/today").sees("Agreed in your session", "Slow breathing on two evenings", "For Tuesday 10 March.")
    patient.sees("Working with thoughts is open now", within="[aria-labelledby=coming]")
    patient.press("I’ve done this").sees("Marked as done. It counts as practice, and you can tell Robin how it went.")
    patient.does_not_see("Slow breathing on two evenings")
    patient.go("/my/programme").sees("Open: start when you like.", within="#thoughts")
    patient.go("/my/steps/thoughts").sees("The pages")

    staff.press("Timeline").sees("in your session", "Slow breathing, twice.", "Robin Hale")
    staff.sees("Homework")
    with ash.working() as work:
        opened = queries.plan(work, record_of(work, ash))["thoughts"]
    assert site.clock.now - opened.since < timedelta(minutes=5)
