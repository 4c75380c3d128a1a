"""A patient decides what reaches them; whoever looks after them reads why something came or did not."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from app.accounts.roles import Role
from app.clinical.planning import When
from app.clinical.recurrence import Freq, Rule
from app.clinical.reminder_reasons import Reason
from app.diary import plan_actions
from app.main import create_app
from app.notifications import switch_queries
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder
from tests.client import Client


@pytest.fixture
def walk(ash):
    """A walk each day at nine, with a reminder."""
    series_id = uuid4()
    when = When(date(2026, 3, 1), Rule(freq=Freq.DAILY), time(9), remind_before=15)
    with ash.working() as work:
        about = plan_actions.About("Walk the dog")
        plan_actions.plan_activity(work, patient=ash.patient(), series_id=series_id, about=about, when=when)
    return series_id


def remind(ash, series_id, hours, state, reason=None, channel=Channel.PUSH):
    with ash.working() as work:
        due_at = work.now + timedelta(hours=hours)
        work.add(
            Reminder(
                person_id=ash.id,
                kind=ReminderKind.ACTIVITY,
                key=f"v1|act|{series_id}|{due_at:%Y-%m-%d-%H}|0|0|{channel.value}",
                channel=channel,
                about={"on": due_at.date().isoformat(), "at": "09:00", "epoch": 0},
                series_id=series_id,
                due_at=due_at,
                expires_at=due_at + timedelta(minutes=30),
                local_on=due_at.date(),
                zone="Europe/London",
                state=state,
                reason=reason and reason.value,
                made_at=work.now,
            )
        )
        work.record("reminder.planned", patient=ash.id)


def off(ash, kind=ReminderKind.ACTIVITY, channel=Channel.PUSH, series_id=None):
    work = ash.work()
    return switch_queries.switches_of(work, ash.id).why_off(kind, channel, series_id, ash.world.clock.now)


def test_activities_are_turned_off_and_on_and_other_kinds_go_on(clients, ash, walk):
    browser = clients(ash)

    page = browser.post("/my/reminders/switch", scope="kind", which="activity", on="no")

    assert "That is off." in page.text
    assert off(ash) is Reason.KIND_OFF and off(ash, ReminderKind.APPOINTMENT) is None
    browser.post("/my/reminders/switch", scope="kind", which="activity", on="yes")
    assert off(ash) is None


def test_one_activity_is_turned_off_alone(clients, ash, walk):
    clients(ash).post("/my/reminders/switch", scope="series", which=str(walk), on="no")

    assert off(ash, series_id=walk) is Reason.SERIES_OFF and off(ash, series_id=uuid4()) is None


@pytest.mark.parametrize(
    ("scope", "which"),
    [
        ("kind", "weather"),
        ("kind", ""),
        ("channel", "pigeon"),
        ("all", "activity"),
        ("series", "walks"),
        ("series", "00000000-0000-4000-8000-000000000000"),
        ("course", "activity"),
    ],
)
def test_a_switch_for_what_there_is_not_is_refused_in_words_and_turns_nothing_off(clients, ash, walk, scope, which):
    page = clients(ash).post("/my/reminders/switch", status=422, scope=scope, which=which, on="no")

    assert "Nothing was turned on or off" in page.text and "#streams" in page.links and "streams" in page.ids
    assert switch_queries.switches_of(ash.work(), ash.id).off == ()


def test_another_patients_activity_cannot_be_switched(clients, world, walk):
    page = clients(world.patient("Bo Lind")).post(
        "/my/reminders/switch", status=422, scope="series", which=str(walk), on="no"
    )

    assert "Nothing was turned on or off" in page.text


def test_pausing_for_today_ends_by_itself(clients, ash, world):
    page = clients(ash).post("/my/reminders/pause", until="today")

    assert "Everything is paused until Wednesday 4 March" in page.text
    assert off(ash) is Reason.PAUSED
    world.clock.on(hours=14)
    assert off(ash) is None


def test_pausing_until_i_say_lasts_until_it_is_started_again(clients, ash, world):
    browser = clients(ash)

    browser.post("/my/reminders/pause", until="me")

    assert off(ash) is Reason.SWITCHED_OFF
    browser.post("/my/reminders/start")
    assert off(ash) is None


@pytest.mark.parametrize("day", [{}, {"day__day": "1", "day__month": "3", "day__year": "2026"}, {"day__day": "x"}])
def test_a_pause_until_a_day_needs_a_day_to_come(clients, ash, day):
    page = clients(ash).post("/my/reminders/pause", status=422, until="day", **day)

    assert "Enter a day to come" in page.text and off(ash) is None


def test_quiet_hours_that_never_end_are_refused_and_what_was_typed_stays(clients, ash):
    page = clients(ash).post("/my/reminders/quiet", status=422, quiet_from="9pm", quiet_to="21:00")

    assert "quiet for ever" in page.text and page.fields["quiet_from"] == ["9pm"]


def test_limits_are_kept(clients, ash):
    browser = clients(ash)

    browser.post("/my/reminders/quiet", quiet_from="10pm", quiet_to="7:30am")
    browser.post("/my/reminders/most", most_a_day="2")
    browser.post("/my/reminders/ways", email="yes", sms="yes", phone="07700 900123")

    found = switch_queries.settings_of(ash.work(), ash.id)
    assert (found.quiet_from, found.quiet_to, found.most_a_day) == (time(22), time(7, 30), 2)
    assert found.channels == (Channel.IN_APP, Channel.EMAIL, Channel.SMS)


def test_texts_need_a_mobile_number(clients, ash):
    browser = clients(ash)

    assert "Enter a mobile number" in browser.post("/my/reminders/ways", status=422, sms="yes").text
    assert "Enter a UK mobile number" in browser.post("/my/reminders/ways", status=422, sms="yes", phone="12").text


def test_the_page_says_what_comes_what_was_sent_and_why_something_was_not(clients, ash, walk):
    remind(ash, walk, 3, ReminderState.PENDING)
    remind(ash, walk, -5, ReminderState.SENT)
    remind(ash, walk, -30, ReminderState.SUPPRESSED, Reason.ALREADY_SAID)
    remind(ash, walk, -54, ReminderState.EXPIRED, Reason.OUTAGE)
    remind(ash, walk, -24 * 8, ReminderState.SENT)

    page = clients(ash).get("/my/reminders").text

    assert "Tuesday 3 March at 1:00pm Walk the dog." in page
    assert "Sent to your phone or browser." in page
    assert "Held back. You had already said how it went." in page
    assert "Not sent. Braid was not working, and afterwards it was too late to be useful. We are sorry." in page
    assert "23 February" not in page


def test_what_was_said_early_or_is_turned_off_is_not_among_the_next(clients, ash, walk, robin):
    browser, bath = clients(ash), uuid4()
    with ash.working() as work:
        when = When(date(2026, 3, 3), Rule(freq=Freq.ONCE), time(17), remind_before=15)
        about = plan_actions.About("A bath")
        plan_actions.plan_activity(work, patient=ash.patient(), series_id=bath, about=about, when=when)
    assert "Tuesday 3 March at 4:45pm A bath." in browser.get("/my/reminders").text

    browser.post(f"/my/diary/{bath}/2026-03-03", log_id=str(uuid4()), outcome="done")

    mine, staffs = browser.get("/my/reminders").text, clients(robin).get(f"/patients/{ash.id}/reminders").text
    assert "4:45pm" not in mine and "Wednesday 4 March at 8:45am" in mine
    assert "16:45" not in staffs and "Wednesday 4 March at 08:45" in staffs
    browser.post("/my/reminders/pause", until="me")
    assert "Nothing is due in the next two days." in browser.get("/my/reminders").text


def test_one_reminder_by_two_ways_is_one_line(clients, ash, walk):
    remind(ash, walk, -5, ReminderState.SENT)
    remind(ash, walk, -5, ReminderState.SENT, channel=Channel.EMAIL)

    page = clients(ash).get("/my/reminders").text

    assert "Sent by e-mail and to your phone or browser." in page


def test_a_week_without_any_says_so(clients, ash):
    assert "Nothing was sent this week, and nothing was held back." in clients(ash).get("/my/reminders").text


def test_the_practitioner_sees_that_the_patient_turned_them_off_and_cannot_change_it(clients, ash, robin, walk):
    clients(ash).post("/my/reminders/switch", scope="kind", which="activity", on="no")
    remind(ash, walk, -5, ReminderState.SUPPRESSED, Reason.KIND_OFF)

    page = clients(robin).get(f"/patients/{ash.id}/reminders")

    assert "Turned off by the patient (this kind)." in page.text and "Walk the dog" in page.text
    assert "the kind “Something planned”, since Tuesday 3 March." in page.text
    assert "Only Ash can turn reminders on or off." in page.text


def test_staff_read_which_activity_is_off_and_nothing_of_a_pause_that_is_over(clients, ash, robin, walk, world):
    clients(ash).post("/my/reminders/pause", until="today")
    world.clock.on(days=1)
    browser, staff = clients(ash), clients(robin)
    assert "Nothing is turned off." in staff.get(f"/patients/{ash.id}/reminders").text

    browser.post("/my/reminders/switch", scope="series", which=str(walk), on="no")

    page = staff.get(f"/patients/{ash.id}/reminders").text
    assert "Turned off by the patient: Walk the dog, since Wednesday 4 March." in page


def test_staff_read_times_as_staff_write_them(clients, ash, robin, walk):
    remind(ash, walk, 3, ReminderState.PENDING)
    remind(ash, walk, -21, ReminderState.SENT)

    page = clients(robin).get(f"/patients/{ash.id}/reminders").text

    assert "Tuesday 3 March at 13:00" in page and "Mon 2 Mar 13:00" in page
    assert "Quiet hours 21:00 to 08:00" in page and "1:00pm" not in page


def test_the_navigator_sees_fates_and_no_words(clients, ash, world, walk):
    remind(ash, walk, -5, ReminderState.FAILED, Reason.REFUSED)

    page = clients(world.staff("Nav Gator", Role.NAVIGATOR)).get(f"/patients/{ash.id}/reminders").text

    assert "The provider refused it." in page and "Walk the dog" not in page


def test_texts_are_offered_only_where_they_can_be_sent(world, ash, settings, library):
    none = settings.model_copy(update={"notify_sms_template": ""})
    browser = Client(create_app(none, engine=world.bind, clock=world.clock, library=library), none.public_origin)
    browser.sign_in(ash)

    page = browser.get("/my/reminders").text
    browser.post("/my/reminders/ways", email="yes")

    assert "By e-mail" in page
    assert "By text message" not in page
    assert "Mobile number" not in page
    assert switch_queries.settings_of(ash.work(), ash.id).channels == (Channel.IN_APP, Channel.EMAIL)
