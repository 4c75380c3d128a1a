"""A score that is reliably worse puts its patient on the review list, never without its answer nor the other way."""

from uuid import uuid4

import pytest

from app.safety import review_actions, review_queries
from app.safety.review_kinds import ReviewKind, ReviewStep
from tests.questionnaires.answers import given, record_of, send, totalling
from tests.statements import Broken, counted, failing_at


def gad_7(total: int) -> dict[str, int]:
    return {f"q{place + 1}": min(3, max(0, total - 3 * place)) for place in range(7)}


def reviews(who) -> list[review_queries.ReviewHistory]:
    with who.working() as work:
        return review_queries.reviews(work, record_of(work, who))


def weekly(who, library, *totals: int, key: str = "phq-9") -> None:
    for total in totals:
        send(who, library, totalling(total) if key == "phq-9" else gad_7(total), key=key)
        who.world.clock.on(days=7)


@pytest.mark.parametrize(
    ("key", "totals", "about"),
    [
        ("phq-9", (10, 16), {"from": "first", "before": 10, "latest": 16}),
        ("phq-9", (17, 8, 12, 14), {"from": "best", "before": 8, "latest": 14}),
        ("gad-7", (8, 12), {"from": "first", "before": 8, "latest": 12}),
        ("gad-7", (15, 5, 9), {"from": "best", "before": 5, "latest": 9}),
    ],
)
def test_a_rise_of_six_or_four_from_the_first_or_the_best_puts_the_patient_on_the_list(
    ash, library, key, totals, about
):
    weekly(ash, library, *totals, key=key)

    (entry,) = reviews(ash)
    assert (entry.kind, entry.closed_at) == (ReviewKind.WORSE, None)
    said = entry.causes[0].about
    assert {name: said[name] for name in about} == about
    assert said["measure"] == key
    assert entry.opened_at == given(ash)[-1].submitted_at


@pytest.mark.parametrize(("key", "totals"), [("phq-9", (10, 15)), ("phq-9", (17, 11, 16)), ("gad-7", (8, 11))])
def test_a_rise_within_the_measures_own_error_puts_nobody_on_the_list(ash, library, key, totals):
    weekly(ash, library, *totals, key=key)

    assert reviews(ash) == []


def test_what_comes_after_is_added_to_the_entry_that_is_open_and_a_better_score_ends_nothing(ash, library):
    weekly(ash, library, 8, 14, 15, 3)

    (entry,) = reviews(ash)
    assert [event.step for event in entry.events] == [ReviewStep.OPENED, ReviewStep.ADDED]
    assert entry.closed_at is None


def test_both_measures_are_on_one_entry(ash, library):
    weekly(ash, library, 8, 14)
    weekly(ash, library, 8, 12, key="gad-7")

    (entry,) = reviews(ash)
    assert [event.about["measure"] for event in entry.causes] == ["phq-9", "gad-7"]


def test_the_same_form_sent_twice_is_on_the_list_once(ash, library):
    weekly(ash, library, 8)
    response_id = uuid4()
    for _ in range(2):
        send(ash, library, totalling(14), response_id=response_id)

    assert len(reviews(ash)[0].events) == 1


def test_after_a_decision_the_next_rise_opens_a_new_entry(ash, robin, library):
    weekly(ash, library, 8, 14)
    decide(robin, ash)
    weekly(ash, library, 15)

    first, second = reviews(ash)
    assert (first.decided.words, first.decided.by) == ("We meet weekly for now.", "Robin Hale")
    assert second.closed_at is None


def decide(who, of):
    with who.working() as work:
        patient = record_of(work, of)
        entry = review_queries.reviews(work, patient)[-1]
        review_actions.record_review(
            work, patient=patient, review_id=entry.id, words="We meet weekly for now.", newest=entry.events[-1].id
        )


def test_whichever_statement_fails_there_is_never_an_answer_without_its_entry(ash, library, bind):
    weekly(ash, library, 8)
    with counted(bind) as sent:
        outer = bind.begin_nested()
        send(ash, library, totalling(14))
        outer.rollback()
    assert len(sent) > 8

    for place in range(1, len(sent) + 1):
        with pytest.raises(Broken), failing_at(bind, place):
            send(ash, library, totalling(14))
        assert (len(given(ash)), len(reviews(ash))) == (1, 0), f"half was kept when statement {place} failed"

    send(ash, library, totalling(14))
    assert (len(given(ash)), len(reviews(ash))) == (2, 1)
