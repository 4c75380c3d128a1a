"""Two tabs of one phone while Braid’s worker ends or is replaced: what waits in either is kept, and sent once."""

import pytest

from tests.journeys.test_offline import TODAY, WAITING, kept, ready, say_waits, tap, told, walks_the_dog, without_worker

pytestmark = pytest.mark.parametrize("visit", ["390"], indirect=True)


@pytest.fixture
def ash(enrol):
    return walks_the_dog(enrol("Ash Whitlock"))


@pytest.fixture
def phone(visit, ash):
    """Ash's phone, on Today, with the worker at hand."""
    return ready(visit().sign_in(ash).go("/my/today"))


def another_build(app):
    """The same Braid, whose worker is another file to a browser."""

    async def served(scope, receive, send):
        async def changed(message):
            if scope.get("path") == "/sw.js" and message["type"] == "http.response.start":
                message["headers"] = [one for one in message["headers"] if one[0] != b"content-length"]
            if (
                scope.get("path") == "/sw.js"
                and message["type"] == "http.response.body"
                and not message.get("more_body")
            ):
                message["body"] += b"\n// of another build"
            await send(message)

        await app(scope, receive, changed)

    return served


OLD_GONE = {
    "turned off": "async () => !(await navigator.serviceWorker.getRegistrations()).length",
    "another build": """async () => {
      const [one] = await navigator.serviceWorker.getRegistrations();
      return one?.active?.state === "activated" && !one.waiting && !one.installing && window.changes > 0;
    }""",
}


@pytest.mark.parametrize("why", OLD_GONE)
def test_what_waits_in_two_tabs_outlasts_the_end_of_the_worker_and_is_sent_once(phone, ash, site, library, why):
    other = phone.new_tab()
    other.goto(f"{site.origin}/my/diary/happened")
    phone.context.set_offline(True)
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting")
    other.get_by_label("What did you do?").fill("Baked bread")
    for part, words in (("Day", "3"), ("Month", "3"), ("Year", "2026")):
        other.get_by_role("group", name="Which day?").get_by_label(part).fill(words)
    other.locator("form[data-offline]").get_by_role("button", name="Save", exact=True).click()
    other.locator(f"{WAITING} [role=status]", has_text="2 things are waiting").wait_for()
    phone.context.route("**/my/device", lambda route: route.abort())
    phone.context.set_offline(False)
    next_one = without_worker(site, library) if why == "turned off" else another_build(site.server.app)

    with site.server.instead(next_one):
        site.clock.on(minutes=1)
        phone.page.evaluate(
            "window.changes = 0; navigator.serviceWorker.addEventListener('controllerchange', () => window.changes++);"
            "navigator.serviceWorker.getRegistration().then((one) => one.update())"
        )
        phone.page.wait_for_function(OLD_GONE[why])
        assert kept(phone)["waiting"] == 2
        phone.context.unroute("**/my/device")
        for tab in (phone.page, other):
            tab.evaluate("window.dispatchEvent(new Event('online'))")
        phone.page.locator(WAITING).wait_for(state="hidden")
        other.reload()
        other.locator(WAITING).wait_for(state="hidden")

    assert kept(phone)["waiting"] == 0
    assert sorted(told(ash)) == [("Baked bread", "done", TODAY), ("Walk the dog", "done", TODAY)]
