"""One question at a time or all on one page: kept, resumed, checked, changed, sent, without a script."""

from uuid import uuid4

import pytest

from app import texts
from app.safety import queries as safety
from tests.questionnaires.answers import PHQ_9, given, phq_9, record_of, totalling
from tests.questionnaires.packs import pack

ALLIANCE = "/my/questionnaires/alliance"
FITS = {
    "goals-shared": 3,
    "goals-mine": 3,
    "tasks-sense": 2,
    "tasks-between": 3,
    "bond-understood": 4,
    "bond-honest": 3,
    "programme-easy": 1,
    "programme-fits": 3,
}


@pytest.fixture
def mine(clients, ash):
    return clients(ash)


def step(number: int) -> str:
    return f"{PHQ_9}/questions/{number}"


def led(mine, path: str) -> str:
    """Where an address leads on to."""
    return mine.http.get(path).headers["location"]


def answer(mine, number: int, value: object, **more: object):
    key = "difficulty" if number == 10 else f"q{number}"
    form = mine.get(step(number)).fields
    given = {} if value is None else {key: value}
    return mine.post(step(number), response_id=form["response_id"][0], only=key, **given, **more)


def alert(of):
    with of.working() as work:
        return safety.open_alert(work, record_of(work, of))


def test_one_question_after_another_leads_to_the_check_and_from_there_to_the_score(mine, ash):
    page = mine.get(led(mine, f"{PHQ_9}/questions"))
    assert page.headings == ["PHQ-9, question 1 of 10"]
    assert "Robin reads your answers before you next meet." in page.text

    for number in range(1, 10):
        page = answer(mine, number, 1 if number < 9 else 0)
        assert page.headings == [f"PHQ-9, question {number + 1} of 10"]
    page = answer(mine, 10, None)

    assert page.headings == ["Check your answers"]
    assert page.text.count("Several days") == 8
    assert "No answer" in page.text
    fields = {name: values[0] for name, values in page.fields.items() if name != "csrf"}
    assert "8 out of 27" in mine.post(PHQ_9, **fields).text
    assert [one.total for one in given(ash)] == [8]


def test_a_question_without_its_answer_is_asked_again_and_one_that_may_be_left_out_is_not(mine):
    page = mine.post(step(3), status=422, response_id=uuid4(), only="q3")

    assert "Choose an answer to question 3" in page.text
    assert "#q3" in page.links and "q3" in page.ids


def test_what_was_answered_is_there_again_and_going_on_begins_with_the_first_question_left(mine):
    answer(mine, 1, 2)
    answer(mine, 2, 3)

    assert mine.get(step(2)).fields["q2"] == ["3"]
    assert mine.get(led(mine, f"{PHQ_9}/questions")).headings == ["PHQ-9, question 3 of 10"]
    assert "You have begun it." in mine.get("/my/questionnaires").text


def test_the_check_leads_to_a_question_and_back(mine):
    mine.post(f"{PHQ_9}/check", response_id=uuid4(), **totalling(12))
    page = mine.get(f"{PHQ_9}/check")
    assert f"{step(4)}?from=check" in page.links

    form = mine.get(f"{step(4)}?from=check").fields
    page = mine.post(step(4), response_id=form["response_id"][0], only="q4", q4=0, **{"from": form["from"][0]})

    assert page.headings == ["Check your answers"]
    assert page.fields["q4"] == ["0"]


def test_the_check_of_an_unfinished_form_says_what_is_left_and_cannot_be_sent(mine):
    answer(mine, 1, 2)

    page = mine.get(f"{PHQ_9}/check")

    assert "8 questions have no answer yet." in page.text
    assert f"{step(2)}?from=check" in page.links
    assert "response_id" not in page.fields


def test_a_risk_answer_raises_its_alert_at_its_question_and_help_is_on_the_very_next_page(mine, ash):
    page = answer(mine, 9, 1)

    assert alert(ash) is not None
    assert {"tel:999", "tel:111", "tel:116123", "/my/support"} <= set(page.links)


def test_an_autosave_of_one_question_keeps_the_others_and_alerts(mine, ash):
    answer(mine, 1, 2)
    mine.send(f"{PHQ_9}/draft", response_id=uuid4(), only="q9", q9=2)

    assert alert(ash) is not None
    assert (mine.get(step(1)).fields["q1"], mine.get(step(9)).fields["q9"]) == (["2"], ["2"])


def test_a_question_answered_after_the_form_was_sent_is_no_draft_and_still_alerts(mine, ash):
    form = uuid4()
    mine.post(PHQ_9, response_id=form, **totalling(12))

    page = mine.post(step(9), response_id=form, only="q9", q9=3)

    assert "You had already sent this one." in page.text
    assert alert(ash) is not None
    assert "You have begun it." not in mine.get("/my/questionnaires").text


def test_the_way_somebody_chose_is_remembered(mine):
    mine.post(f"{PHQ_9}/check", response_id=uuid4(), paging="one", q1=2)
    assert led(mine, PHQ_9) == f"{PHQ_9}/questions"

    mine.post(step(2), response_id=mine.get(step(2)).fields["response_id"][0], only="q2", q2=1, paging="all")

    page = mine.get(PHQ_9)
    assert (page.fields["q1"], page.fields["q2"]) == (["2"], ["1"])


@pytest.mark.parametrize("number", [0, 11, -1])
def test_a_question_that_is_not_there_is_not_found(mine, number):
    mine.get(step(number), status=404)


def test_a_form_of_our_own_says_who_sees_it_asks_for_words_and_has_no_total(mine, ash):
    page = mine.get(ALLIANCE)
    assert page.text.index("no answer changes the care you get") < page.text.index("We agree on what I want")
    assert "Robin reads what you write here before you next meet." in page.text

    page = mine.post(f"{ALLIANCE}/check", response_id=uuid4(), change="Go slower.\nAnd one more thing.", **FITS)
    page = mine.post(ALLIANCE, response_id=page.fields["response_id"][0], change=page.fields["change"][0], **FITS)

    (sent,) = given(ash)
    assert (sent.total, sent.answers, sent.words) == (None, FITS, {"change": "Go slower.\nAnd one more thing."})
    assert "Your score" not in page.text


def test_too_many_words_stay_on_the_page_with_what_to_do(mine, ash):
    page = mine.post(f"{ALLIANCE}/check", status=422, response_id=uuid4(), change="x" * 1001, **FITS)

    assert "Shorten what you wrote to 1,000 letters" in page.text
    assert page.fields["change"][0].strip() == "x" * 1001
    assert given(ash) == []


def test_one_about_a_module_is_asked_of_a_module_there_is_and_kept_apart_from_the_next(mine, ash):
    about = "/my/questionnaires/understanding?about="
    mine.get("/my/questionnaires/understanding", status=404)
    mine.get(f"{about}nothing", status=404)
    assert "It is about “" in mine.get(f"{about}low-mood").text

    mine.send("/my/questionnaires/understanding/draft?about=low-mood", response_id=uuid4(), sense=1)
    assert "sense" not in mine.get(f"{about}staying-well").fields
    mine.post(f"{about}low-mood", response_id=uuid4(), sense=3, useful=2, unclear="The cycle.")

    assert [(one.about, one.answers) for one in given(ash)] == [("low-mood", {"sense": 3, "useful": 2})]


def test_a_questionnaire_per_goal_is_not_asked_without_goals(mine):
    mine.get("/my/questionnaires/goals", status=404)


def test_a_scale_in_the_services_own_words_takes_a_reason_in_place_of_an_answer(mine, ash, world, library, tmp_path):
    texts.install(world.bind, pack(tmp_path), library, service=world.slug, clock=world.clock)
    page = mine.get("/my/questionnaires/wsas")
    assert "0 is not there. 2 is at the edge." in page.text
    assert "I am retired" in page.text

    form = page.fields["response_id"][0]
    mine.post("/my/questionnaires/wsas/check", response_id=form, q1="reason:retired", q2=0, q3=8, q4=2, q5=4)
    assert mine.get("/my/questionnaires/wsas/check").fields["q1"] == ["reason:retired"]
    mine.post("/my/questionnaires/wsas", response_id=form, q1="reason:retired", q2=0, q3=8, q4=2, q5=4)

    (sent,) = given(ash)
    assert (sent.total, sent.reasons, sent.answers["q3"]) == (None, {"q1": "retired"}, 8)


def test_a_reason_that_the_question_does_not_know_is_no_answer(mine):
    mine.post(PHQ_9, status=422, response_id=uuid4(), **phq_9() | {"q1": "reason:retired"})


def test_it_can_be_printed_before_and_after(mine, ash):
    blank = mine.get(f"{PHQ_9}/print")
    assert blank.text.count("☐ Several days") == 9
    mine.post(PHQ_9, response_id=uuid4(), **totalling(12))

    filled = mine.get(f"{PHQ_9}/{given(ash)[0].id}/print")

    assert "Total 12 out of 27." in filled.text and "☐" not in filled.text
