"""A patient's plans in their own calendar. The clock stands on Tuesday 3 March 2026, in London."""

from datetime import date, datetime, time
from uuid import uuid4

import pytest
import sqlalchemy as sa
from dateutil.rrule import rrulestr
from icalendar import Calendar

from app.accounts.tables import Person
from app.clinical.recurrence import Freq, Rule
from app.diary import calendar_actions
from app.kit.audit import AuditEntry
from tests.people import World

HERE = "/my/diary/calendar"
MARCH_4 = date(2026, 3, 4)


@pytest.fixture
def browser(clients, ash):
    return clients(ash)


@pytest.fixture
def outside(clients):
    """Somebody's calendar, which is signed in nowhere."""
    return clients()


def address(browser) -> str:
    """The address on the page, as far as it is ours."""
    (found,) = [href for href in browser.get(HERE).links if href.startswith("webcal://")]
    return "/" + found.split("/", 3)[3]


def made(browser) -> str:
    browser.post(f"{HERE}/address", feed_id=str(uuid4()))
    return address(browser)


def read(outside, path, **headers):
    return outside.http.get(path, headers=headers)


def summaries(response) -> set[str]:
    return {str(event["summary"]) for event in Calendar.from_ical(response.content).events}


def test_nothing_can_be_read_until_a_patient_makes_an_address(browser, outside, ash):
    assert not [href for href in browser.get(HERE).links if href.startswith("webcal://")]
    assert read(outside, f"/calendar/{ash.world.service_id}.{'0' * 64}.ics").status_code == 404


def test_whoever_has_the_address_reads_the_plans_without_signing_in(browser, outside, diary):
    diary.plan()

    response = read(outside, made(browser))

    assert response.status_code == 200 and response.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(response.content).events
    assert event["rrule"].to_ical() == b"FREQ=DAILY" and event["dtstart"].dt == datetime(2026, 3, 3, 9)


def test_a_calendar_is_given_no_cookie_and_nothing_keeps_what_it_reads(browser, outside):
    response = read(outside, made(browser))

    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in read(outside, "/calendar/nothing").headers


def test_a_calendar_that_has_the_newest_is_told_so_until_something_changes(browser, outside, diary, world):
    walk, path = diary.plan(), made(browser)
    known = read(outside, path).headers["etag"]

    world.clock.on(hours=5)
    again = read(outside, path, **{"if-none-match": known})
    diary.stop(walk, MARCH_4, "one")
    changed = read(outside, path, **{"if-none-match": known})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", known)
    assert changed.status_code == 200 and changed.headers["etag"] != known


def test_a_withdrawn_address_leads_nowhere_at_once(browser, outside, diary):
    diary.plan()
    path = made(browser)
    known = read(outside, path).headers["etag"]

    browser.post(f"{HERE}/withdraw")

    assert read(outside, path).status_code == 404
    assert read(outside, path, **{"if-none-match": known}).status_code == 404
    assert "Make an address" in browser.get(HERE).text


def test_a_new_address_takes_the_place_of_the_old_one(browser, outside):
    old = made(browser)

    new = made(browser)

    assert new != old
    assert read(outside, old).status_code == 404 and read(outside, new).status_code == 200


def test_made_twice_with_one_form_it_is_one_address_that_can_be_seen_again(browser):
    form = {"feed_id": str(uuid4())}
    browser.post(f"{HERE}/address", **form)
    first = address(browser)

    browser.post(f"{HERE}/address", **form)

    assert address(browser) == first == address(browser)


def test_a_form_that_is_sent_again_after_the_address_was_withdrawn_does_not_open_it(browser, outside):
    form = {"feed_id": str(uuid4())}
    browser.post(f"{HERE}/address", **form)
    path = address(browser)
    browser.post(f"{HERE}/withdraw")

    browser.post(f"{HERE}/address", **form)

    assert read(outside, path).status_code == 404


def test_somebody_elses_form_makes_nobodys_address(browser, clients, world, robin, outside):
    form = {"feed_id": str(uuid4())}
    browser.post(f"{HERE}/address", **form)
    bea = clients(world.patient("Bea Lately", of=robin))

    bea.post(f"{HERE}/address", status=404, **form)

    assert read(outside, address(browser)).status_code == 200


def test_what_is_stored_of_an_address_is_no_use_without_the_key(browser, ash):
    path = made(browser)
    secret = path.split(".")[1]

    stored = [str(value) for row in ash.work().session.execute(sa.text("table calendar_feed")) for value in row]

    assert len(bytes.fromhex(secret)) == 32
    assert stored and not any(secret in value for value in stored)


def test_a_patient_who_is_no_longer_let_in_has_no_calendar_either(browser, outside, ash, world):
    path = made(browser)
    with world.founding() as work:
        person = work.session.get_one(Person, (world.service_id, ash.id))
        person.deactivated_at = work.now
        work.record("person.deactivated")

    assert read(outside, path).status_code == 404


def test_an_address_of_one_service_opens_nothing_in_another(browser, outside, world):
    other = World(world.bind, clock=world.clock)
    secret = made(browser).split(".")[1]

    assert read(outside, f"/calendar/{other.service_id}.{secret}.ics").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["", "x", "x.y.ics", "{service}", "{service}..ics", "{service}.{secret}", "{service}.{secret}.ics.ics"]
)
def test_what_only_looks_like_an_address_is_not_found(browser, outside, ash, wrong):
    path = made(browser)
    broken = wrong.format(service=ash.world.service_id, secret=path.split(".")[1])

    assert read(outside, f"/calendar/{broken}").status_code == 404


def test_it_says_only_that_something_is_planned_until_the_patient_chooses_titles(browser, outside, diary):
    diary.plan("Walk the dog", place="The common", company="Jo")
    path = made(browser)

    neutral = read(outside, path)
    browser.post(f"{HERE}/choices", shows="titles")
    named = read(outside, path)

    assert summaries(neutral) == {"Something planned"} and summaries(named) == {"Walk the dog"}
    assert b"common" not in named.content and b"Jo" not in named.content
    assert neutral.headers["etag"] != named.headers["etag"]


def test_it_reminds_by_itself_only_where_the_patient_chose_that_and_a_reminder(browser, outside, diary):
    diary.plan("Walk the dog", remind_before=15)
    diary.plan("Water the plants", at=None, remind_at=time(18, 30))
    diary.plan("Read")
    path = made(browser)
    silent = Calendar.from_ical(read(outside, path).content)

    browser.post(f"{HERE}/choices", shows="titles", alerts="calendar")

    assert not list(silent.walk("valarm"))
    loud = Calendar.from_ical(read(outside, path).content)
    rings = {
        str(event["summary"]): [alarm["trigger"].to_ical() for alarm in event.walk("valarm")] for event in loud.events
    }
    assert rings == {"Walk the dog": [b"-PT15M"], "Water the plants": [b"PT18H30M"], "Read": []}


def test_choices_are_kept_when_the_address_is_replaced_and_are_on_the_page(browser, outside, diary):
    diary.plan()
    browser.post(f"{HERE}/choices", shows="titles", alerts="calendar")

    assert summaries(read(outside, made(browser))) == {"Walk the dog"}
    page = browser.get(HERE)
    assert page.fields["shows"] == ["titles"] and page.fields["alerts"] == ["calendar"]


def test_choosing_nothing_is_said_in_words(browser):
    assert "Choose what your calendar says" in browser.post(f"{HERE}/choices", status=422).text


def test_the_download_is_the_same_plans_as_a_file_that_promises_no_changes(browser, diary):
    diary.plan()

    response = browser.http.get(f"{HERE}/plans.ics")

    calendar = Calendar.from_ical(response.content)
    assert response.headers["content-disposition"] == 'attachment; filename="plans.ics"'
    assert response.headers["cache-control"] == "no-store"
    assert calendar["method"] == "PUBLISH" and summaries(response) == {"Something planned"}


def test_each_change_raises_the_number_and_keeps_the_name(browser, outside, diary, world):
    walk, path = diary.plan(), made(browser)
    before = Calendar.from_ical(read(outside, path).content).events[0]
    world.clock.on(days=1)

    diary.change(walk, date(2026, 3, 10), "later", at=time(10))

    first, later = Calendar.from_ical(read(outside, path).content).events
    assert first["uid"] == before["uid"] != later["uid"]
    assert (before["sequence"], first["sequence"], later["sequence"]) == (0, 1, 1)
    assert first["dtstamp"].dt > before["dtstamp"].dt


def test_monthly_on_the_31st_from_january_2027_is_the_same_twelve_days_in_dateutil(browser, outside, diary):
    diary.plan("Pay the rent", Rule(freq=Freq.MONTHLY, month_day=31), on=date(2027, 1, 31))
    (event,) = Calendar.from_ical(read(outside, made(browser)).content).events

    found = rrulestr(event["rrule"].to_ical().decode(), dtstart=event["dtstart"].dt)

    assert [one.day for one in found[:12]] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_making_choosing_and_withdrawing_are_in_the_record(ash):
    patient = ash.patient()
    for act in (
        lambda work: calendar_actions.make_address(work, patient=patient, feed_id=uuid4()),
        lambda work: calendar_actions.choose(work, patient=patient, titles=True, alerts=False),
        lambda work: calendar_actions.withdraw_address(work, patient=patient),
        lambda work: calendar_actions.withdraw_address(work, patient=patient),
    ):
        with ash.working() as work:
            act(work)

    found = ash.work().session.execute(
        sa.select(AuditEntry.event)
        .where(AuditEntry.service_id == ash.world.service_id, AuditEntry.event.like("calendar.%"))
        .order_by(AuditEntry.seq)
    )
    assert list(found.scalars()) == ["calendar.address-made", "calendar.choices-saved", "calendar.address-withdrawn"]
