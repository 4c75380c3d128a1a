"""The queue of open alerts, the morning's list on paper, hours and escalation, and the red words of a standstill."""

from datetime import timedelta

import pytest

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.kit import db
from app.notifications import pulse_actions
from app.notifications.part_kinds import Part
from app.safety import actions, duty_actions, jobs, queries
from app.safety.kinds import AlertKind, AlertStep

SET = {
    "weekdays": ["0", "1", "2", "3", "4"],
    "opens": "8:30",
    "closes": "5pm",
    "bank_holidays": "england-and-wales",
    "closed_on": "24 12 2026\n29/12/2026",
    "open_on": "",
    "alert_minutes": "45",
    "duty_minutes": "15",
    "supervisor_minutes": "30",
    "lead_minutes": "90",
}


@pytest.fixture
def lena(world):
    return world.staff("Lena Moss", Role.CLINICAL_LEAD)


@pytest.fixture
def sue(world, robin):
    sue = world.staff("Sue Ng", Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=sue.id, practitioner_id=robin.id)
    return sue


def answer(who, source="phq-9:q9:1:first"):
    with who.working() as work:
        actions.raise_alert(work, patient=who.patient(), kind=AlertKind.RISK_ANSWER, source=source)


def act(by, of, step, **more):
    patient = of.patient()
    alert = queries.open_alert(by.work(), patient)
    with by.working() as work:
        actions.mark_seen(work, patient=patient, alert_id=alert.id)
        actions.record_act(work, patient=patient, alert_id=alert.id, act=step, words="Left a message.", **more)


def climb(world):
    jobs.climb(world.bind, world.service_id, clock=world.clock)


def test_the_queue_is_in_the_order_in_which_somebody_is_needed(clients, ash, robin, sue, lena, world):
    noor, kit = world.patient("Noor Ali", of=robin), world.patient("Kit Lowe", of=robin)
    for who in (kit, noor, ash):
        answer(who, f"phq-9:q9:1:{who.id}")
        world.clock.on(minutes=1)
    act(robin, kit, AlertStep.CONTACTED)
    act(robin, noor, AlertStep.COULD_NOT_REACH, next_at=world.clock.now + timedelta(hours=1))

    page = clients(sue).get("/alerts")

    places = [page.text.index(name) for name in ("Ash Whitlock", "Noor Ali", "Kit Lowe")]
    assert places == sorted(places)
    assert "1 of 3 open alerts has an answer nobody has looked at." in page.text
    assert "Next attempt 11:03." in page.text
    assert "Robin Hale spoke with them, Tuesday 3 March" in page.text


def test_the_queue_says_whose_it_is_how_long_and_who_is_told_next(clients, ash, robin, sue, world):
    answer(ash)
    world.clock.on(minutes=30)
    climb(world)

    page = clients(sue).get("/alerts")

    assert "Whoever is on duty was told at 10:30." in page.text
    assert "Their supervisor is told at 11:00 unless somebody acts." in page.text
    assert "With Robin Hale" in page.text
    assert "Open for 30 minutes" in page.text
    assert "Nobody is on duty now" in page.text


def test_the_queue_says_of_whom_nobody_told_that_they_were_to_be_told(clients, ash, sue, world):
    answer(ash)
    world.clock.on(minutes=40)

    page = clients(sue).get("/alerts")

    assert "Whoever is on duty was to be told at 10:30, and Braid did not tell them. Tell them yourself." in page.text
    assert "is told at" not in page.text


def test_the_queue_has_only_those_somebody_may_see(clients, ash, robin, sue, lena, world):
    far = world.patient("Kit Lowe", of=world.staff("Sam Reed"))
    for who in (ash, far):
        answer(who, f"phq-9:q9:1:{who.id}")

    seen = ["Kit Lowe" in clients(who).get("/alerts").text for who in (robin, sue, lena)]

    assert seen == [False, False, True]
    assert "No alert is open for you." in clients(world.staff("Noel Ash")).get("/alerts").text


def test_out_of_hours_the_queue_says_that_it_comes_first_in_the_morning(clients, ash, robin, world):
    world.clock.on(hours=9)
    answer(ash)

    page = clients(robin).get("/alerts")

    assert "The service is closed until Wednesday 4 March at 09:00: these are what comes first then." in page.text
    assert "is told at 09:30 on Wednesday 4 March" in page.text


def test_the_days_list_has_what_somebody_needs_without_braid(clients, ash, robin, lena, world):
    with world.founding() as work:
        until = work.now + timedelta(hours=7)
        duty_actions.put_on_duty(work, person_id=robin.id, from_at=work.now, until_at=until)
    answer(ash)

    page = clients(lena).get("/alerts/day-list")

    assert page.headings == ["Safety alerts on Tuesday 3 March 2026"]
    assert all(
        words in page.text for words in ("Ash Whitlock", "14 Mar 1989", "no number on file", "PHQ-9, question 9")
    )
    assert "On duty: Robin Hale until 17:00" in page.text


def test_whoever_runs_the_service_sees_how_many_and_nothing_of_whom(clients, ash, robin, world):
    ada = world.staff("Ada Admin", Role.SERVICE_ADMIN)
    answer(ash)
    world.clock.on(minutes=61)
    browser = clients(ada)

    page = browser.get("/alerts/count")

    assert "1 safety alert is open in the service." in page.text
    assert "1 has an answer that nobody looked at by the time the patient was told" in page.text
    assert "Ash" not in page.text and "Robin" not in page.text
    browser.get("/alerts", status=403)


def test_a_lead_sets_hours_and_steps_and_what_is_promised_goes_by_them(clients, ash, robin, lena):
    browser = clients(lena)
    before = browser.get("/alerts/settings")
    assert "The patient reads that it is read by Monday 9 March at 09:45" in before.text
    assert "Friday 3 April 2026, Good Friday" in before.text

    page = browser.post("/alerts/settings", **SET)

    assert "Saved." in page.text
    assert page.fields["closed_on"] == ["24 12 2026\n29 12 2026"]
    answer(ash)
    assert "Robin will read it by 10:45am today" in clients(ash).get("/my/support").text


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"weekdays": []}, "weekdays", "at least one day"),
        ({"opens": "early"}, "opens", "like 9:00"),
        ({"closes": "8:00"}, "closes", "must close after it opens"),
        ({"closed_on": "Christmas"}, "closed_on", "“Christmas” is not a day"),
        ({"closed_on": "31 2 2026"}, "closed_on", "is not a day"),
        ({"open_on": "24 12 2026"}, "open_on", "either closed or open"),
        ({"duty_minutes": "0"}, "duty_minutes", "from 5 to 480"),
        ({"duty_minutes": "40"}, "supervisor_minutes", "told first"),
        ({"alert_minutes": "10"}, "alert_minutes", "before the time the patient was promised"),
        ({"closed_on": "\n".join(f"{day} 1 2027" for day in range(1, 31))}, "closed_on", "30 days in a row"),
    ],
)
def test_settings_that_cannot_be_are_said_beside_their_field(clients, lena, sent, field, sentence):
    page = clients(lena).post("/alerts/settings", status=422, **(SET | sent))

    assert sentence in page.text
    assert f"#{field}" in page.links
    assert page.fields["lead_minutes"] == ["90"]


def test_duty_and_leave_are_entered_seen_and_taken_back(clients, robin, sue, world):
    sam = world.staff("Sam Reed")
    browser = clients(sue)
    day = {"from_on-day": "3", "from_on-month": "3", "from_on-year": "2026"}
    until = {"until_on-day": "6", "until_on-month": "3", "until_on-year": "2026"}

    page = browser.post("/duty/new", person_id=str(sam.id), **day, **until, from_time="9:00", until_time="17:00")
    assert "On duty now: Sam Reed until Friday 6 March at 17:00." in page.text
    page = browser.post("/duty/leave", person_id=str(robin.id), cover_id=str(sue.id), **day, **until)
    assert "Robin Hale away now" in page.text and "Covered by Sue Ng" in page.text
    page = browser.post("/duty/leave", status=422, person_id=str(robin.id), cover_id=str(sue.id), **day, **until)
    assert "Robin Hale is already away" in page.text and "#from_on" in page.links

    end, back = (next(one for one in actions_of(browser) if one.startswith(path)) for path in ("/duty/", "/away/"))
    assert "Nobody is on duty now." in browser.post(end).text
    assert "Nobody is away" in browser.post(back).text


def actions_of(browser):
    """Where the forms of the page of duty and leave go."""
    import re

    html = browser.http.get("/duty").text
    return [one for one in re.findall(r'action="([^"]+)"', html) if one.endswith("/end")]


def test_somebody_enters_their_own_leave_and_the_patient_reads_who_stands_in(clients, ash, robin, world):
    sam = world.staff("Sam Reed")
    day = {"from_on-day": "3", "from_on-month": "3", "from_on-year": "2026"}
    until = {"until_on-day": "6", "until_on-month": "3", "until_on-year": "2026"}
    answer(ash)

    page = clients(robin).post("/away", cover_id=str(sam.id), **day, **until)

    assert "Your leave is entered." in page.text
    support = clients(ash).get("/my/support").text
    assert "Sam will read it by 11:00am today" in support
    assert "Sam stands in for Robin, who is away." in support


def test_where_nobody_in_particular_reads_it_the_patient_is_told_no_name(clients, ash, robin, lena, world):
    answer(ash)
    with lena.working() as work:
        accounts.deactivate(work, person_id=robin.id)

    support = clients(ash).get("/my/support").text

    assert "Someone in the team will read it by 11:00am today" in support
    assert "Lena" not in support


def beat(world, *parts):
    with db.transaction(world.bind, None) as session:
        pulse_actions.await_parts(session, parts, now=world.clock.now)
        for part in parts:
            pulse_actions.beat(session, part, now=world.clock.now)


@pytest.mark.parametrize("path", ["/caseload", "/alerts", "/duty", "/guides", "/account"])
def test_when_the_worker_stops_every_staff_page_says_what_does_not_happen_and_what_to_do(clients, sue, world, path):
    beat(world, *Part)
    browser = clients(sue)
    assert "has stopped" not in browser.get(path).text
    world.clock.on(minutes=5)

    page = browser.get(path)

    assert "Part of Braid has stopped" in page.text
    assert "Since Tuesday 3 March at 10:00, nobody further up is told of a safety alert that waits" in page.text
    assert "Look at the open alerts yourself now and at least every half hour." in page.text
    beat(world, *Part)
    world.clock.on(seconds=15)
    assert "has stopped" not in browser.get(path).text


def test_patients_are_not_told_of_a_standstill(clients, ash, world):
    beat(world, *Part)
    world.clock.on(minutes=5)

    assert "has stopped" not in clients(ash).get("/my/today").text
