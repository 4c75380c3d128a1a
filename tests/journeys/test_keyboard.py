"""Everything can be done with a keyboard, one can see where one is, and one can leave in a moment."""

import pytest

FOCUSED = """() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const drawn = here.matches('input[type=radio], input[type=checkbox]') ? here.closest('label, div') : here;
  const { x, y, width, height } = drawn.getBoundingClientRect();
  return { x, y, width, height, words: here.labels?.[0]?.innerText || here.innerText || here.value || here.tagName };
}"""


class Keyboard:
    """Somebody who only has keys; at every stop it shows where they are."""

    def __init__(self, window):
        self.window = window
        self.page = window.page
        self.stops = []

    def tab_to(self, words, *, most=80):
        """Press Tab until the element with these words has the focus."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(FOCUSED)
            if not here:
                continue
            self.stops.append(here["words"])
            self._is_visible(here)
            if words in here["words"]:
                return self
        raise AssertionError(f"Tab does not come to {words!r}: {self.stops[-most:]}")

    def _is_visible(self, here):
        size = self.page.viewport_size
        assert here["y"] + here["height"] >= 0 and here["y"] <= size["height"], f"out of sight: {here}"
        left, top = max(0, here["x"] - 6), max(0, here["y"] - 6)
        room = {
            "x": left,
            "y": top,
            "width": min(here["width"] + 12, size["width"] - left),
            "height": min(here["height"] + 12, size["height"] - top),
        }
        focused = self.page.screenshot(clip=room)
        # The place from which Tab goes on stays where it is when the focus itself is taken away and put back.
        self.page.evaluate("window.stop_ = document.activeElement; window.stop_.blur()")
        assert self.page.screenshot(clip=room) != focused, f"nothing shows the focus on {here['words']!r}"
        self.page.evaluate("window.stop_.focus({ focusVisible: true, preventScroll: true })")

    def type(self, words):
        self.page.keyboard.type(words)
        return self

    def press(self, key):
        self.page.keyboard.press(key)
        return self

    def go_on(self, key="Enter"):
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.window.look()
        return self


@pytest.mark.parametrize("visit", ["1280", "390"], indirect=True)
def test_one_can_sign_in_and_fill_in_a_worksheet_with_the_keyboard_alone(visit, enrol, site):
    ash = enrol("Ash Whitlock")
    window = visit().go("/sign-in")
    keys = Keyboard(window)

    keys.tab_to("Skip to main content").press("Enter")
    assert window.page.url.endswith("#main")
    assert window.page.evaluate("document.activeElement.id") == "main"
    keys.press("Tab")
    assert window.page.evaluate("document.activeElement.id") == "email"
    keys.type(ash.person.email).go_on()
    window.sees("Look in your e-mails").go(site.link_for(ash.world, ash.person.email))
    keys.tab_to("Only I use this device").press("Space").tab_to("Sign in").go_on("Space")
    keys.tab_to("Have a look").go_on()
    keys.tab_to("Start").go_on()
    keys.tab_to("Next: What low mood can be like").go_on()
    keys.tab_to("Heavy or worn out").press("Space").tab_to("Aches").press("Space")
    keys.tab_to("Which one troubles you most").type("Waking at four").tab_to("Save").go_on()

    window.sees("Saved.")
    assert window.page.get_by_label("Aches, tension or a sore stomach").is_checked()
    assert window.page.get_by_label("Which one troubles you most").input_value() == "Waking at four"


@pytest.mark.parametrize("visit", ["390"], indirect=True)
def test_shift_pressed_three_times_leaves_and_the_way_back_does_not_lead_here(visit, enrol, site):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/today").go("/my/programme")

    with window.page.expect_navigation(url=site.elsewhere):
        for _ in range(3):
            window.page.keyboard.press("Shift")
    window.page.go_back()
    window.page.wait_for_url(site.elsewhere)
    window.go("/my/today")

    assert window.path == "/sign-in"


@pytest.mark.parametrize("visit", ["390"], indirect=True)
def test_shift_while_typing_capitals_does_not_leave(visit, enrol):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/steps/low-mood/pages/05-my-circle")
    window.page.get_by_label("What was happening?").focus()

    for key in ("Shift+S", "Shift+O", "Shift+S", "Shift+O"):
        window.page.keyboard.press(key)

    assert window.path == "/my/steps/low-mood/pages/05-my-circle"
    assert window.page.get_by_label("What was happening?").input_value() == "SOSO"


def test_leaving_quickly_leads_to_the_neutral_page(visit, enrol, site):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/today")

    window.page.get_by_role("link", name="Leave quickly").click()
    window.page.wait_for_url(site.elsewhere)

    assert window.words() == "Weather"


@pytest.mark.parametrize("visit", ["390-no-script"], indirect=True)
def test_leaving_without_javascript_also_ends_the_session_in_this_browser(visit, enrol, site):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/today")
    window.page.get_by_role("link", name="Leave quickly").click()
    window.page.wait_for_url(site.elsewhere)

    window.go("/my/today")

    assert window.path == "/sign-in"
