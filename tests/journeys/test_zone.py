"""A patient's phone in another time zone: asked once on opening the app, answered in one tap, or set by hand."""

import pytest

NEW_YORK = "America/New_York"


@pytest.fixture
def ash(enrol):
    return enrol("Ash Whitlock")


def asked(window):
    question = window.page.get_by_role("heading", name="This device is on New York time")
    question.wait_for()
    return window.look()


def opened(window, path="/my/today"):
    """Open the app and wait until the device's zone has been looked at."""
    with window.page.expect_response("**/my/reminders/zone/device") as answer:
        window.go(path)
    return answer.value.status


def test_a_phone_that_travels_asks_once_and_the_times_follow(visit, ash):
    patient = visit(NEW_YORK).sign_in(ash)
    if not patient.script:
        patient.go("/my/today").does_not_see("New York")
        patient.go("/my/reminders").press("Choose another place").select("Go by the time in", "New York (America)")
        patient.press("Save the time zone").sees("Everything goes by the time in New York.")
        return

    assert opened(patient) == 200
    asked(patient).press("Use the time in New York")

    assert patient.path == "/my/today"
    patient.sees("Your time zone is changed.").does_not_see("This device is on")
    patient.go("/my/reminders").sees("Everything goes by the time in New York.")


def test_a_place_that_was_declined_is_not_asked_about_again(visit, ash):
    patient = visit(NEW_YORK).sign_in(ash)
    if not patient.script:
        return

    assert opened(patient, "/my/diary") == 200
    asked(patient).press("Keep the time in London").sees("Your time zone stays as it is.")

    assert opened(patient) == 204
    patient.does_not_see("New York")


def test_whoever_wants_it_is_followed_without_being_asked(visit, ash):
    patient = visit(NEW_YORK).sign_in(ash)
    if not patient.script:
        return
    opened(patient, "/my/reminders")
    asked(patient)
    patient.page.get_by_text("When you travel").click()
    patient.choose("Use the time there")

    # Not `press`, which looks at the page that the script is about to leave.
    patient.page.get_by_role("button", name="Save what to do").click()

    patient.page.get_by_text("Your time zone is changed.").wait_for()
    patient.look().sees("Everything goes by the time in New York.")


def test_a_phone_at_home_asks_nothing(visit, ash):
    patient = visit().sign_in(ash)
    calls = []
    patient.page.on("request", lambda request: calls.append(request.url))

    patient.go("/my/today")
    patient.page.wait_for_load_state("networkidle")

    assert [url for url in calls if "zone" in url] == []
