"""Sending a form with nothing or with nonsense in it, and what a page with mistakes on it owes whoever made them."""

from collections.abc import Mapping

from playwright.sync_api import Locator

from tests.journeys.visitor import Visitor

SUMMARY = ".nhsuk-error-summary"
NONSENSE = "<script>alert(1)</script> ☃ ⸮"
TYPED = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea"
IN_A_FIELD = "document.activeElement.matches('input, select, textarea')"


def write(form: Locator, values: Mapping[str, str]) -> None:
    """Put these values under these names; a choice is made by its value, whatever the page says of it."""
    for name, value in values.items():
        field = form.locator(f"[name='{name}']")
        kind = field.first.evaluate("field => field.type")
        if kind in ("radio", "checkbox"):
            form.locator(f"[name='{name}'][value='{value}']").check(force=True)
        elif kind == "select-one":
            field.select_option(value)
        else:
            # A browser keeps to the longest that is allowed; what sends a form need not be one.
            field.first.evaluate("field => field.removeAttribute('maxlength')")
            field.first.fill(value)


def write_everywhere(form: Locator, words: str) -> None:
    """Put the same words into every field that takes words, and choose nothing."""
    for field in form.locator(TYPED).all():
        if field.get_attribute("type") != "datetime-local":
            field.fill(words)
    for box in form.locator("input[type=checkbox]:checked").all():
        box.uncheck(force=True)


def send(window: Visitor, form: Locator) -> int:
    """Send it as its first button does; the status of what came."""
    with window.page.expect_navigation() as arriving:
        form.locator("button:not([type=button])").first.click()
    return arriving.value.status


def is_told(window: Visitor, *sentences: str) -> None:
    """The page says at its top what is wrong, goes there, and leads from each sentence to its field."""
    summary = window.page.locator(SUMMARY)
    assert window.page.title().startswith("Error: "), f"{window.page.url}: {window.page.title()}"
    assert summary.count() == 1, f"{window.page.url} has no summary of mistakes: {window.words('main')[:800]}"
    window.look().sees(*sentences, within=SUMMARY)
    if window.script:
        assert summary.evaluate("summary => summary === document.activeElement"), window.page.url
    links = summary.get_by_role("link")
    assert links.count() > 0
    for link in links.all():
        target = link.get_attribute("href") or ""
        assert target.startswith("#"), target
        # By its id as it stands: some begin with a number, which no selector may.
        assert window.page.locator(f"[id='{target[1:]}']").count() == 1, f"{window.page.url} has no {target}"
    if window.script:
        links.first.click()
        assert window.page.evaluate(IN_A_FIELD), f"{window.page.url}: {links.first.get_attribute('href')}"


def try_form(window: Visitor, path: str, selector: str, values: Mapping[str, str], *sentences: str) -> None:
    """Send one form of a page with these values and nothing else; it comes back saying these sentences."""
    window.page.goto(window.site.origin + path)
    form = window.page.locator(selector)
    write(form, values)
    status = send(window, form)
    assert status in (409, 422), f"{path}: {status}"
    is_told(window, *sentences)
    for name, value in values.items():
        kept = window.page.locator(f"{selector} [name='{name}']").first
        if kept.evaluate("field => ['text', 'email', 'search', 'textarea'].includes(field.type)"):
            assert kept.input_value() == value, f"{path}: what was typed in {name} is gone"
