"""Help that is always there, and the page on which staff work on an alert."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.kit import db
from app.main import create_app
from app.safety import actions, queries
from app.safety.kinds import AlertKind, AlertStep
from tests.client import Client, Page
from tests.statements import counted

WAYS = ("tel:999", "tel:111", "tel:116123", "sms:85258?body=SHOUT")
NEXT = {"next_on-day": "3", "next_on-month": "3", "next_on-year": "2026", "next_time": "11:00"}
JUDGED = ("safe", "low risk", "high risk", "risk level", "medium risk", "overdue")


def answer(who, source="phq-9:q9:1:first"):
    with who.working() as work:
        actions.raise_alert(work, patient=who.patient(), kind=AlertKind.RISK_ANSWER, source=source)


def alert_at(of, who):
    return f"/patients/{of.id}/alerts/{queries.open_alert(who.work(), of.patient()).id}"


@pytest.fixture
def dead(settings, library, world):
    """The application with a database that answers nobody."""
    nowhere = db.connect("postgresql+psycopg://nobody@127.0.0.1:9/none")
    app = create_app(settings, engine=nowhere, clock=world.clock, library=library)
    yield app
    nowhere.dispose()


def test_help_has_every_way_and_needs_no_sign_in(clients):
    page = clients().get("/help")

    assert page.headings == ["Get help now"]
    assert all(way in page.links for way in WAYS)
    assert "choose option 2" in page.text
    assert "Your GP" in page.text
    assert "SHOUT" in page.text


def test_help_stands_when_the_database_does_not(dead, settings):
    page = Client(dead, settings.public_origin).get("/help")

    assert all(way in page.links for way in WAYS)


def test_help_waits_for_nobody_and_asks_the_database_nothing(clients, ash, bind):
    browser = clients(ash)
    with counted(bind) as sent:
        browser.get("/help")
        browser.http.get("/leave")

    assert sent == []


def test_help_is_the_same_for_whoever_asks_and_was_drawn_before_they_did(clients, ash, robin, monkeypatch):
    monkeypatch.setattr("app.kit.render._ENVIRONMENT", None)

    assert len({clients(*who).http.get("/help").content for who in ((), (ash,), (robin,))}) == 1


def test_a_page_that_cannot_be_had_still_leads_to_help(dead, settings, ash):
    from starlette.testclient import TestClient

    browser = TestClient(dead, base_url=settings.public_origin, raise_server_exceptions=False)
    browser.cookies.set("braid_session", f"{ash.world.service_id}.nothing")
    response = browser.get("/my/today")

    assert response.status_code == 500
    assert "/help" in Page(response.text).links
    assert "psycopg" not in response.text


def test_every_page_before_signing_in_has_help_and_a_quick_way_out(clients):
    page = clients().get("/sign-in")

    assert {"/help", "/leave"} <= set(page.links)


def test_after_an_answer_the_page_says_who_reads_it_by_when(clients, ash):
    answer(ash)

    page = clients(ash).get("/my/support")

    assert page.headings == ["Thank you for telling us"]
    assert all(way in page.links for way in WAYS)
    assert "Robin will read it by 11:00am today , Tuesday 3 March" in page.text
    assert "Nobody has seen it yet" in page.text
    assert "Nothing is locked" in page.text


@pytest.mark.parametrize(
    ("at", "promise"),
    [
        (datetime(2026, 3, 3, 16, 45, tzinfo=UTC), "by 9:45am on Wednesday 4 March"),
        (datetime(2026, 3, 3, 22, 0, tzinfo=UTC), "by 10:00am on Wednesday 4 March"),
        (datetime(2026, 3, 6, 18, 0, tzinfo=UTC), "by 10:00am on Monday 9 March"),
        (datetime(2026, 3, 29, 8, 30, tzinfo=UTC), "by 10:00am on Monday 30 March"),
    ],
)
def test_out_of_hours_the_promise_is_the_next_opening(clients, ash, at, promise):
    ash.world.clock.now = at
    answer(ash)

    page = clients(ash).get("/my/support")

    assert promise in page.text.replace(" , ", ", ")
    closed = "Our service is closed now"
    assert (closed in page.text) is (at.hour >= 17 or at.weekday() > 4)


def test_once_it_was_read_the_page_says_by_whom_and_does_not_promise_again(clients, ash, robin):
    answer(ash)
    ash.world.clock.on(minutes=14)
    clients(robin).get(alert_at(ash, robin))

    page = clients(ash).get("/my/support")

    assert "Robin Hale read it on Tuesday 3 March at 10:14am" in page.text
    assert "will read it" not in page.text
    assert "Nobody has seen it yet" not in page.text

    ash.world.clock.on(minutes=1)
    answer(ash, "phq-9:q9:2:first")
    assert "Robin will read it by 11:15am" in clients(ash).get("/my/support").text


def test_without_an_alert_the_page_is_the_ways_to_get_help(clients, ash):
    page = clients(ash).get("/my/support")

    assert page.headings == ["Who can help"]
    assert "Who will read" not in page.text


def test_no_page_about_an_alert_rates_it(clients, ash, robin):
    answer(ash)

    for text in (clients(ash).get("/my/support").text, clients(robin).get(alert_at(ash, robin)).text):
        assert not [word for word in JUDGED if word in text.casefold().replace("safety", "")]


def test_the_alert_opens_with_the_act_the_number_and_the_answer_as_given(clients, ash, robin):
    with robin.working() as work:
        work.session.execute(
            sa.text(
                "update patient_record set contact_note = 'Mobile 07700 900418 from 08:00, no voicemail' where id = :i"
            ),
            {"i": ash.id},
        )
        work.record("patient.contact-changed", patient=ash.id)
    answer(ash)

    page = clients(robin).get(alert_at(ash, robin))

    assert "Call Ash now: 07700 900418 . With you, since Tuesday 3 March at 10:00" in page.text
    assert "tel:07700900418" in page.links
    assert "Several days (1 of 3)" in page.text
    assert "Thoughts that you would be better off dead" in page.text
    assert "no voicemail" in page.text


def test_opening_an_alert_records_that_it_was_seen_once(clients, ash, robin):
    answer(ash)
    for _ in range(3):
        clients(robin).get(alert_at(ash, robin))

    events = queries.alert_history(
        robin.work(), ash.patient(), queries.open_alert(robin.work(), ash.patient()).id
    ).events
    assert [event.step for event in events] == [AlertStep.RAISED, AlertStep.SEEN]


def test_the_four_outcomes_and_whether_to_close_are_asked_and_none_is_chosen_for_them(clients, ash, robin):
    answer(ash)

    html = clients(robin).http.get(alert_at(ash, robin)).text

    assert html.count('name="act"') == 4
    assert html.count('name="then"') == 2
    assert " checked" not in html


def test_what_was_done_is_shown_with_who_and_when(clients, ash, robin):
    answer(ash)
    browser, address = clients(robin), alert_at(ash, robin)
    ash.world.clock.on(minutes=5)

    page = browser.post(address, act="contacted", words="Spoke for six minutes.", then="keep-open")

    assert "10:05 Spoke with Ash. Tuesday 3 March, Robin Hale Spoke for six minutes." in page.text
    assert "Record what you did" in page.text


def test_closing_ends_it_and_the_page_takes_nothing_more(clients, ash, robin):
    answer(ash)
    browser, address = clients(robin), alert_at(ash, robin)
    browser.get(address)

    page = browser.post(address, act="contacted", words="Spoke for six minutes.", then="close")

    assert "This alert is closed" in page.text
    assert "Record what you did" not in page.text
    assert queries.open_alert(robin.work(), ash.patient()) is None
    late = browser.post(address, act="contacted", words="I called as well.", then="keep-open", status=409)
    assert "I called as well." in late.text


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"words": "Spoke.", "then": "close"}, "act", "Choose what you did"),
        ({"act": "contacted", "words": " ", "then": "close"}, "words", "Write what was said and agreed"),
        ({"act": "contacted", "words": "Spoke."}, "then", "Choose whether the alert stays open"),
        (
            {"act": "could-not-reach", "words": "No answer.", "then": "keep-open", **NEXT, "next_time": ""},
            "next_time",
            "at what time you will try again",
        ),
        (
            {"act": "could-not-reach", "words": "No answer.", "then": "close", **NEXT},
            "then",
            "until somebody has been reached",
        ),
        (
            {"act": "could-not-reach", "words": "No answer.", "then": "keep-open", **NEXT, "next_time": "9.59am"},
            "next_time",
            "still to come",
        ),
        (
            {"act": "could-not-reach", "words": "No answer.", "then": "keep-open", **NEXT, "next_time": "at eleven"},
            "next_time",
            "like 13:30",
        ),
        (
            {"act": "could-not-reach", "words": "No answer.", "then": "keep-open", **NEXT, "next_on-month": "13"},
            "next_on",
            "as a day, a month and a year",
        ),
        ({"act": "seen", "words": "Spoke.", "then": "close"}, "act", "Choose what you did"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_what_was_typed_stays(clients, ash, robin, sent, field, sentence):
    answer(ash)
    browser, address = clients(robin), alert_at(ash, robin)

    page = browser.post(address, status=422, **sent)

    assert sentence in page.text
    assert f"#{field}" in page.links
    assert field in page.ids
    assert page.fields["words"] == [sent["words"]]
    assert queries.open_alert(robin.work(), ash.patient()).last_step is AlertStep.SEEN


def test_a_next_attempt_is_told_in_the_services_own_time(clients, ash, robin):
    ash.world.clock.now = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
    answer(ash)
    browser, address = clients(robin), alert_at(ash, robin)

    page = browser.post(
        address,
        act="could-not-reach",
        words="No answer.",
        then="keep-open",
        **NEXT | {"next_on-month": "6", "next_time": "10.30am"},
    )

    assert "Saved." in page.text
    assert "You tried to reach Ash at 10:00. Next attempt at 10:30." in page.text
    assert "Call Ash now" not in page.text and "Contact Ash now" not in page.text
    assert "Next attempt Wednesday 3 June at 10:30" in page.text
    ash.world.clock.now = datetime(2026, 6, 3, 9, 31, tzinfo=UTC)
    assert "due now" in clients(robin).get(address).text


def test_nobody_closes_over_an_answer_that_came_while_they_wrote(clients, ash, robin):
    answer(ash)
    browser, address = clients(robin), alert_at(ash, robin)
    browser.get(address)
    ash.world.clock.on(minutes=3)
    answer(ash, "phq-9:q9:3:first")
    ash.world.clock.on(minutes=1)

    page = browser.post(address, act="contacted", words="Spoke for six minutes.", then="close", status=422)

    assert "newer answer than the one you read" in page.text
    assert "Nearly every day (3 of 3)" in page.text
    assert page.fields["words"] == ["Spoke for six minutes."]
    browser.post(address, act="contacted", words="Spoke again.", then="close")
    assert queries.open_alert(robin.work(), ash.patient()) is None


def test_a_colleague_sees_whose_it_is_and_a_stranger_sees_nothing(clients, ash, robin):
    answer(ash)
    lena, sam = ash.world.staff("Lena Moss", Role.CLINICAL_LEAD), ash.world.staff("Sam Reed")

    assert "With Robin Hale, since" in clients(lena).get(alert_at(ash, robin)).text
    assert clients(sam).get(alert_at(ash, robin), status=404).text
    assert clients(sam).send(alert_at(ash, robin), act="contacted", words="Spoke.", then="close").status_code == 404


def test_the_alert_stands_in_the_banner_of_every_page_about_the_patient_until_it_is_closed(clients, ash, robin):
    answer(ash)
    browser, address = clients(robin), alert_at(ash, robin)
    browser.get(address)
    assert (
        "Safety alert open. PHQ-9, question 9, answered Tuesday 3 March at 10:00. Seen by Robin Hale."
        in browser.get(address).text
    )

    browser.post(address, act="contacted", words="Spoke for six minutes.", then="close")

    assert "Safety alert open." not in browser.get(address).text


def test_every_mistake_of_the_form_is_said_at_once(clients, ash, robin):
    answer(ash)

    page = clients(robin).post(
        alert_at(ash, robin), status=422, act="could-not-reach", words="", then="close", next_time=""
    )

    for sentence in (
        "Write what was said and agreed",
        "Say on which day you will try again",
        "Say at what time you will try again",
        "until somebody has been reached",
    ):
        assert sentence in page.text


def test_today_is_filled_in_for_the_next_attempt(clients, ash, robin):
    answer(ash)

    fields = clients(robin).get(alert_at(ash, robin)).fields

    assert [fields[f"next_on-{part}"] for part in ("day", "month", "year")] == [["3"], ["3"], ["2026"]]


def test_a_promise_nobody_kept_is_said_in_words_wherever_the_alert_is(clients, ash, robin):
    answer(ash)
    sue = ash.world.staff("Lena Moss", Role.CLINICAL_LEAD)
    ash.world.clock.on(hours=3)

    assert "Was to be read by 11:00, 2 hours ago." in clients(sue).get("/caseload").text
    assert "Was to be read by 11:00, 2 hours ago." in clients(sue).get(f"/patients/{ash.id}/plan").text
    assert "Was to be read" not in clients(sue).get(alert_at(ash, robin)).text
    assert "Was to be read" not in clients(sue).get("/caseload").text


def test_an_alert_whose_practitioner_left_is_said_to_be_with_whoever_reads_it(clients, ash, robin):
    from app.accounts import actions as accounts

    answer(ash)
    lena, address = ash.world.staff("Lena Moss", Role.CLINICAL_LEAD), alert_at(ash, robin)
    with lena.working() as work:
        accounts.deactivate(work, person_id=robin.id)

    assert "With you now: Robin Hale no longer works here." in clients(lena).get("/caseload").text
    assert "With you now: Robin Hale no longer works here, since" in clients(lena).get(address).text


def test_an_open_alert_stays_on_the_caseload_after_discharge_until_it_is_closed(clients, ash, robin):
    answer(ash)
    with robin.working() as work:
        work.session.execute(
            sa.text("update patient_record set discharged_at = :at where id = :i"),
            {"at": work.now, "i": ash.id},
        )
        work.record("patient.discharged", patient=ash.id)
    browser, address = clients(robin), alert_at(ash, robin)

    assert "Ash Whitlock" in browser.get("/caseload").text
    browser.get(address)
    browser.post(address, act="contacted", words="Spoke for six minutes.", then="close")
    assert "Ash Whitlock" not in browser.get("/caseload").text


def test_without_a_number_the_alert_says_so_and_leads_to_where_one_is_written(clients, ash, robin):
    answer(ash)

    page = clients(robin).get(alert_at(ash, robin))

    assert "No number on file." in page.text
    assert f"/patients/{ash.id}/details#contact_note" in page.links


def test_today_leads_back_to_who_reads_an_answer_for_as_long_as_its_alert_is_open(clients, ash, robin):
    assert "/my/support" not in clients(ash).get("/my/today").links
    answer(ash)

    assert "/my/support" in clients(ash).get("/my/today").links
