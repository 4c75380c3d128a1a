"""A patient who travels is asked once whose time to go by; their reminders follow, and what was sent stays sent."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.accounts.actions import UnknownZone
from app.accounts.tables import Person
from app.clinical.travel import Arrival, ZonePolicy
from app.diary import zone_actions
from app.kit import zones
from app.kit.audit import AuditEntry
from app.notifications import switch_queries
from app.notifications.kinds import Channel, ReminderState
from app.notifications.reminder_tables import Reminder

NEW_YORK = "America/New_York"
ZONE = "/my/reminders/zone"
QUESTION = "This device is on New York time"


def zone_of(who):
    return who.work().session.execute(sa.select(Person.zone).where(Person.id == who.id)).scalar_one()


def reminders(who):
    mine = sa.select(Reminder).where(Reminder.person_id == who.id, Reminder.channel == Channel.IN_APP)
    return list(who.work().session.execute(mine.order_by(Reminder.local_on, Reminder.due_at)).scalars())


def move(who, zone=NEW_YORK):
    with who.working() as work:
        zone_actions.use_zone(work, patient=who.patient(), zone=zone)


def choose(who, policy):
    with who.working() as work:
        zone_actions.choose_policy(work, patient=who.patient(), policy=policy)


def settings(who):
    return switch_queries.settings_of(who.work(), who.id)


def test_the_reminders_of_somebody_who_moved_come_by_the_time_there_at_once(diary, ash):
    diary.plan(remind_before=0)
    before = [one.id for one in reminders(ash)]

    move(ash)

    there = ZoneInfo(NEW_YORK)
    pending = [one for one in reminders(ash) if one.state is ReminderState.PENDING]
    assert [one.due_at.astimezone(there).hour for one in pending] == [9] * len(pending)
    assert {one.zone for one in pending} == {NEW_YORK} and before[0] in {one.id for one in pending}


def test_what_was_sent_for_a_day_stays_sent_where_that_hour_comes_again(diary, ash, world):
    diary.plan(remind_before=0)
    world.clock.now = datetime(2026, 3, 4, 9, 5, tzinfo=UTC)
    with ash.working() as work:
        due = sa.update(Reminder).where(Reminder.due_at <= work.now)
        work.session.execute(due.values(state=ReminderState.SENT, settled_at=work.now))

    move(ash)

    of_the_day = [one for one in reminders(ash) if "2026-03-04" in one.key]
    assert [one.state for one in of_the_day] == [ReminderState.SENT]


@pytest.mark.parametrize(("minutes", "state"), [(9, ReminderState.PENDING), (11, ReminderState.EXPIRED)])
def test_a_time_jumped_over_by_more_than_ten_minutes_is_over_with_its_reason(diary, ash, world, minutes, state):
    diary.plan(remind_before=0)
    # Nine in Moscow is six in London.
    world.clock.now = datetime(2026, 3, 4, 6, 0, tzinfo=UTC) + timedelta(minutes=minutes)

    move(ash, "Europe/Moscow")

    first = next(one for one in reminders(ash) if "2026-03-04" in one.key)
    assert first.state is state and first.reason == ("too-late" if state is ReminderState.EXPIRED else None)


def test_the_move_is_on_the_record_with_where_and_how_it_was_said(ash):
    move(ash)

    told = sa.select(AuditEntry).where(AuditEntry.event == "person.zone-changed")
    (entry,) = ash.work().session.execute(told).scalars()
    said = {"person": str(ash.id), "zone": NEW_YORK, "said_by": "settings"}
    assert json.loads(entry.body)["details"] == said


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", "localtime", "Factory", "../../etc/passwd"])
def test_only_a_zone_that_there_is_can_be_chosen(clients, ash, zone):
    page = clients(ash).post(ZONE, status=422, zone=zone)

    assert "Choose a place from the list" in page.text and zone_of(ash) == "Europe/London"
    with pytest.raises(UnknownZone):
        move(ash, zone)


def test_choosing_the_zone_one_has_writes_nothing(ash):
    before = settings(ash)

    move(ash, "Europe/London")

    told = sa.select(AuditEntry).where(AuditEntry.event == "person.zone-changed")
    assert list(ash.work().session.execute(told)) == [] and settings(ash) == before


def test_without_a_script_the_zone_is_chosen_by_hand(clients, ash):
    browser = clients(ash)
    page = browser.get(ZONE)
    assert page.fields["zone"] == ["Europe/London"] and "New York (America)" in page.text

    page = browser.post(ZONE, zone=NEW_YORK)

    assert "Your time zone is changed." in page.text and "Everything goes by the time in New York." in page.text
    assert zone_of(ash) == NEW_YORK


def test_a_zone_without_a_place_that_somebody_has_is_shown_as_theirs(clients, ash):
    move(ash, "Etc/UTC")

    assert clients(ash).get(ZONE).fields["zone"] == ["Etc/UTC"]


def test_every_place_to_choose_is_a_zone_and_ours_is_among_them():
    offered = [name for name, _ in zones.places()]

    assert set(offered) <= zones.known() and len(offered) == len(set(offered)) > 300
    assert dict(zones.places())["America/Argentina/Buenos_Aires"] == "Buenos Aires (America)"


@pytest.mark.parametrize("page", ["/my/today", "/my/diary", "/my/reminders"])
def test_the_pages_that_a_visit_begins_with_know_the_zone_that_there_is(clients, ash, page):
    html = clients(ash).http.get(page).text

    assert 'action="/my/reminders/zone/device" data-zone="Europe/London"' in html
    assert f'name="back" value="{page}"' in html


def test_a_device_elsewhere_is_asked_about_until_there_is_an_answer(clients, ash):
    browser = clients(ash)
    for _ in range(2):
        asked = browser.post(f"{ZONE}/device", status=200, zone=NEW_YORK, back="/my/diary")
        assert QUESTION in asked.text and zone_of(ash) == "Europe/London"

    page = browser.post(f"{ZONE}/keep", zone=NEW_YORK, back="/my/diary")

    assert "Your time zone stays as it is." in page.text
    assert browser.send(f"{ZONE}/device", zone=NEW_YORK).status_code == 204
    assert zone_of(ash) == "Europe/London"


def test_the_answer_leads_back_to_where_it_was_asked_and_nowhere_else(clients, ash):
    browser = clients(ash)

    assert browser.send(ZONE, zone=NEW_YORK, back="/my/today").headers["location"] == "/my/today?done=zone"
    assert "Your time zone is changed." in browser.get("/my/today?done=zone").text
    assert browser.send(ZONE, zone=NEW_YORK, back="https://example.org/").status_code == 422


def test_whoever_chose_a_place_that_they_had_declined_is_asked_about_it_again_another_time(ash):
    with ash.working() as work:
        zone_actions.keep_zone(work, patient=ash.patient(), declined=NEW_YORK)

    move(ash)

    assert settings(ash).zone_declined is None


def test_whoever_wants_it_is_followed_and_shown_the_page_anew(clients, ash):
    browser = clients(ash)
    browser.post(f"{ZONE}/policy", policy="always")

    answer = browser.send(f"{ZONE}/device", zone=NEW_YORK, back="/my/today")

    assert (answer.status_code, answer.headers["location"]) == (303, "/my/today?done=zone")
    assert zone_of(ash) == NEW_YORK


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Atlantic/Reykjavik"])
def test_a_zone_that_browsers_make_up_is_asked_about_even_then_and_the_question_says_why(clients, ash, zone):
    choose(ash, ZonePolicy.ALWAYS)

    asked = clients(ash).post(f"{ZONE}/device", status=200, zone=zone)

    assert "to hide where you are" in asked.text and zone_of(ash) == "Europe/London"


def test_whoever_said_never_is_not_asked(ash, clients):
    browser = clients(ash)
    browser.post(f"{ZONE}/policy", policy="never")

    assert browser.send(f"{ZONE}/device", zone=NEW_YORK).status_code == 204
    with ash.working() as work:
        assert zone_actions.meet_device(work, patient=ash.patient(), here=NEW_YORK) is Arrival.NOTHING


@pytest.mark.parametrize("zone", ["Nowhere/Land", ""])
def test_a_device_that_names_no_zone_that_there_is_changes_nothing(clients, ash, zone):
    choose(ash, ZonePolicy.ALWAYS)

    assert clients(ash).send(f"{ZONE}/device", zone=zone).status_code == 204
    assert zone_of(ash) == "Europe/London"
