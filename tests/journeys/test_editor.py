"""An administrator writes a rule with the keyboard alone, and once without a script."""

import pytest

from app.accounts.roles import Role
from app.pathways import draft_actions
from tests.journeys.test_keyboard import Keyboard

EMPTY = {"kind": "all", "of": []}
STAYING_WELL = "steps/staying-well"


@pytest.fixture
def imogen(world):
    return world.staff("Imogen Vale", Role.SERVICE_ADMIN)


@pytest.fixture
def base(imogen, library, robin):
    """A draft of the starter pathway in which the last step has no rule yet."""
    body = library.pathways["as-it-should-be"].model_dump(mode="json", by_alias=True, exclude_none=True)
    body["steps"][-1]["unlock"] = EMPTY
    with imogen.working() as work:
        return f"/pathways/drafts/{draft_actions.begin_draft(work, body=body).id}"


class Author(Keyboard):
    """Somebody who writes a rule with keys: every choice is made where the focus is, nothing is pointed at."""

    def at(self, label):
        """Go on to the field with this label, as Tab would: it is there, shown, and can have the focus."""
        field = self.page.get_by_label(label, exact=True)
        field.focus()
        return field

    def choose(self, label, words):
        field = self.at(label)
        options = field.locator("option").all_inner_texts()
        self.page.keyboard.press("Home")
        for _ in range(options.index(words)):
            self.page.keyboard.press("ArrowDown")
        assert field.evaluate("field => field.selectedOptions[0].text") == words
        return self

    def type(self, label, words):
        self.at(label)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)
        return self

    def add(self, kind, *, into="", button="Add a condition"):
        if into:
            self.choose("Add it to", into)
        self.choose("Condition to add", kind)
        return self.press(button)

    def press(self, button):
        self.page.get_by_role("button", name=button, exact=True).focus()
        self.page.keyboard.press("Enter")
        self.page.locator("form[data-editor]:not([aria-busy])").wait_for()
        return self

    def tick(self, words, *, of):
        self.page.get_by_role("group", name=of).get_by_label(words, exact=True).focus()
        self.page.keyboard.press("Space")

    def sees(self, words, *, within="body"):
        self.page.locator(within).get_by_text(words).first.wait_for()
        return self

    def gone(self, words, *, within="body"):
        self.page.locator(within).get_by_text(words).first.wait_for(state="hidden")
        return self

    @property
    def focused(self):
        return self.page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id")


@pytest.mark.parametrize("visit", ["1280"], indirect=True)
def test_the_starter_rule_is_built_from_nothing_by_keyboard(visit, imogen, base):
    window = visit().sign_in(imogen).go(f"{base}/{STAYING_WELL}")
    author = Author(window)
    author.sees("There is nothing in it yet", within="#findings")

    author.choose("How many must be true, the rule", "any")
    author.press("Add a group").sees("Added: group 1, now first of one in the rule.", within="#said")
    author.gone("nothing in it yet", within="#findings").sees("only one condition in it", within="#findings")
    author.add("So many of a list of steps", into="the group 1")
    author.tick("Doing what matters", of="Steps in the list, group 1.2")
    author.tick("Working with thoughts", of="Steps in the list, group 1.2")
    author.sees("of these 2 are", within="#rule").add("Somebody releases it", into="the rule")
    author.sees("1 of 2 done", within="#live")
    author.gone("only one condition", within="#findings").sees("Nothing to fix.", within="#lede")
    author.sees("Robin opens it with you.", within="#live").sees("Any of, none met yet:", within="#live")

    author.press("Add a group")
    author.press("Move group 3 up").sees("Moved up: group 2, now second of three in the rule.", within="#said")
    assert author.focused == "Move group 2 up"
    author.add("A score is below or at least", into="the group 2")
    author.choose("Which score, condition 2.2", "each of the last").sees("days apart, is", within="#rule")
    author.sees("PHQ-9 last 2 (at least 7 days apart) below 10", within="#live")
    assert author.focused == "unlock.of[1].of[1].which"
    author.add("A score has changed", into="the group 2").press("Remove condition 2.1")
    author.sees("scores 4 days apart, 7 asked", within="#live").sees("You and Robin review", within="#live")

    author.type("Score, condition 2.1", "99").sees("PHQ-9 cannot be 99", within="#findings")
    assert author.focused == "unlock.of[1].of[0].value"
    author.type("Score, condition 2.1", "10").sees("Nothing to fix.", within="#lede")
    author.type("Days apart, condition 2.1", "4").sees("Undo: days apart 4, was 7", within="#undo")
    author.sees("PHQ-9 of 8", within="#live")
    window.look()


@pytest.mark.parametrize("visit", ["1280"], indirect=True)
def test_everything_in_a_line_is_reached_by_tab_in_reading_order(visit, imogen, base):
    window = visit().sign_in(imogen).go(f"{base}/steps/relaxing")

    keys = Keyboard(window).tab_to("Step, the rule").tab_to("What has happened").tab_to("×").tab_to("Add a condition")

    assert keys.stops[-1] == "Add a condition"


@pytest.mark.parametrize("visit", ["390-no-script"], indirect=True)
def test_without_a_script_a_move_keeps_what_was_typed_and_opens_at_the_line(visit, imogen, base):
    window = visit().sign_in(imogen).go(f"{base}/{STAYING_WELL}")
    window.select("Condition to add", "A score is below or at least").press("Add a condition")
    window.select("Condition to add", "Somebody releases it").press("Add a condition")
    window.page.get_by_label("Score, condition 1", exact=True).fill("8")

    window.press("Move condition 2 up")

    window.sees("Moved up: condition 1, now first of two in the rule.")
    assert window.page.get_by_label("Score, condition 2", exact=True).input_value() == "8"
    assert window.page.evaluate("document.activeElement.id") == "unlock.of[0]-down"
    window.press("Undo").sees("Undone.")


@pytest.mark.parametrize("visit", ["390"], indirect=True)
def test_every_page_of_the_editor_fits_a_phone(visit, imogen, base):
    window = visit().sign_in(imogen)

    for part in (
        "steps/thoughts",
        "steps/relaxing/core",
        "steps/thoughts/done",
        "steps",
        "choices",
        "length",
        "drawing",
    ):
        window.go(f"{base}/{part}")
