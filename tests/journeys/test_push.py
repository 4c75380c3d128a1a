"""Reminders on a phone's screen: asked for by a tap, shown without a telling word, and ended by a tap."""

import json

import pytest
import sqlalchemy as sa

from app.notifications.kinds import DeviceEnd
from app.notifications.reminder_tables import PushSubscription
from tests.journeys.test_offline import ready

pytestmark = pytest.mark.parametrize("visit", ["390"], indirect=True)

ENDPOINT = "https://fcm.googleapis.com/fcm/send/"
# The part of the browser that needs its maker's service, which no test can reach: what it would give, it gives.
SUBSCRIBES = """
const point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
let subscribed = null;
const made = (number) => ({
  endpoint: "https://fcm.googleapis.com/fcm/send/" + number,
  toJSON() {
    return { endpoint: this.endpoint, expirationTime: null, keys: { p256dh: point, auth: "BTBZMqHH6r4Tts7J_aSIgg" } };
  },
  unsubscribe: async () => { subscribed = null; sessionStorage.removeItem("subscribed"); return true; },
});
if (sessionStorage.getItem("subscribed")) subscribed = made(sessionStorage.getItem("subscribed"));
PushManager.prototype.getSubscription = async () => subscribed;
PushManager.prototype.subscribe = async (how) => {
  if (!how.userVisibleOnly || how.applicationServerKey.length !== 65) throw new Error("not as it should be");
  sessionStorage.setItem("subscribed", "1");
  return (subscribed = made("1"));
};
"""


# As if the browser had last said so more than a day ago.
YESTERDAY = """async () => {
  const open = indexedDB.open("braid");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const facts = database.transaction("facts", "readwrite").objectStore("facts");
  const asked = facts.get("push");
  const known = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  await new Promise((resolve) => { facts.put({ ...known, at: known.at - 25 * 3600000 }).onsuccess = resolve; });
  database.close();
}"""


@pytest.fixture
def phone(visit, enrol, site):
    window = visit().sign_in(enrol("Ash Whitlock"))
    window.context.grant_permissions(["notifications"], origin=site.origin)
    window.context.add_init_script(SUBSCRIBES)
    return ready(window.go("/my/reminders"))


@pytest.fixture
def asking(visit, enrol):
    """A phone on which the browser has not been asked yet. Nobody answers a browser without a screen, so it says no."""
    return visit().sign_in(enrol("Ash Whitlock"))


def reached(site, world):
    with world.founding() as work:
        rows = work.session.execute(sa.select(PushSubscription).order_by(PushSubscription.made_at)).scalars()
        return [(row.endpoint.removeprefix(ENDPOINT), row.ended_at is None) for row in rows]


def turn(window, *, to):
    window.page.get_by_role("switch", name="Reminders on this device").click()
    window.page.locator(f"[data-push] [aria-checked={'true' if to else 'false'}]").wait_for()


def test_a_tap_lets_reminders_come_to_this_device_and_another_ends_it(phone, site, world):
    phone.sees("Reminders do not come to this device.")
    assert reached(site, world) == []

    turn(phone, to=True)
    phone.look().sees("Reminders come to this device.")
    assert reached(site, world) == [("1", True)]

    phone.go("/my/reminders").page.locator("[data-push] [aria-checked=true]").wait_for()
    with phone.page.expect_response("**/remove"):
        turn(phone, to=False)
    assert reached(site, world) == [("1", False)]


def test_a_browser_that_is_reached_at_another_address_says_so_at_the_next_page(phone, site, world):
    turn(phone, to=True)
    phone.page.evaluate("sessionStorage.setItem('subscribed', '2')")

    with phone.page.expect_response("**/my/reminders/devices"):
        phone.go("/my/today")

    assert sorted(reached(site, world)) == [("1", False), ("2", True)]


def test_a_browser_says_once_a_day_that_braid_was_opened_in_it(phone, site, world):
    turn(phone, to=True)
    phone.page.evaluate(YESTERDAY)

    with phone.page.expect_response("**/my/reminders/devices") as said:
        phone.go("/my/today")

    assert said.value.request.method == "POST"
    assert reached(site, world) == [("1", True)]


def test_what_was_ended_on_another_device_ends_in_the_browser_too(phone, site, world):
    turn(phone, to=True)
    with world.founding() as work:
        work.session.execute(sa.update(PushSubscription).values(ended_at=work.now, ended_why=DeviceEnd.REMOVED))
        work.record("device.removed")

    phone.go("/my/reminders")

    phone.page.wait_for_function("sessionStorage.getItem('subscribed') === null")
    on_this_device(phone, "Reminders do not come to this device.")
    assert reached(site, world) == [("1", False)]


def test_what_comes_while_braid_is_closed_is_shown_once_for_one_tag(phone):
    deliver(phone, {"title": "Something planned at 9:00am", "body": "Open it to see.", "url": "/my/today", "tag": "a",
                    "actions": [{"action": "/my/reminders", "title": "Turn these off"}]})  # fmt: skip
    deliver(phone, {"title": "Something planned at 9:00am", "body": "Open it to see.", "url": "/my/today", "tag": "a"})
    deliver(phone, "not what we send")

    assert sorted(shown(phone, 2)) == [["Braid", ""], ["Something planned at 9:00am", "a"]]


def deliver(window, said):
    session = window.context.new_cdp_session(window.page)
    found = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    window.until(lambda: found)
    data = said if isinstance(said, str) else json.dumps(said)
    about = {"origin": window.site.origin, "registrationId": found[0]["registrationId"], "data": data}
    session.send("ServiceWorker.deliverPushMessage", about)


def shown(window, count):
    """Every notification that is on the screen, once there are as many."""
    asked = "(await (await navigator.serviceWorker.ready).getNotifications())"
    window.page.wait_for_function(f"async () => {asked}.length === {count}")
    return window.page.evaluate(f"async () => {asked}.map((one) => [one.title, one.tag])")


def on_this_device(window, words):
    window.page.locator("[data-push] [role=status]", has_text=words).wait_for()
    return window.look()


def the_switch(window):
    return window.page.get_by_role("switch", name="Reminders on this device")


def test_a_browser_that_says_no_is_told_of_in_words_and_leaves_no_button_that_does_nothing(asking, site, world):
    ready(asking.go("/my/reminders"))
    on_this_device(asking, "Reminders do not come to this device.")

    the_switch(asking).click()

    on_this_device(asking, "This browser does not let Braid show reminders.")
    assert the_switch(asking).count() == 0
    assert asking.page.evaluate("document.activeElement.closest('[data-push]') !== null")
    asking.go("/my/reminders")
    on_this_device(asking, "This browser does not let Braid show reminders.").sees("allow notifications, and come back")
    assert the_switch(asking).count() == 0
    assert reached(site, world) == []


def test_the_switch_is_back_as_soon_as_the_browser_allows_it(asking, site):
    ready(asking.go("/my/reminders"))
    the_switch(asking).click()
    on_this_device(asking, "This browser does not let Braid show reminders.")

    asking.context.grant_permissions(["notifications"], origin=site.origin)

    on_this_device(asking, "Reminders do not come to this device.")
    the_switch(asking).wait_for()


def test_a_question_of_the_browsers_that_was_waved_away_can_be_asked_again(asking, site, world):
    asking.context.add_init_script("Notification.requestPermission = async () => 'default'")
    ready(asking.go("/my/reminders"))

    the_switch(asking).click()

    on_this_device(asking, "Your browser asked and had no answer, so nothing has changed.")
    assert the_switch(asking).get_attribute("aria-checked") == "false"
    assert reached(site, world) == []


def test_a_browser_that_cannot_show_reminders_is_told_of_and_has_no_button(asking):
    asking.context.add_init_script("delete window.PushManager")

    ready(asking.go("/my/reminders"))

    on_this_device(asking, "This browser cannot show reminders on its screen.")
    assert the_switch(asking).count() == 0
