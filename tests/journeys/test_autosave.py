"""What a patient types is not lost: not when the session ends, the network goes, or another tab was quicker."""

import pytest

from app.kit import drafts
from app.programme import answers
from tests.questionnaires.answers import record_of

pytestmark = pytest.mark.parametrize("visit", ["390"], indirect=True)

PAGE = "/my/steps/low-mood/pages/05-my-circle"
SITUATION = "What was happening?"
SAVED = "[data-saved]"
# In milliseconds of the page’s own clock.
WITHIN, STEP = 10_000, 625
HEIGHT = "button => button.getBoundingClientRect().top + window.scrollY"


@pytest.fixture
def ash(enrol):
    return enrol("Ash Whitlock")


@pytest.fixture
def writing(visit, ash):
    return visit().sign_in(ash).go(PAGE)


def drafted(ash, library):
    """What the server has of the circle that was not saved."""
    module = library.modules["low-mood"]
    with ash.working() as work:
        kept = drafts.kept_under(work, prefix=answers.drafts_of(module))
    return next((one.values["typed"]["situation"] for one in kept.values()), "")


def by_our_clock(window):
    """The page anew, for which time passes when the test says so; and the drafts that have no answer yet."""
    on_the_way = set()
    window.page.clock.install()
    window.page.on("request", lambda request: request.url.endswith("/draft") and on_the_way.add(request))
    for over in ("requestfinished", "requestfailed"):
        window.page.on(over, lambda request: on_the_way.discard(request))
    window.page.goto(window.page.url)
    window.page.clock.pause_at(window.page.evaluate("Date.now()") / 1000 + 1)
    return window.page.clock, on_the_way


def say_when_saved(window, words):
    window.page.locator(SAVED, has_text=words).wait_for()


def test_a_draft_is_never_more_than_ten_seconds_old_while_somebody_goes_on_typing(writing, ash, library):
    clock, on_the_way = by_our_clock(writing)
    field = writing.page.get_by_label(SITUATION)
    typed = [""]

    for word in ["Sunday", " evening", " on", " the", " sofa", " nobody", " in", " and", " rain", " all", " day"] * 2:
        field.press_sequentially(word)
        typed.append(field.input_value())
        clock.run_for(STEP)
        writing.until(lambda: not on_the_way)
        long_ago = typed[: -(WITHIN // STEP)]
        assert not long_ago or len(drafted(ash, library)) >= len(long_ago[-1])

    say_when_saved(writing, "Draft saved at 10:0")
    assert len(drafted(ash, library)) > 40


def test_the_button_stays_where_it_is_when_the_draft_is_saved(writing):
    button = writing.page.get_by_role("button", name="Save")
    before = button.evaluate(HEIGHT)

    writing.fill(SITUATION, "On the bus.")
    say_when_saved(writing, "Draft saved at")

    assert button.evaluate(HEIGHT) == before


def test_what_was_typed_survives_a_session_that_ran_out(writing, ash, site, library):
    site.clock.on(minutes=31)

    writing.fill(SITUATION, "On the bus, nobody next to me.")
    say_when_saved(writing, "You have been signed out. Your words are kept on this page.")
    with writing.context.expect_page() as opened:
        writing.page.get_by_role("link", name="Sign in, in a new tab").click()
    opened.value.get_by_label("Your e-mail address").fill(ash.person.email)
    opened.value.get_by_role("button", name="Send me a link").click()
    opened.value.wait_for_url("**/sign-in/sent")
    opened.value.goto(site.link_for(ash.world, ash.person.email))
    opened.value.get_by_role("button", name="Sign in").click()
    opened.value.wait_for_url(f"**{PAGE}")
    writing.page.reload()

    assert writing.page.get_by_label(SITUATION).input_value() == "On the bus, nobody next to me."
    say_when_saved(writing, "Draft saved at")
    assert drafted(ash, library) == "On the bus, nobody next to me."


def test_what_was_typed_survives_a_server_that_does_not_answer(writing, ash, library):
    writing.context.route("**/draft", lambda route: route.abort())

    writing.fill(SITUATION, "In the kitchen, the radio on.")
    say_when_saved(writing, "Not saved yet. Your words are still here.")
    assert drafted(ash, library) == ""
    writing.context.unroute("**/draft")

    say_when_saved(writing, "Draft saved at")
    assert drafted(ash, library) == "In the kitchen, the radio on."


def test_what_was_typed_survives_a_reload_before_it_was_sent(writing):
    writing.context.route("**/draft", lambda route: route.abort())
    writing.fill(SITUATION, "At the door, keys in hand.")

    writing.page.reload()

    assert writing.page.get_by_label(SITUATION).input_value() == "At the door, keys in hand."
    say_when_saved(writing, "We put back what you had typed before.")


def test_a_form_that_was_sent_leaves_nothing_behind_on_the_device(writing):
    writing.fill(SITUATION, "At the door, keys in hand.").press("Save", within="#form-my-cycle").sees("Saved.")

    assert writing.page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))") == []


def test_signing_out_takes_the_last_words_along_and_leaves_nothing_on_the_device(writing, ash, library):
    writing.fill(SITUATION, "At the door, keys in hand.")

    writing.press("Sign out").sees("You are signed out")

    assert drafted(ash, library) == "At the door, keys in hand."
    assert writing.page.evaluate("sessionStorage.length") == 0


def test_a_second_tab_that_saved_first_leads_to_both_versions_and_loses_neither(writing, ash):
    second = writing.new_tab()
    second.goto(writing.page.url)
    second.get_by_label(SITUATION).fill("From the second tab.")
    with second.expect_navigation():
        second.locator("#form-my-cycle").get_by_role("button", name="Save").click()

    writing.fill(SITUATION, "From the first tab.")
    say_when_saved(writing, "There is a newer version of this, saved in another tab")
    assert writing.page.get_by_label(SITUATION).input_value() == "From the first tab."
    writing.press("Save", within="#form-my-cycle").sees("You have changed this somewhere else")
    writing.sees("From the second tab.", within=".nhsuk-summary-list")
    assert writing.page.get_by_label(SITUATION).input_value() == "From the first tab."
    writing.press("Keep what I typed here").sees("Saved.")

    with ash.working() as work:
        mine = answers.entries(work, record_of(work, ash))
        kept = [one.values["situation"] for one in answers.versions(work, record_of(work, ash), mine[0].id)]
    assert kept == ["From the second tab.", "From the first tab."]


def test_what_the_browser_itself_puts_into_a_form_is_no_draft(writing, ash, library):
    clock, _ = by_our_clock(writing)
    # As a browser does that goes back to a form that was sent: the words are there, and no hand typed them.
    writing.page.get_by_label(SITUATION).evaluate(
        "field => { field.value = 'Sent before.'; field.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    clock.run_for(3 * WITHIN)
    writing.page.goto(f"{writing.site.origin}/my/today")

    assert drafted(ash, library) == ""


def test_a_refused_draft_is_told_in_the_words_of_the_refusal(writing, ash):
    writing.context.clear_cookies(name="braid_seed")

    writing.fill(SITUATION, "At the door, keys in hand.")

    say_when_saved(writing, "This page is out of date.")
    assert "signed out" not in writing.page.locator(SAVED).inner_text()


def test_the_answers_of_a_questionnaire_are_never_kept_on_the_device(writing):
    writing.context.route("**/draft", lambda route: route.abort())
    writing.go("/my/questionnaires/phq-9")

    writing.page.locator("[name=q1][value='2']").check(force=True)
    say_when_saved(writing, "Not saved yet.")

    assert writing.page.evaluate("sessionStorage.length") == 0


def test_a_page_that_says_somebody_is_signed_out_leaves_nothing_on_the_device(writing):
    writing.context.route("**/draft", lambda route: route.abort())
    writing.fill(SITUATION, "At the door, keys in hand.")
    assert writing.page.evaluate("sessionStorage.length") == 1

    writing.go("/signed-out")

    assert writing.page.evaluate("sessionStorage.length") == 0
