"""Short questions on pages: assigned and read by staff, answered by the patient, written out for analysis."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.accounts.roles import Role
from app.clinical.momentary import Standing
from app.mood import momentary_export_actions
from app.mood import momentary_export_queries as exports
from app.mood import momentary_shown_queries as shown_queries
from app.mood import momentary_trends as trends
from app.notifications import switch_actions
from app.notifications.kinds import SwitchScope

NINE = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def asked(moments):
    """The first of six prompts is open."""
    moments.assign()
    moments.go(NINE)
    return moments


def form(day="4", **more):
    return {
        "assignment_id": str(uuid4()),
        "protocol": "trial-seven",
        "purpose": "start",
        "first-day": day,
        "first-month": "3",
        "first-year": "2026",
        **more,
    }


def address(moments):
    return f"/my/short-questions/{moments.all()[0].id}"


# The patient


def test_today_says_that_one_is_open_and_it_is_answered_on_one_page(asked, ash, clients):
    browser = clients(ash)
    assert "Short questions are open until 10:00am." in browser.get("/my/today").text
    page = browser.get(address(asked))
    assert "Robin looks before you next meet. Nobody watches them as they come in." in page.text
    assert "/help" in page.links

    page = browser.post(address(asked), prompt_id=address(asked)[-36:], mood="0", say="", waited="")

    assert "Saved. That is all for now." in page.text and "Short questions are open" not in page.text
    assert asked.all()[0].answers == {"mood": 0}
    assert "You answered this at 9:00am." in browser.get(address(asked)).text


def test_sent_twice_it_is_one_answer(asked, ash, clients):
    browser = clients(ash)
    for _ in range(2):
        browser.post(address(asked), mood="3")

    assert asked.compliance().answered == 1


def test_what_is_left_out_is_said_and_what_was_typed_stays(asked, ash, clients):
    page = clients(ash).post(address(asked), say="Rain.", status=422)

    assert "Choose an answer to “How is it now?”." in page.text and page.fields["say"] == ["Rain."]
    assert "#mood" in page.links


def test_when_it_was_opened_first_is_kept(asked, ash, world, clients):
    browser = clients(ash)
    for minutes in (2, 3):
        world.clock.now = NINE + minutes * MINUTE
        browser.get(address(asked))

    assert asked.all()[0].shown_at == NINE + 2 * MINUTE


def test_a_late_one_can_still_be_answered_and_today_says_no_time(asked, ash, world, clients):
    world.clock.now = NINE + 2 * HOUR
    browser = clients(ash)
    text = browser.get("/my/today").text
    assert "Short questions are open." in text and "open until" not in text

    browser.post(address(asked), mood="3")
    assert asked.standings()[0] is Standing.LATE


def test_a_closed_one_blames_nobody(asked, ash, world, clients):
    asked.go(NINE + 4 * HOUR)
    browser = clients(ash)

    assert "there is nothing to catch up on" in browser.get(address(asked)).text
    assert "These questions are closed" in browser.post(address(asked), mood="3", status=409).text


def test_what_waited_on_a_phone_is_in_time(asked, ash, world, clients):
    world.clock.now = NINE + 5 * HOUR
    clients(ash).post(address(asked), mood="3", waited=str(int(4.5 * 3600)))

    assert asked.standings()[0] is Standing.ANSWERED


def test_a_patient_sees_what_is_asked_when_and_what_they_answered(asked, ash, clients):
    browser = clients(ash)
    browser.post(address(asked), mood="3", say="Rain.")
    text = browser.get("/my/short-questions").text

    assert "Each day from Wednesday 4 March to Thursday 5 March" in text and "At 1:00pm." in text.replace("midday", "")
    assert "Mood 3 of 10; In words: Rain." in text
    assert "/my/short-questions" in browser.get("/my/more").links


def test_who_is_asked_nothing_reads_that_it_is_so(ash, clients):
    assert "Nobody asks you short questions." in clients(ash).get("/my/short-questions").text


def test_turned_off_with_the_other_reminders_it_says_so(asked, ash, clients):
    browser = clients(ash)
    assert "Short questions" in browser.get("/my/reminders").text
    browser.post("/my/reminders/switch", scope="kind", which="momentary", on="no")

    assert "You have turned these off." in browser.get("/my/short-questions").text
    asked.go(NINE + 4 * HOUR)
    assert asked.standings()[1] is Standing.WITHHELD


def test_nobody_reads_beforehand_when_they_will_be_asked(moments, ash, clients):
    moments.assign()
    text = clients(ash).get("/my/reminders").text

    assert "Wednesday 4 March Short questions, at a time you do not know beforehand." in " ".join(text.split())
    assert "Wednesday 4 March at 9:00am" not in text


def test_somebody_elses_is_not_found(asked, world, clients):
    browser = clients(world.patient("Bea Other"))

    browser.get(address(asked), status=404)
    browser.post(address(asked), mood="3", status=404)


# Staff


def test_a_practitioner_assigns_it_and_sees_each_time(ash, robin, clients, moments):
    browser = clients(robin)
    page = browser.get(f"/patients/{ash.id}/mood/short-questions/new")
    assert "Not signed off by a clinician of your service." in page.text

    page = browser.post(f"/patients/{ash.id}/mood/short-questions/new", **form())

    assert "Assigned. The times are drawn." in page.text
    assert "21 still to come." in page.text and "Wed 4 Mar" in page.text and "Tue 10 Mar" in page.text
    assert len(moments.all()) == 21
    assert "Seven short questions" in browser.get(f"/patients/{ash.id}/mood/short-questions").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"first-day": "3"}, "Enter a day from tomorrow on"),
        ({"first-year": "2027"}, "Enter a day in the next 180 days"),
        ({"first-day": "31", "first-month": "2"}, "Enter a day from tomorrow on"),
        ({"protocol": "other"}, "Choose what is asked"),
        ({"purpose": ""}, "Choose what it is for"),
        ({"days": "61"}, "Enter how many days, from 1 to 60"),
    ],
)
def test_what_cannot_be_assigned_is_said_and_what_was_typed_stays(ash, robin, clients, wrong, sentence):
    page = clients(robin).post(f"/patients/{ash.id}/mood/short-questions/new", status=422, **form() | wrong)

    assert sentence in page.text
    assert page.fields["first-day"] == [wrong.get("first-day", "4")]


def test_days_that_are_taken_are_said(ash, robin, clients, moments):
    moments.assign()
    page = clients(robin).post(f"/patients/{ash.id}/mood/short-questions/new", status=422, **form())

    assert "Short questions are being asked on these days already." in page.text


def test_staff_read_how_many_were_answered_and_the_answers(asked, ash, robin, clients, world):
    asked.answer(asked.all()[0].id, 7, say="Rain on the roof.")
    asked.go(NINE + 4 * HOUR)
    world.clock.now = NINE + 6 * HOUR
    text = clients(robin).get(f"/patients/{ash.id}/mood/short-questions/{asked.assigned()[0].id}").text

    assert "Answered 1 of 2 asked in time (50%). 1 ran out. 4 still to come." in text
    assert "0 to 10" in text and "Mood 7" in text and "Rain on the roof." in text and "ran out" in text


def test_a_clinical_lead_reads_the_numbers_alone(asked, ash, world, clients):
    asked.answer(asked.all()[0].id, 7, say="Rain on the roof.")
    lead = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD))
    here = f"/patients/{ash.id}/mood/short-questions/{asked.assigned()[0].id}"

    text = lead.get(here).text
    assert "0 to 10" in text and "Mood 7" in text and "Rain on the roof" not in text
    assert "Rain" not in lead.http.get(f"{here}/prompts.csv").text


def test_it_is_ended_early_with_a_reason(asked, ash, robin, clients):
    here = f"/patients/{ash.id}/mood/short-questions/{asked.assigned()[0].id}"
    browser = clients(robin)
    assert "Write why it ends early" in browser.post(f"{here}/end", reason=" ", status=422).text

    page = browser.post(f"{here}/end", reason="A holiday.")
    assert "Ended. Nothing more of it is asked." in page.text and "“A holiday.”" in page.text
    assert "not asked, ended early" in page.text
    browser.post(f"{here}/end", reason="Again.", status=409)
    assert "This is over." in clients(ash).get("/my/short-questions").text


# Written out


def test_there_is_one_row_for_each_prompt_and_empty_is_not_zero(asked, ash, robin, clients, world):
    asked.answer(asked.all()[0].id, 0, say="=1+1")
    with ash.working() as work:
        switch_actions.switch_off(work, person_id=ash.id, scope=SwitchScope.KIND, which="momentary")
    asked.go(NINE + 4 * HOUR)
    text = clients(robin).http.get(f"/patients/{ash.id}/mood/short-questions/{asked.assigned()[0].id}/prompts.csv").text
    rows = _read(text)

    assert [row["status"] for row in rows] == ["answered", "withheld", *["to-come"] * 4]
    assert list(rows[0]) == [*exports.COLUMNS, "mood", "say"]
    first, second = rows[:2]
    assert (first["mood"], first["say"], second["mood"], second["withheld"]) == ("0", "'=1+1", "", "off")
    assert first["scheduled"] == first["reminded"] == first["answered"] == "2026-03-04T09:00:00Z"
    assert (first["local_date"], first["local_time"], first["zone"]) == ("2026-03-04", "09:00", "Europe/London")
    assert first["participant"] == str(ash.id)


def _read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_whole_service_is_written_out_without_words_unless_they_are_asked_for(asked, world):
    asked.answer(asked.all()[0].id, 4, say="Rain.")
    other = type(asked)(world.patient("Bea Other"), asked.by)
    other.assign(first_on=NINE.date() + timedelta(days=1))

    with world.founding() as work:
        plain, whole = (_read(momentary_export_actions.export(work, with_words=words)) for words in (False, True))
    assert len(plain) == 12 and len({row["participant"] for row in plain}) == 2
    assert "say" not in plain[0] and whole[0]["say"] == "Rain."


# Day by day


def test_each_scale_is_drawn_by_day_with_its_sentence(asked, ash, robin, clients, world):
    asked.answer(asked.all()[0].id, 2)
    for at, mood in ((NINE + 4 * HOUR, 6), (NINE + 24 * HOUR, 7)):
        asked.go(at)
        asked.answer(next(one.id for one in asked.all() if one.times.due_at == at), mood)

    with robin.working() as work:
        (line,) = trends.lines(shown_queries.all_shown(work, ash.patient())[0])
    assert line.sentence == "From 2 to 7 of 10, 5.0 on average, in 3 answers."
    assert len(line.drawn.dots) == 2
    text = clients(robin).get(f"/patients/{ash.id}/mood/short-questions/{asked.assigned()[0].id}").text
    assert "Day by day" in text and line.sentence in text


def test_without_an_answer_nothing_is_drawn(asked, ash, robin, clients):
    with robin.working() as work:
        assert trends.lines(shown_queries.all_shown(work, ash.patient())[0]) == []
    text = clients(robin).get(f"/patients/{ash.id}/mood/short-questions/{asked.assigned()[0].id}").text
    assert "Day by day" not in text and "No answers so far." in text
