"""The diary in a browser: planned once, said in one tap, changed from a day on, put back, read by the practitioner."""

import pytest


@pytest.fixture
def ash(enrol):
    return enrol("Ash Whitlock")


def plan(window, title, *, at="9am"):
    """Plan something for every day from today."""
    window.go("/my/diary/new").fill("What will you do?", title).fill("What time?", at)
    return window.choose("Every day, or every few days").press("Put it in my diary")


def test_what_is_planned_once_is_there_every_day_and_is_said_in_one_tap(visit, ash):
    patient = visit().sign_in(ash)
    plan(patient, "Walk the dog").sees("Walk the dog", "every day")

    patient.go("/my/today").sees("Walk the dog").press("Done", within="#planned-1 >> xpath=ancestor::li")
    patient.sees("Saved. You can add how it felt.").press("Add how it felt")
    patient.choose("7", of="How much did you enjoy it?").press("Save").sees("Enjoyed it 7 out of 10.")

    patient.go("/my/diary").press("Week after").sees("Walk the dog", "every day")


def test_a_change_asks_how_far_it_reaches_and_can_be_undone(visit, ash):
    patient = visit().sign_in(ash)
    plan(patient, "Walk the dog")

    patient.press("Week after").press("Walk the dog").press("Change it").fill("What time?", "10am")
    patient.press("Save the change").sees("Which ones do you want to change?", "9:00am", "10:00am")
    patient.choose("This one and all later ones").press("Save the change").sees("10:00am")
    patient.press("Undo").does_not_see("10:00am").sees("9:00am")


def test_a_long_word_of_somebodys_own_never_pushes_a_page_wider_than_the_screen(visit, ash):
    patient = visit().sign_in(ash)
    word = "Donaudampfschifffahrtsgesellschaft" * 3

    plan(patient, word).press(word).press("Change it").fill("What time?", "10am").press("Save the change")
    patient.sees("Which ones do you want to change?").go("/my/diary/day").go("/my/today").sees(word)


def test_a_mistake_is_named_and_what_was_typed_is_still_there(visit, ash):
    patient = visit().sign_in(ash)

    plan(patient, "Walk the dog", at="quarter past nine").sees(
        "Enter a time, like 9:30am", within=".nhsuk-error-summary"
    )

    assert patient.page.get_by_label("What will you do?").input_value() == "Walk the dog"
    patient.fill("What time?", "9:15am").press("Put it in my diary").sees("Walk the dog", "9:15am")


def test_what_an_answer_calls_for_is_asked_once_it_is_given(visit, ash):
    patient = visit().sign_in(ash).go("/my/diary/new")
    patient.does_not_see("On which days of the week?", "How many times?", "At what time?")

    patient.choose("On certain days of the week").sees("On which days of the week?", "When does it end?")
    patient.choose("After so many times").fill("How many times?", "lots").choose("Once").does_not_see("How many times?")

    patient.press("Put it in my diary").sees(
        "Enter how many times, from 1 to", within=".nhsuk-form-group--error >> nth=1"
    )


def test_the_practitioner_reads_what_became_of_it(visit, ash, robin):
    patient, staff = visit().sign_in(ash), visit().sign_in(robin)
    plan(patient, "Walk the dog")
    patient.go("/my/today").press("Not today", within="#planned-1 >> xpath=ancestor::li")

    staff.go(f"/patients/{ash.id}/diary").sees("Walk the dog", "Not done")


def test_a_reminder_in_quiet_hours_is_asked_about_once(visit, ash):
    patient = visit().sign_in(ash)
    patient.go("/my/diary/new").fill("What will you do?", "Feed the hens").fill("What time?", "6am")

    patient.choose("When it begins", of="Remind you?").press("Put it in my diary")
    patient.sees("That is in your quiet hours", "would come at 6:00am")
    patient.choose("Remind me anyway").press("Save")

    patient.sees("It is in your diary.").press("Feed the hens").sees("When it begins, in your quiet hours too")
