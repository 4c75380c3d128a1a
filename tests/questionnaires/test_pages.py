"""Questionnaires in the browser: what is asked, kept, sent, shown, and to whom."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import PatientRecord
from app.kit import drafts
from app.questionnaires import actions
from app.safety import queries as safety
from tests.questionnaires.answers import PHQ_9, RISK, given, phq_9, record_of, send, totalling
from tests.statements import counted


@pytest.fixture
def mine(clients, ash):
    return clients(ash)


def draft(who, library):
    with who.working() as work:
        return drafts.kept(work, form=actions.form_name(library.instruments["phq-9"]))


def alert(of):
    with of.working() as work:
        return safety.open_alert(work, record_of(work, of))


def discharge(world, who):
    with world.founding() as work:
        work.session.execute(sa.update(PatientRecord).where(PatientRecord.id == who.id).values(discharged_at=work.now))
        work.record("patient.discharged", patient=who.id)


def test_the_list_says_what_is_asked_how_long_it_takes_who_reads_it_and_that_it_is_due(mine):
    page = mine.get("/my/questionnaires")

    assert "9 questions, about 3 minutes." in page.text
    assert "Robin reads your answers before you next meet." in page.text
    assert page.text.count("Due now.") == 2
    assert "Your chart starts with your first score." in page.text


def test_the_list_says_when_a_sent_questionnaire_is_due_again_and_shows_its_score(clients, ash, library):
    send(ash, library, totalling(17))
    ash.world.clock.on(days=6)
    send(ash, library, totalling(12))

    page = clients(ash).get("/my/questionnaires")

    assert "Next due on Monday 16 March." in page.text
    assert "12 out of 27 on Monday 9 March. Down 5 since last time, Tuesday 3 March. That may be chance." in page.text


def test_the_form_asks_every_question_in_its_own_words_and_says_first_who_reads_it(mine, library):
    page = mine.get(PHQ_9)

    phq = library.instruments["phq-9"]
    assert page.text.count(phq.stem) == 1
    assert all(f"{number}. {item.text}" in page.text for number, item in enumerate(phq.items, 1))
    assert page.text.index("Robin reads your answers") < page.text.index(phq.stem)
    assert "goes to Robin as soon as you choose it" in page.text
    assert "they or a colleague read it by 11:00am today" in page.text
    assert set(page.fields) == {"csrf", "response_id"}


def test_sending_the_form_leads_to_the_score_in_words(mine, ash):
    page = mine.post(PHQ_9, response_id=uuid4(), **totalling(12))

    assert given(ash)[0].total == 12
    assert page.headings == ["Your PHQ-9 of Tuesday 3 March"]
    assert "12 out of 27. Lower is better." in page.text
    assert "The questionnaire’s own word for 10 to 14 is “moderate”." in page.text
    assert "The next one is due on Tuesday 10 March." in page.text


def test_a_score_of_zero_is_shown_as_any_other(mine):
    page = mine.post(PHQ_9, response_id=uuid4(), **phq_9(*[0] * 9))

    assert "0 out of 27. Lower is better." in page.text


def test_a_questionnaire_without_a_difficulty_question_is_sent_as_well(mine):
    page = mine.post("/my/questionnaires/gad-7", response_id=uuid4(), **{f"q{n}": 2 for n in range(1, 8)})

    assert "14 out of 21." in page.text


def test_a_question_left_out_is_named_and_everything_chosen_stays_on_the_page_and_as_a_draft(mine, ash, library):
    chosen = {"q1": 2, "q2": 0, "difficulty": 1}

    page = mine.post(PHQ_9, status=422, response_id=uuid4(), **chosen)

    assert "Choose an answer to question 3" in page.text
    assert "#q3" in page.links and "q3" in page.ids
    assert {name: int(page.fields[name][0]) for name in chosen} == chosen
    assert draft(ash, library).values["answers"] == chosen
    assert given(ash) == []
    assert "out of 27" not in page.text


def test_an_autosave_keeps_the_answers_and_says_when(mine, ash, library):
    response = mine.send(f"{PHQ_9}/draft", response_id=uuid4(), q1=0, q4=3)

    assert response.json() == {"saved": "Draft saved at 10:00am."}
    assert draft(ash, library).values["answers"] == {"q1": 0, "q4": 3}


def test_a_draft_is_there_again_after_signing_in_again(clients, ash):
    response_id = uuid4()
    clients(ash).send(f"{PHQ_9}/draft", response_id=response_id, q1=0, q4=3)
    ash.world.clock.on(days=1)

    page = clients(ash).get(PHQ_9)

    assert (page.fields["q1"], page.fields["q4"]) == (["0"], ["3"])
    assert page.fields["response_id"] == [str(response_id)]
    assert "Draft saved Tuesday 3 March at 10:00am." in page.text
    assert "You began this on Tuesday 3 March." in page.text
    assert "You have begun it." in clients(ash).get("/my/questionnaires").text


def test_a_risk_answer_in_an_autosave_raises_its_alert_and_help_is_on_the_form_from_then_on(mine, ash):
    mine.send(f"{PHQ_9}/draft", response_id=uuid4(), q9=1)

    assert alert(ash) is not None
    page = mine.get(PHQ_9)
    assert "If you want someone now" in page.text
    assert "/my/support" in page.links


def test_after_a_risk_answer_the_next_page_is_where_help_is(mine, ash):
    response = mine.send(PHQ_9, response_id=uuid4(), **RISK)

    assert (response.status_code, response.headers["location"]) == (303, "/my/support")
    assert alert(ash) is not None
    page = mine.get("/my/support")
    assert {"tel:999", "tel:111", "tel:116123"} <= set(page.links)


def test_a_risk_answer_on_an_unfinished_form_raises_its_alert_and_shows_help_at_once(mine, ash):
    page = mine.post(PHQ_9, status=422, response_id=uuid4(), q9=2)

    assert alert(ash) is not None
    assert {"tel:999", "/my/support"} <= set(page.links)


def test_the_answers_without_a_risk_answer_bring_no_reassurance(mine):
    page = mine.post(PHQ_9, response_id=uuid4(), **totalling(2))

    for word in ("safe", "low risk", "well done", "good news", "no concerns"):
        assert word not in page.text.lower()


def test_a_double_click_is_shown_the_first_result(mine, ash):
    response_id = uuid4()

    first = mine.send(PHQ_9, response_id=response_id, **totalling(12))
    second = mine.send(PHQ_9, response_id=response_id, **totalling(12))

    assert first.headers["location"] == second.headers["location"] == f"{PHQ_9}/{response_id}"
    assert len(given(ash)) == 1


def test_other_answers_sent_again_from_the_same_form_are_told_that_the_first_ones_stand(mine, ash):
    form = mine.get(PHQ_9).fields["response_id"][0]
    mine.post(PHQ_9, response_id=form, **phq_9())

    same = mine.post(PHQ_9, response_id=form, **phq_9())
    other = mine.post(PHQ_9, response_id=form, **totalling(3))

    assert "already sent" not in same.text
    assert "You had already sent this one. The answers you sent first stand." in other.text
    assert PHQ_9 in other.links
    assert [one.total for one in given(ash)] == [8]


def test_a_form_that_lost_its_id_is_still_stored(mine, ash):
    mine.post(PHQ_9, response_id="lost", **totalling(12))

    assert len(given(ash)) == 1


@pytest.mark.parametrize("wrong", ["9", "-1", "two", "1.0", "٣", "", "3" * 1000, "\x00", "q1", "01"])
def test_a_value_that_is_no_option_is_no_answer(mine, ash, wrong):
    page = mine.post(PHQ_9, status=422, response_id=uuid4(), **totalling(12) | {"q1": wrong})

    assert "Choose an answer to question 1" in page.text
    assert "q1" not in page.fields
    assert given(ash) == []


@pytest.mark.parametrize("wrong", ["9", "x" * 1000])
def test_a_wrong_value_for_the_question_that_may_be_left_out_is_left_out(mine, ash, wrong):
    mine.post(PHQ_9, response_id=uuid4(), difficulty=wrong, **totalling(12))

    assert "difficulty" not in given(ash)[0].answers


def test_somebody_elses_response_is_not_found_to_read_or_to_send(clients, world, ash, robin, library):
    theirs = send(world.patient("Kit Rowe", of=robin), library, totalling(9))

    mine = clients(ash)
    mine.get(f"{PHQ_9}/{theirs.id}", status=404)
    assert mine.send(PHQ_9, response_id=theirs.id, **totalling(3)).status_code == 404
    assert mine.send(f"{PHQ_9}/draft", response_id=theirs.id, q1=1).status_code == 404


@pytest.mark.parametrize(
    "path", [f"{PHQ_9}/00000000-0000-4000-8000-000000000000", f"{PHQ_9}/nothing", "/my/questionnaires/wsas"]
)
def test_what_is_not_there_is_not_found(mine, path):
    mine.get(path, status=404)


def test_a_response_is_found_only_under_its_own_questionnaire(mine, ash, library):
    sent = send(ash, library, totalling(9))

    mine.get(f"/my/questionnaires/gad-7/{sent.id}", status=404)


def test_after_discharge_the_scores_stay_and_nothing_can_be_sent(mine, world, ash, library):
    sent = send(ash, library, totalling(9))
    discharge(world, ash)

    assert "Your course has ended" in mine.get("/my/questionnaires").text
    assert "9 out of 27" in mine.get(f"{PHQ_9}/{sent.id}").text
    page = mine.get(PHQ_9, status=403)
    assert page.headings == ["Your course has ended"]
    assert "/help" in page.links
    assert mine.send(PHQ_9, response_id=uuid4(), **totalling(3)).status_code == 403
    assert mine.send(f"{PHQ_9}/draft", response_id=uuid4(), **RISK).status_code == 403
    assert len(given(ash)) == 1


def test_staff_see_scores_with_reliable_change_and_every_answer(clients, ash, robin, library):
    send(ash, library, totalling(17))
    ash.world.clock.on(days=7)
    send(ash, library, phq_9(1, 2, 2, 2, 2, 1, 0, 0, 1) | {"difficulty": 2})

    page = clients(robin).get(f"/patients/{ash.id}/scores")

    assert "PHQ-9 from 17 to 11." in page.text
    assert "11 on Tuesday 10 March, 17 at first. Down 6. A reliable change (6)." in page.text
    table = page.text[page.text.index("every answer, newest first") :]
    assert table.index("Tuesday 10 March") < table.index("Tuesday 3 March")
    assert "Question 9: 1 several days" in table
    assert "Difficulty: 2 very difficult" in table
    assert "Difficulty: no answer" in table


def test_staff_see_who_a_page_is_about_and_an_open_alert_on_it(clients, ash, robin, library):
    send(ash, library, RISK)

    page = clients(robin).get(f"/patients/{ash.id}/scores")

    assert "Ash Whitlock" in page.text and "14 March 1989 (36)" in page.text
    assert "Safety alert open." in page.text
    assert "low risk" not in page.text.lower() and "high risk" not in page.text.lower()


def test_a_patient_who_sent_nothing_yet_leaves_staff_with_what_to_do(clients, ash, robin):
    page = clients(robin).get(f"/patients/{ash.id}/scores")

    assert "Ash has not sent a questionnaire yet." in page.text


def test_an_unsent_draft_is_nobody_elses_to_see(clients, ash, robin):
    clients(ash).send(f"{PHQ_9}/draft", response_id=uuid4(), q1=3)

    assert "has not sent a questionnaire yet" in clients(robin).get(f"/patients/{ash.id}/scores").text


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PRACTITIONER, 404),
        (Role.SUPERVISOR, 404),
        (Role.CLINICAL_LEAD, 200),
        (Role.SERVICE_ADMIN, 403),
        (Role.NAVIGATOR, 403),
        (Role.RESEARCHER, 403),
    ],
)
def test_scores_are_shown_to_those_whose_patient_it_is(clients, world, ash, role, status):
    somebody = world.staff("Sam Other", role)

    clients(somebody).get(f"/patients/{ash.id}/scores", status=status)


def test_staff_cannot_answer_and_patients_cannot_see_the_staff_page(clients, ash, robin):
    assert clients(robin).send(PHQ_9, response_id=uuid4(), **totalling(3)).status_code == 403
    clients(ash).get(f"/patients/{ash.id}/scores", status=403)


@pytest.mark.parametrize("path", ["/my/questionnaires", PHQ_9, "result", "scores"])
def test_no_page_costs_more_than_six_statements_however_much_was_sent(clients, world, ash, robin, library, path):
    for total in (17, 16, 15, 12, 13, 11):
        last = send(ash, library, totalling(total))
        world.clock.on(days=7)
    who, path = {"scores": (robin, f"/patients/{ash.id}/scores"), "result": (ash, f"{PHQ_9}/{last.id}")}.get(
        path, (ash, path)
    )
    browser = clients(who)
    # Every quarter of a minute a page of staff's asks as well whether the worker is at work.
    browser.get(path)

    with counted(world.bind) as sent:
        browser.get(path)

    assert len(sent) <= 6, "\n".join(sent)
