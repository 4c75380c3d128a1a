"""The address of one's plans is copied in one tap where the browser lets us, and by hand where it does not."""

import pytest

CHOSEN = """(() => {
  const field = document.activeElement;
  return field.value.slice(field.selectionStart, field.selectionEnd);
})()"""
READ = "navigator.clipboard.readText()"


@pytest.fixture
def ash(visit, enrol):
    window = visit().sign_in(enrol("Ash Whitlock")).go("/my/diary/calendar")
    return window.press("Make an address").sees("Your address is made.")


def may_copy(window, setting):
    """What the person once told their browser about pages that put something on the clipboard."""
    page = window.context.new_cdp_session(window.page)
    of = page.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    permission = {"name": "clipboard-write"}
    asked = {"permission": permission, "setting": setting, "origin": window.site.origin, "browserContextId": of}
    window.context.browser.new_browser_cdp_session().send("Browser.setPermission", asked)


def tap_copy(window):
    """Without scripts there is no button that does nothing, and the address all the same."""
    if not window.script:
        assert window.page.get_by_role("button", name="Copy the address").count() == 0
        assert window.page.get_by_label("Your address").input_value().startswith(f"{window.site.origin}/calendar/")
        return False
    window.page.get_by_role("button", name="Copy the address").click()
    return True


def said(window, words):
    window.page.get_by_role("status").filter(has_text=words).wait_for()
    return window.look()


def test_one_tap_copies_the_whole_address(ash):
    ash.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=ash.site.origin)

    if not tap_copy(ash):
        return

    said(ash, "Copied.")
    address = ash.page.get_by_label("Your address").input_value()
    assert ash.page.evaluate(READ) == address
    assert address.startswith(f"{ash.site.origin}/calendar/")


def test_where_the_browser_does_not_let_us_the_address_is_chosen_to_be_copied_by_hand(ash):
    may_copy(ash, "denied")
    ash.go("/my/diary/calendar")

    if not tap_copy(ash):
        return

    said(ash, "It is chosen: copy it from there.")
    chosen = (
        "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)"
    )
    assert ash.page.evaluate(chosen) == ash.page.get_by_label("Your address").input_value()
