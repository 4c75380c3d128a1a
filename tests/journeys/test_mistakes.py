"""Forms sent empty or with nonsense in them: each says what is wrong, keeps what was typed and leads to the field."""

from datetime import date

import pytest

from app.clinical.sequencing.facts import Mode
from app.programme import actions, answers, plan_actions, queries
from tests.journeys.conftest import PASSWORD
from tests.journeys.mistakes import NONSENSE, is_told, send, try_form, write, write_everywhere
from tests.questionnaires.answers import RISK, record_of
from tests.questionnaires.answers import send as send_answers

pytestmark = pytest.mark.parametrize("visit", ["390", "390-no-script"], indirect=True)
MODULES = ["low-mood", "doing-what-matters", "thoughts", "relaxing", "staying-well"]


def decide(robin, ash, act, **said):
    with robin.working() as work:
        act(work, patient=record_of(work, ash), plan=queries.plan(work, record_of(work, ash)), **said)


def test_who_signs_in_wrongly_is_told_what_to_mend(visit, robin, code):
    window, form = visit(), "main form"

    try_form(window, "/sign-in", form, {}, "Enter your e-mail address")
    try_form(window, "/sign-in", form, {"email": NONSENSE}, "in the right form, like name@example.com")
    try_form(window, "/sign-in/password", form, {}, "Enter your e-mail address", "Enter your password")
    wrong = {"email": robin.person.email, "password": "not it"}
    try_form(window, "/sign-in/password", form, wrong, "That e-mail and password do not match.")
    write(window.page.locator(form), {"email": robin.person.email, "password": PASSWORD})
    send(window, window.page.locator(form))
    try_form(window, "/sign-in/code", form, {}, "Enter the 6 numbers")
    try_form(window, "/sign-in/code", form, {"code": "000000"}, "That code is not right or has been used.")


@pytest.mark.parametrize("module", MODULES)
def test_every_worksheet_sent_empty_or_with_nonsense_says_what_is_missing(visit, enrol, robin, library, module):
    ash = enrol("Ash Whitlock")
    if module != "low-mood":
        decide(robin, ash, plan_actions.override_open, step=module, reason="To look ahead together")
    window = visit().sign_in(ash)

    for sheet in library.modules[module].worksheets:
        here = library.modules[module].page_with(sheet.key)
        assert here is not None
        window.page.goto(f"{window.site.origin}/my/steps/{module}/pages/{here.key}")
        form = window.page.locator(f"#form-{sheet.key}")
        write_everywhere(form, "")
        assert send(window, form) == 422, sheet.key
        is_told(window)
        write_everywhere(form, NONSENSE)
        if send(window, form) == 422:
            is_told(window)
        assert "<script>alert" not in window.page.content()


def test_a_patients_other_forms_say_what_is_missing(visit, enrol):
    window = visit().sign_in(enrol("Ash Whitlock"))

    phq_9 = "form[action='/my/questionnaires/phq-9/check']"
    try_form(window, "/my/questionnaires/phq-9", phq_9, {}, "Choose an answer to question 1")
    try_form(window, "/my/questionnaires/phq-9", phq_9, {"q1": "3", "q9": "0"}, "Choose an answer to question 2")
    assert window.page.locator("[name=q1][value='3']").is_checked()
    password = "form[action='/account/password']"
    try_form(window, "/account", password, {}, "Enter a new password")
    try_form(window, "/account", password, {"password": "short"}, "10 characters")


def test_a_new_patients_form_says_what_is_missing(visit, robin, in_use):
    window, form = visit().sign_in(robin), "main form[action='/patients/new']"

    try_form(
        window, "/patients/new", form, {}, "Enter a first name", "Enter a last name", "Enter a date of birth",
        "Enter an e-mail address", "Choose a pathway",
    )  # fmt: skip
    nonsense = {
        "given_name": NONSENSE,
        "email": NONSENSE,
        "born_on-day": "31",
        "born_on-month": "2",
        "nhs_number": "12",
    }
    try_form(window, "/patients/new", form, nonsense, "Enter a date of birth", "in the right form", "10 digits")
    too_long = {"family_name": "x" * 81, "contact_note": "x" * 201, "nhs_number": "999 123 4561"}
    try_form(
        window, "/patients/new", form, too_long, "up to 80 letters", "Shorten the contact note", "digits is not right"
    )


def test_the_forms_of_a_plan_say_what_is_missing(visit, enrol, robin):
    ash = enrol("Ash Whitlock")
    window, plan, form = visit().sign_in(robin), f"/patients/{ash.id}/plan", "#form"
    soon = {"on-day": "1", "on-month": "1", "on-year": "2031"}

    try_form(window, f"{plan}/thoughts/waive", form, {}, "Choose why this step is not needed")
    try_form(window, f"{plan}/thoughts/waive", form, {"reason": "clinical-judgement"}, "Write a note")
    try_form(
        window, f"{plan}/thoughts/waive", form, {"reason": "timing", "on-month": "13"}, "Enter the day you agreed it"
    )
    try_form(window, f"{plan}/thoughts/open-early", form, {}, "Say why this step opens")
    try_form(window, f"{plan}/staying-well/release", form, {"told": "x" * 1001}, "Shorten what you tell them")
    try_form(window, f"{plan}/low-mood/done", form, {}, "Choose what was done")
    try_form(window, f"{plan}/low-mood/done", form, {"what": "activities"}, "Choose which activities were done")
    try_form(window, f"{plan}/low-mood/done", form, {"what": "step", **soon}, "That day has not come yet.")
    try_form(
        window, f"{plan}/low-mood/hold", form, {"told": NONSENSE}, "Say why this step is paused", "look at this again"
    )
    try_form(window, f"{plan}/low-mood/requirement", form, {}, "Say why")
    try_form(window, f"{plan}/technique", form, {"note": NONSENSE}, "Choose the technique you practised")
    try_form(window, f"{plan}/add", form, {"told": NONSENSE}, "Give the activity a name")


def test_a_practitioners_other_forms_say_what_is_missing(visit, enrol, robin, library):
    ash = enrol("Ash Whitlock")
    send_answers(ash, library, RISK)
    decide(robin, ash, plan_actions.record_done, step="thoughts", mode=Mode.ELSEWHERE, on=date(2026, 3, 2))
    with ash.working() as work:
        wrote(work, ash, library)
    window, about = visit().sign_in(robin), f"/patients/{ash.id}"

    try_form(window, f"{about}/details", f"form[action='{about}/details']", {"contact_note": "x" * 201}, "Shorten")
    window.go(f"{about}/plan").press("Work on it")
    alert, form = window.path, "main form.braid-form"
    try_form(
        window, alert, form, {}, "Choose what you did", "Write what was said", "Choose whether the alert stays open"
    )
    try_form(
        window, alert, form, {"act": "could-not-reach", "words": NONSENSE, "then": "close"}, "An alert stays open until"
    )
    try_form(window, f"{about}/answers", "main form.braid-form", {}, "Write something for them to read")
    window.go(f"{about}/timeline").press("Correct", within="main table")
    try_form(window, window.path, "main form.braid-form", {}, "Say what was entered wrongly")


def wrote(work, ash, library):
    """Something for a practitioner to write about."""
    module = library.modules["low-mood"]
    sheet = next(one for one in module.worksheets if one.key == "my-cycle")
    standing = queries.plan(work, record_of(work, ash))["low-mood"]
    actions.save_entry(
        work,
        patient=record_of(work, ash),
        standing=standing,
        module=module,
        worksheet=sheet,
        entry_id=answers.only_entry(record_of(work, ash), module.key, sheet.key),
        base=0,
        values={"situation": "Sunday evening"},
    )


def test_the_way_back_after_signing_out_shows_nothing(visit, enrol, robin):
    ash = enrol("Ash Whitlock")
    for who, path, private in ((ash, "/my/programme", "Your programme"), (robin, f"/patients/{ash.id}/plan", "Ash")):
        window = visit().sign_in(who).go(path).sees(private)

        window.press("Sign out").sees("You are signed out")
        window.page.go_back()

        assert window.path == "/sign-in"
        window.does_not_see(private)
