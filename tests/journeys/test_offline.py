"""A phone in a tunnel: what is said there is kept on it, shown, and arrives once."""

import json
from datetime import date, time
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.clinical.planning import When
from app.clinical.recurrence import Freq, Rule
from app.diary import log_queries, plan_actions
from app.diary.plan_actions import About
from app.diary.tables import ActivityLog
from app.main import create_app

pytestmark = pytest.mark.parametrize("visit", ["390"], indirect=True)

TODAY = date(2026, 3, 3)
WAITING = ".braid-waiting"
KEPT = """async () => {
  const open = indexedDB.open("braid");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const count = (name) => new Promise((resolve) => {
    const asked = database.transaction(name).objectStore(name).count();
    asked.onsuccess = () => resolve(asked.result);
  });
  return { waiting: await count("waiting"), pages: await count("pages"), facts: await count("facts") };
}"""

AS_KEPT = """async () => {
  const open = indexedDB.open("braid");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const asked = database.transaction("waiting").objectStore("waiting").getAll();
  const items = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  return items.map((item) => JSON.stringify(item) + new TextDecoder("latin1").decode(item.data)).join();
}"""


TWO_HOURS_AGO = """async () => {
  const open = indexedDB.open("braid");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const store = database.transaction("waiting", "readwrite").objectStore("waiting");
  const asked = store.getAll();
  await new Promise((resolve) => { asked.onsuccess = resolve; });
  const put = asked.result.map((item) => store.put({ ...item, at: item.at - 7200000 }));
  await Promise.all(put.map((one) => new Promise((resolve) => { one.onsuccess = resolve; })));
}"""


@pytest.fixture
def ash(enrol):
    return walks_the_dog(enrol("Ash Whitlock"))


def walks_the_dog(patient):
    """Somebody with a walk in their diary at nine each day."""
    with patient.working() as work:
        plan_actions.plan_activity(
            work,
            patient=patient.patient(),
            series_id=uuid4(),
            about=About("Walk the dog"),
            when=When(TODAY, Rule(freq=Freq.DAILY), time(9)),
        )
    return patient


@pytest.fixture
def phone(visit, ash):
    """Ash's phone, on Today, with the worker at hand."""
    return ready(visit().sign_in(ash).go("/my/today"))


def ready(window):
    window.page.wait_for_function("navigator.serviceWorker.controller !== null")
    return window


def without_worker(site, library):
    """The same Braid, whose service turned working without a connection off."""
    settings = site.settings.model_copy(update={"offline": False})
    return create_app(settings, engine=site.engine, clock=site.clock, carrier=site.carrier, library=library)


def told(ash):
    """Every entry of the diary, straight from the table: withdrawn and corrected ones too."""
    with ash.working() as work:
        mine = sa.select(ActivityLog).where(ActivityLog.patient_id == ash.id).order_by(ActivityLog.recorded_at)
        return [(row.title, row.outcome.value, row.done_on) for row in work.session.execute(mine).scalars()]


def say_waits(window, words):
    window.page.locator(f"{WAITING} [role=status]", has_text=words).wait_for()


def say_sent(window, words="Sent."):
    window.page.locator(".braid-notice", has_text=words).wait_for()


def kept(window):
    return window.page.evaluate(KEPT)


def tap(window, outcome):
    window.page.get_by_role("button", name=outcome, exact=True).click()


def test_done_tapped_twice_without_a_connection_and_sent_three_times_is_one_entry(phone, ash, site):
    phone.context.set_offline(True)
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting to be sent. It will go when you are back online.")
    phone.look().page.get_by_role("button", name="Change it").click()
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting to be sent.")
    assert told(ash) == []
    arrived = []

    def answer_is_lost(route):
        if route.request.method == "GET":
            return route.fallback()
        arrived.append(route.fetch(max_redirects=0).status)
        return route.fallback() if len(arrived) > 2 else route.abort()

    phone.context.route("**/my/diary/**", answer_is_lost)
    site.clock.on(minutes=1)
    phone.context.set_offline(False)

    say_sent(phone, "Sent. 1 thing you wrote without a connection is saved.")
    assert arrived == [303, 303, 303]
    assert told(ash) == [("Walk the dog", "done", TODAY)]
    assert kept(phone)["waiting"] == 0


def test_the_last_of_several_taps_counts(phone, ash):
    phone.context.set_offline(True)
    tap(phone, "Done")
    phone.page.get_by_role("button", name="Change it").click()
    tap(phone, "Partly")
    say_waits(phone, "1 thing is waiting")
    phone.context.set_offline(False)

    say_sent(phone)
    assert told(ash) == [("Walk the dog", "partly", TODAY)]


def test_what_lay_on_the_phone_is_kept_as_of_when_it_was_written_and_so_it_is_told(phone, ash):
    phone.context.set_offline(True)
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting")
    phone.page.evaluate(TWO_HOURS_AGO)
    phone.context.set_offline(False)
    say_sent(phone)

    phone.go("/my/diary/day").press("Walk the dog")

    phone.sees("You wrote this on Tuesday 3 March at 8:0", "It was sent when there was a connection")


def test_a_tap_whose_request_is_lost_on_the_way_waits_too(phone, ash, site):
    with site.server.away():
        phone.press("Done").sees("You are offline", "1 thing is waiting to be sent.", "Walk the dog")
        phone.page.reload()
        phone.look().sees("1 thing is waiting to be sent.")
        site.clock.on(minutes=1)
        assert told(ash) == []

    phone.go("/my/today")

    say_sent(phone)
    phone.page.get_by_role("link", name="Show this page as it is now").click()
    phone.page.get_by_text("Add how it felt").wait_for()
    assert told(ash) == [("Walk the dog", "done", TODAY)]


def test_going_back_to_a_form_that_was_refused_keeps_nothing_and_sends_nothing_again(phone, ash):
    phone.go("/my/diary/happened").fill("What did you do?", "Baked bread").date("Which day?", "45", "3", "2026")
    phone.press("Save").sees("There is a problem")
    phone.date("Which day?", "3", "3", "2026").press("Save").sees("Saved.")

    phone.page.go_back()

    phone.look().sees("Add something you did").does_not_see("You are offline", "We could not save")
    assert kept(phone)["waiting"] == 0
    assert told(ash) == [("Baked bread", "done", TODAY)]


def test_what_waits_is_seen_on_every_page_and_can_be_taken_away(phone, ash):
    phone.context.set_offline(True)
    tap(phone, "Not today")
    say_waits(phone, "1 thing is waiting")
    phone.context.route("**/my/device", lambda route: route.abort())
    phone.context.set_offline(False)

    for path in ("/my/programme", "/my/diary", "/account", "/my/reminders"):
        phone.go(path)
        say_waits(phone, "1 thing is waiting to be sent.")
    phone.page.get_by_role("button", name="Take it away").click()
    phone.page.locator(WAITING).wait_for(state="hidden")

    phone.context.unroute("**/my/device")
    phone.go("/my/today")
    assert told(ash) == []


def test_opened_without_a_connection_there_is_help_and_a_place_to_write(phone, ash, site):
    phone.context.set_offline(True)
    phone.go("/my/diary").sees("You are offline", "Call 111")
    phone.go("/help").sees("Get help now", "Samaritans")
    phone.go("/my/today").page.get_by_text("Write it down", exact=True).click()
    phone.fill("What did you do?", "Baked bread")
    phone.date("Which day?", "3", "3", "2026")
    phone.choose("7", of="How much did you enjoy it?")
    phone.page.get_by_role("button", name="Save on this device").click()
    say_waits(phone, "1 thing is waiting")
    phone.look().sees("Baked bread")
    assert "Baked" not in phone.page.evaluate(AS_KEPT)
    site.clock.on(minutes=1)

    phone.context.set_offline(False)

    say_sent(phone)
    with ash.working() as work:
        [entry] = log_queries.logged(work, ash.patient(), date(2020, 1, 1), date(2050, 1, 1))
    assert (entry.title, entry.pleasure, entry.mastery) == ("Baked bread", 7, None)


def write_down(window, title, day=("3", "3", "2026")):
    """On the page for when nothing can be reached."""
    if not window.page.get_by_label("What did you do?").is_visible():
        window.page.get_by_text("Write it down", exact=True).click()
    window.fill("What did you do?", title).date("Which day?", *day)
    window.page.get_by_role("button", name="Save on this device").click()
    window.page.locator(f"{WAITING} b", has_text=title).wait_for()


def test_what_waits_outlasts_the_sign_in_and_goes_after_the_next(phone, ash, site):
    phone.context.set_offline(True)
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting")
    site.clock.on(minutes=31)

    phone.context.set_offline(False)

    say_waits(phone, "You have been signed out. Sign in and it goes")
    assert told(ash) == []
    phone.press("Sign in and it goes").sees("Sign in")
    phone.sign_in(ash).go("/my/today")
    say_sent(phone)
    assert told(ash) == [("Walk the dog", "done", TODAY)]


def test_what_is_refused_is_shown_with_its_words_and_can_be_put_right(phone, ash):
    phone.context.set_offline(True)
    phone.go("/my/today")
    write_down(phone, "Baked bread", day=("3", "1", "2026"))
    write_down(phone, "Swam", day=("31", "2", "2026"))
    write_down(phone, "Called Sam")
    phone.context.set_offline(False)

    say_waits(phone, "We could not save 2 things you wrote. Your words are still here.")
    phone.look().sees(
        "Enter one of the last 14 days, or today",
        "Baked bread",
        "Enter the day, like 27 3 2026",
        "Swam",
        within=WAITING,
    )
    assert told(ash) == [("Called Sam", "done", TODAY)]
    phone.page.locator(f"{WAITING} li", has_text="Swam").get_by_role("link", name="Put it right").click()
    phone.page.wait_for_url("**/my/diary/happened#again=*")
    say_waits(phone, "We could not save 2 things")
    assert phone.page.get_by_label("What did you do?").input_value() == "Swam"
    phone.date("Which day?", "2", "3", "2026").press("Save", within="form[data-offline]")

    say_waits(phone, "We could not save 1 thing you wrote.")
    assert told(ash) == [("Called Sam", "done", TODAY), ("Swam", "done", date(2026, 3, 2))]
    phone.page.get_by_role("button", name="Take it away").click()
    phone.page.locator(WAITING).wait_for(state="hidden")
    assert kept(phone)["waiting"] == 0


def test_signing_out_warns_of_what_waits_and_then_takes_it_away(phone, ash):
    phone.context.set_offline(True)
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting")
    phone.context.route("**/my/device", lambda route: route.abort())
    phone.context.set_offline(False)

    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    phone.look().sees("1 thing you wrote has not been sent. Signing out takes it off this device for good.")
    phone.page.get_by_role("button", name="Stay signed in").click()
    assert kept(phone)["waiting"] == 1
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    phone.press("Sign out and lose it").sees("You are signed out")

    phone.page.wait_for_function(f"async () => (await ({KEPT})()).facts === 0")
    assert kept(phone) == {"waiting": 0, "pages": 0, "facts": 0}
    assert told(ash) == []


def test_what_waits_is_never_shown_to_whoever_signs_in_next(phone, ash, enrol):
    phone.context.set_offline(True)
    tap(phone, "Done")
    say_waits(phone, "1 thing is waiting")
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    blake = enrol("Blake Moss")

    phone.sign_in(blake).go("/my/today").does_not_see("Walk the dog", "waiting to be sent")
    phone.go("/my/device").does_not_see("Walk the dog", "waiting to be sent")
    phone.sign_in(ash).go("/my/today")

    say_sent(phone)
    assert told(ash) == [("Walk the dog", "done", TODAY)]
    assert told(blake) == []


def test_no_page_is_kept_unless_somebody_asks_for_it(phone):
    phone.go("/my/diary").go("/my/diary/day")
    phone.context.set_offline(True)
    phone.go("/my/diary").sees("You are offline").does_not_see("Walk the dog")
    assert kept(phone)["pages"] == 0


@pytest.fixture
def keeping(phone):
    """The same phone, asked to keep the diary."""
    phone.go("/my/device").page.get_by_role("switch", name="Keep my diary on this device").click()
    phone.page.locator("[role=switch][aria-checked=true]").wait_for()
    return phone.look()


def test_a_diary_that_is_kept_is_read_and_ticked_off_without_a_connection(keeping, ash, site):
    keeping.go("/my/today").go("/my/diary").go("/my/programme")
    keeping.page.wait_for_function(f"async () => (await ({KEPT})()).pages === 2")
    keeping.context.set_offline(True)

    keeping.go("/my/diary").sees("Walk the dog", "You are offline. This is the page as it was on")
    keeping.go("/my/programme").sees("You are offline", "Braid cannot be reached just now")
    keeping.go("/my/today").sees("Walk the dog", "You are offline. This is the page as it was on")
    tap(keeping, "Done")
    say_waits(keeping, "1 thing is waiting")
    keeping.go("/my/today").look()
    say_waits(keeping, "1 thing is waiting")
    assert not keeping.page.get_by_role("button", name="Done", exact=True).is_visible()
    site.clock.on(minutes=1)
    keeping.context.set_offline(False)

    say_sent(keeping)
    assert told(ash) == [("Walk the dog", "done", TODAY)]


@pytest.mark.parametrize("end", ["sign-out", "another sign-in", "another person", "turned off"])
def test_pages_that_are_kept_go_with_the_sign_in(keeping, ash, enrol, end):
    keeping.go("/my/today")
    keeping.page.wait_for_function(f"async () => (await ({KEPT})()).pages === 1")
    if end == "sign-out":
        keeping.press("Sign out").sees("You are signed out")
    elif end == "another sign-in":
        keeping.sign_in(ash).go("/my/more")
    elif end == "another person":
        keeping.sign_in(enrol("Blake Moss")).go("/my/more")
    else:
        keeping.go("/my/device").page.get_by_role("switch", name="Keep my diary on this device").click()

    keeping.page.wait_for_function(f"async () => (await ({KEPT})()).pages === 0")
    if end == "sign-out":
        assert keeping.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        return
    keeping.context.set_offline(True)
    keeping.go("/my/today").sees("You are offline").does_not_see("Walk the dog")


def test_signing_out_without_a_connection_clears_the_device_and_says_what_is_left_to_do(keeping):
    keeping.go("/my/today")
    keeping.context.set_offline(True)
    keeping.press("Sign out").sees("What this device kept for you is gone.", "sign out again")

    assert kept(keeping) == {"waiting": 0, "pages": 0, "facts": 0}


def test_turned_off_by_the_service_everything_kept_goes_and_what_waits_is_still_sent(keeping, ash, site, library):
    keeping.go("/my/today")
    keeping.context.set_offline(True)
    tap(keeping, "Done")
    say_waits(keeping, "1 thing is waiting")
    keeping.context.route("**/my/device", lambda route: route.abort())
    keeping.context.set_offline(False)

    with site.server.instead(without_worker(site, library)):
        keeping.go("/my/more").go("/my/programme")
        keeping.page.wait_for_function(
            "async () => !(await navigator.serviceWorker.getRegistrations()).length && !(await caches.keys()).length"
        )
        keeping.page.wait_for_function(f"async () => (await ({KEPT})()).pages === 0")
        keeping.context.unroute("**/my/device")
        keeping.go("/my/today")
        say_sent(keeping)

    assert told(ash) == [("Walk the dog", "done", TODAY)]


def test_it_can_be_put_among_the_apps_under_a_name_that_says_nothing(phone):
    session = phone.context.new_cdp_session(phone.page)
    manifest = session.send("Page.getAppManifest")

    assert not manifest["errors"]
    hindered = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The window of a test is a private one, in which nothing can be installed.
    assert [one["errorId"] for one in hindered] in ([], ["in-incognito"])
    facts = json.loads(manifest["data"])
    assert (facts["name"], facts["short_name"], facts["start_url"]) == ("Braid", "Braid", "/my/today")
