"""A questionnaire is answered one question at a time by keyboard alone, and on a phone without a script."""

from tests.journeys.test_keyboard import Keyboard


def test_every_question_can_be_answered_with_the_keyboard_alone(visit, enrol, library):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/questionnaires/gad-7/questions")
    keys = Keyboard(window)
    questions = len(library.instruments["gad-7"].questions)

    for number in range(1, questions + 1):
        window.sees(f"GAD-7, question {number} of {questions}")
        keys.tab_to("Not at all").press("Space").press("ArrowDown").tab_to("Continue").go_on()
        window.look()
    window.sees("Check your answers", "Several days")
    keys.tab_to("question 2").go_on()
    keys.tab_to("Several days").press("ArrowDown").tab_to("Continue").go_on()
    window.sees("Check your answers", "More than half the days")
    keys.tab_to("Send my answers").go_on()

    window.sees("out of 21. Lower is better.")


def test_a_narrow_window_asks_one_question_at_a_time_until_somebody_chooses_otherwise(visit, enrol):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/questionnaires")

    window.press("Fill in the PHQ-9", within="main")
    if window.page.viewport_size["width"] < 640:
        window.sees("PHQ-9, question 1 of 10", "Robin reads your answers before you next meet.")
        window.choose("Several days").press("Continue").sees("PHQ-9, question 2 of 10")
        window.press("Show all questions on one page instead")
    else:
        window.choose("Several days", of="1. Little interest")
    assert window.page.locator("[name=q1][value='1']").is_checked()
    window.press("Answer one question at a time instead").sees("PHQ-9, question 2 of 10")

    window.go("/my/questionnaires").press("Go on with the PHQ-9", within="main").sees("PHQ-9, question 2 of 10")


def test_a_risk_answer_shows_help_on_the_very_next_page_and_again_when_it_is_sent(visit, enrol, robin):
    window = visit().sign_in(enrol("Ash Whitlock"))

    for number in range(1, 10):
        window.go(f"/my/questionnaires/phq-9/questions/{number}").choose("Several days").press("Continue")
    window.sees("If you want someone now", "999", "116 123").press("Continue")
    window.sees("Check your answers", "If you want someone now").press("Send my answers")

    assert window.path == "/my/support"
    staff = visit().sign_in(robin).go("/caseload")
    staff.sees("Safety alert open.")


def test_staff_take_one_by_phone_and_see_what_to_do_at_once(visit, enrol, robin, library):
    ash = enrol("Ash Whitlock")
    staff = visit().sign_in(robin).go(f"/patients/{ash.id}/scores").press("Record a questionnaire")
    staff.press("Patient Health Questionnaire").choose("By phone")

    for question in library.instruments["phq-9"].questions[:9]:
        staff.page.locator(f"[name={question.key}][value='1']").check(force=True)
    staff.press("Record these answers").sees("PHQ-9 recorded", "Before you end the call", "by phone, by Robin Hale")
    staff.press("Record what you did").sees("Safety alert", "Record what you did")
