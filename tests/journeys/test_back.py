"""Going back in a browser to a page that was the answer to a form."""

import pytest

# Where there is no script the browser itself says that it would have to send the form again.
pytestmark = pytest.mark.parametrize("visit", ["390", "1280"], indirect=True)


@pytest.fixture
def ash(enrol):
    return enrol("Ash Whitlock")


def back(window):
    window.page.go_back()
    return window.look()


def test_a_form_that_another_page_filled_in_is_there_with_its_words_for_whoever_goes_back_to_it(visit, ash):
    patient = visit().sign_in(ash).go("/my/diary/ideas")
    with patient.page.expect_navigation():
        patient.page.locator('form[action="/my/diary/begin"] button').first.click()
    words = patient.page.get_by_label("What will you do?").input_value()
    patient.fill("What time?", "6am").choose("When it begins", of="Remind you?").press("Put it in my diary")
    patient.sees("That is in your quiet hours").press("Leave it")

    back(patient)
    patient.go("/my/diary/begin")

    patient.sees("Plan an activity")
    assert words and patient.page.get_by_label("What will you do?").input_value() == words


def test_who_goes_back_to_a_form_that_was_refused_finds_the_page_it_is_on(visit, ash):
    patient = visit().sign_in(ash).go("/my/reminders")
    patient.page.get_by_text("Change quiet hours").click()
    patient.fill("From", "late").press("Save quiet hours").sees("Enter when quiet hours begin").go("/my/today")

    back(patient)

    patient.sees("Limits we keep to")
