"""What staff read of an outcome on the scores page, every question over time, and what a patient never reads."""

from app.questionnaires import item_trends
from tests.questionnaires.answers import given, phq_9, send, totalling
from tests.questionnaires.test_review import gad_7

VERDICTS = ("recover", "reliable", "caseness", "a case", "verdict", "deteriorat")


def test_after_one_measurement_there_is_no_verdict_yet(ash, robin, library, clients):
    send(ash, library, totalling(17))

    page = clients(robin).get(f"/patients/{ash.id}/scores")

    assert "No verdict yet: PHQ-9 was answered once, and GAD-7 was never answered." in page.text
    assert "Case at the start Both together: Yes PHQ-9 at or above its cut-off PHQ-9: Yes 17, 10 or more" in page.text


def test_staff_read_the_outcome_together_and_apart_with_the_numbers_behind(ash, robin, library, clients):
    for total, anxiety in ((17, 13), (9, 7)):
        send(ash, library, totalling(total))
        send(ash, library, gad_7(anxiety), key="gad-7")

    text = clients(robin).get(f"/patients/{ash.id}/scores").text

    assert (
        "Reliable recovery: a case at the start, both measures below their cut-offs now, and reliably better." in text
    )
    assert "Reliable change Both together: Reliably better" in text
    assert "PHQ-9: Reliably better 17 to 9, down 8; 6 is reliable" in text
    assert "GAD-7: Reliably better 13 to 7, down 6; 4 is reliable" in text


def test_measures_that_disagree_are_told_as_mixed(ash, robin, library, clients):
    for total, anxiety in ((16, 8), (10, 12)):
        send(ash, library, totalling(total))
        send(ash, library, gad_7(anxiety), key="gad-7")

    text = clients(robin).get(f"/patients/{ash.id}/scores").text

    assert "The two disagree: PHQ-9 is reliably better (16 to 10, down 6) and GAD-7 is reliably worse" in text
    assert "Mixed PHQ-9 reliably better and GAD-7 reliably worse; counted as no reliable change" in text


def test_the_patient_reads_no_verdict(ash, library, clients):
    for total in (17, 9):
        send(ash, library, totalling(total))

    text = clients(ash).get("/my/questionnaires").text

    assert "Down 8 since last time" in text
    assert not [word for word in VERDICTS if word in text.lower()]


def test_every_question_is_told_over_time_on_one_scale(ash, library):
    for last in (3, 1):
        send(ash, library, phq_9(3, 0, 1, 1, 1, 1, 1, last, 0))
        ash.world.clock.on(days=7)

    items = item_trends.by_item(given(ash), library.instruments["phq-9"])

    assert [one.number for one in items] == list(range(1, 10))
    assert items[7].sentence == "1, several days; 3 at first, down 2."
    assert items[1].sentence == "0, not at all; 0 at first, the same."
    assert items[0].drawn.grid == items[8].drawn.grid
    assert items[0].drawn.dots[0][1] < items[1].drawn.dots[0][1]


def test_a_questionnaire_never_answered_has_no_questions_over_time(library):
    assert item_trends.by_item([], library.instruments["phq-9"]) == []
