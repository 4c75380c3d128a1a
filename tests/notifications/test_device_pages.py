"""A browser can be sent reminders once its owner lets it, and no longer than they do."""

import json
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.kit.push import Browser
from app.notifications import device_actions, device_jobs, switch_queries
from app.notifications.reminder_tables import PushSubscription
from tests.notifications.far_ends import FakeBrowser, raw, text

DEVICES = "/my/reminders/devices"


@pytest.fixture
def browser():
    made = FakeBrowser()
    return Browser("https://updates.push.services.mozilla.com/wpush/v2/one", text(made.point), text(made.auth))


@pytest.fixture
def subscribe(clients, ash):
    def post(browser, who=ash, **known):
        keys = {"p256dh": browser.p256dh, "auth": browser.auth}
        # As a browser's own `PushSubscription.toJSON()` has it.
        said = {"endpoint": browser.endpoint, "expirationTime": None, "keys": keys}
        return clients(who).send(DEVICES, subscription=json.dumps(said), **known)

    return post


def listed(clients, who):
    return clients(who).http.get(DEVICES).json()


def names(who):
    return [one.id for one in switch_queries.devices_of(who.work(), who.id)]


def events(who):
    found = who.work().session.execute(
        sa.text("select event from audit_entry where event like 'device.%' order by seq")
    )
    return list(found.scalars())


def test_a_browser_is_given_the_key_to_subscribe_with(clients, ash):
    told = listed(clients, ash)

    assert told["devices"] == []
    assert raw(told["key"])[0] == 4
    assert len(raw(told["key"])) == 65


def test_a_browser_that_subscribes_is_listed_once_however_often_it_does(clients, ash, subscribe, browser):
    first, again = subscribe(browser), subscribe(browser)

    assert (first.status_code, again.json()) == (200, first.json())
    assert [one["id"] for one in listed(clients, ash)["devices"]] == [first.json()["id"]]
    assert events(ash) == ["device.added"]


def test_how_a_browser_is_reached_is_unreadable_in_the_database(ash, subscribe, browser):
    subscribe(browser)

    kept = ash.work().session.execute(sa.text("select endpoint, p256dh, auth from push_subscription")).one()
    said = (browser.endpoint, browser.p256dh, browser.auth)
    assert all(word.encode() not in bytes(column) for word, column in zip(said, kept, strict=True))


def test_a_browser_that_is_seen_again_another_day_is_noted(ash, world, subscribe, browser):
    subscribe(browser)
    world.clock.on(days=2)
    subscribe(browser)

    seen = ash.work().session.execute(sa.select(PushSubscription.seen_at)).scalar_one()
    assert seen == world.clock.now
    assert events(ash) == ["device.added", "device.seen"]


def test_a_browser_belongs_to_whoever_said_so_last(world, ash, subscribe, browser):
    bea = world.patient("Bea Other")
    subscribe(browser)

    subscribe(browser, who=bea)

    assert (len(names(ash)), len(names(bea))) == (0, 1)


def test_a_browser_with_new_keys_is_sent_what_they_open(ash, subscribe, browser):
    subscribe(browser)
    fresh = replace(browser, auth=text(FakeBrowser().auth))

    subscribe(fresh)

    assert ash.work().session.execute(sa.select(PushSubscription.auth)).scalar_one() == fresh.auth
    assert len(names(ash)) == 1


def test_a_browser_that_was_removed_can_come_back(clients, ash, subscribe, browser):
    device_id = subscribe(browser).json()["id"]

    page = clients(ash).post(f"{DEVICES}/{device_id}/remove")

    assert "Saved" in page.text
    assert listed(clients, ash)["devices"] == []
    subscribe(browser)
    assert len(names(ash)) == 1
    assert events(ash) == ["device.added", "device.removed", "device.added"]


def test_the_page_about_reminders_lists_browsers_and_has_a_button_to_stop_each(clients, ash, subscribe, browser):
    assert "Phones and browsers" not in clients(ash).get("/my/reminders").text
    device_id = subscribe(browser).json()["id"]
    with ash.working() as work:
        work.session.execute(sa.update(PushSubscription).values(reached_at=work.now))
        work.record("device.reached", person=ash.id)

    page = clients(ash).http.get("/my/reminders").text

    assert "A browser, since Tuesday 3 March; last reached Tuesday 3 March" in page
    assert f'action="{DEVICES}/{device_id}/remove"' in page


def test_before_any_script_has_run_the_page_says_what_a_browser_without_push_needs_and_shows_no_button(clients, ash):
    page = clients(ash).http.get("/my/reminders").text

    assert "This browser cannot show reminders on its screen." in page
    assert re.search(r'<button class="braid-switch" type="button" hidden role="switch"', page)


def let_go_of_unseen(world):
    return device_jobs.let_go_of_unseen(world.bind, world.service_id, clock=world.clock)


def test_a_browser_in_which_braid_was_not_opened_for_sixty_days_is_sent_no_more_and_the_page_says_why(
    clients, ash, world, subscribe, browser
):
    subscribe(browser)
    world.clock.on(days=60)
    assert let_go_of_unseen(world) == 0
    world.clock.on(minutes=1)

    assert let_go_of_unseen(world) == 1

    assert names(ash) == []
    assert events(ash) == ["device.added", "device.unseen"]
    said = "Nothing has gone to a browser since Saturday 2 May: Braid had not been opened in it for 60 days."
    assert said in clients(ash).get("/my/reminders").text
    assert let_go_of_unseen(world) == 0


def test_it_is_sent_reminders_again_as_soon_as_braid_is_opened_in_it(clients, ash, world, subscribe, browser):
    known = subscribe(browser).json()["id"]
    world.clock.on(days=61)
    let_go_of_unseen(world)

    assert subscribe(browser, known=known).json() == {"id": known}

    assert len(names(ash)) == 1
    assert "Nothing has gone" not in clients(ash).get("/my/reminders").text


def test_a_browser_that_is_opened_now_and_then_is_kept(ash, world, subscribe, browser):
    known = subscribe(browser).json()["id"]
    for _ in range(4):
        world.clock.on(days=30)
        subscribe(browser, known=known)
        assert let_go_of_unseen(world) == 0


def test_a_browser_that_was_removed_elsewhere_does_not_come_back_by_being_opened(clients, ash, subscribe, browser):
    known = subscribe(browser).json()["id"]
    clients(ash).post(f"{DEVICES}/{known}/remove")

    for said in (browser, replace(browser, endpoint=f"{browser.endpoint}/other")):
        assert subscribe(said, known=known).json() == {"id": None}

    assert names(ash) == []
    subscribe(browser)
    assert len(names(ash)) == 1


def test_a_browser_that_is_reached_elsewhere_now_is_no_longer_called_where_it_was(ash, subscribe, browser):
    known = subscribe(browser).json()["id"]

    now = subscribe(replace(browser, endpoint=f"{browser.endpoint}/other"), known=known).json()["id"]

    assert now != known
    assert [str(one) for one in names(ash)] == [now]


def test_a_browser_cannot_say_that_it_is_the_browser_of_another(ash, world, subscribe, browser):
    known = subscribe(browser).json()["id"]
    other = replace(browser, endpoint=f"{browser.endpoint}/other")

    assert subscribe(other, who=world.patient("Bea Other"), known=known).json() == {"id": None}

    assert [str(one) for one in names(ash)] == [known]


def test_the_practitioner_reads_that_a_browser_was_let_go_of(clients, robin, ash, world, subscribe, browser):
    subscribe(browser)
    world.clock.on(days=61)
    let_go_of_unseen(world)

    page = clients(robin).get(f"/patients/{ash.id}/reminders").text

    assert "Nothing goes to a browser since Sun 3 May: not opened in it for 60 days." in page


def test_nobody_removes_the_browser_of_another(clients, world, ash, subscribe, browser):
    device_id = subscribe(browser).json()["id"]

    response = clients(world.patient("Bea Other")).send(f"{DEVICES}/{device_id}/remove")

    assert response.status_code == 404
    assert len(names(ash)) == 1


def test_a_sixth_browser_takes_the_place_of_the_one_seen_longest_ago(ash, world, subscribe, browser):
    for number in range(device_actions.MOST + 1):
        subscribe(replace(browser, endpoint=f"{browser.endpoint}/{number}"))
        world.clock.on(minutes=1)

    rows = (
        ash.work()
        .session.execute(sa.select(PushSubscription.endpoint).where(PushSubscription.ended_at.is_(None)))
        .scalars()
    )
    assert sorted(row[-1] for row in rows) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://127.0.0.1/steal"},
        {"endpoint": "http://updates.push.services.mozilla.com/one"},
        {"endpoint": "https://push.services.mozilla.com.evil.example/one"},
        {"endpoint": "https://updates.push.services.mozilla.com/" + "x" * 2000},
        {"p256dh": text(b"\x04" + bytes(64))},
        {"p256dh": "é"},
        {"auth": "AAAA"},
    ],
)
def test_a_browser_that_cannot_be_what_it_says_is_not_kept(ash, subscribe, browser, change):
    response = subscribe(replace(browser, **change))

    assert response.status_code == 422
    assert response.json()["problem"]
    assert names(ash) == []


@pytest.mark.parametrize("said", ["", "no", "{}", "[]", '{"endpoint": 1, "keys": null}'])
def test_what_is_no_subscription_is_not_kept(clients, ash, said):
    assert clients(ash).send(DEVICES, subscription=said).status_code == 422
    assert names(ash) == []
