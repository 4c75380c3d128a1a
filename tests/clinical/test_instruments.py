"""Every way of answering the PHQ-9 and the GAD-7, against counts worked out apart from this code."""

from collections import Counter
from itertools import product

import pytest

from app.clinical import instruments
from app.clinical.instruments import Instrument, Score
from tests.clinical.shipped import shipped

POINTS = range(4)

PHQ_9_WORDING = (
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or "
    "restless that you have been moving around a lot more than usual",
    "Thoughts that you would be better off dead or of hurting yourself in some way",
)
GAD_7_WORDING = (
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
)
STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
HOW_OFTEN = ["Not at all", "Several days", "More than half the days", "Nearly every day"]


@pytest.fixture(scope="module")
def phq_9() -> Instrument:
    return shipped("phq-9")


@pytest.fixture(scope="module")
def gad_7() -> Instrument:
    return shipped("gad-7")


def answered(asked: Instrument, *points: int) -> dict[str, int]:
    return dict(zip((item.key for item in asked.items), points, strict=True))


def test_the_phq_9_asks_in_its_published_words(phq_9):
    assert phq_9.stem == STEM
    assert tuple(item.text for item in phq_9.items) == PHQ_9_WORDING
    assert [option.label for option in phq_9.options] == HOW_OFTEN
    assert [option.value for option in phq_9.options] == [0, 1, 2, 3]


def test_the_gad_7_asks_in_its_published_words(gad_7):
    assert gad_7.stem == STEM
    assert tuple(item.text for item in gad_7.items) == GAD_7_WORDING
    assert [option.label for option in gad_7.options] == HOW_OFTEN
    assert [option.value for option in gad_7.options] == [0, 1, 2, 3]


def test_the_cut_offs_are_those_of_nhs_talking_therapies(phq_9, gad_7):
    assert (phq_9.caseness, phq_9.reliable_change) == (10, 6)
    assert (gad_7.caseness, gad_7.reliable_change) == (8, 4)


def test_the_last_question_of_the_phq_9_is_the_only_risk_item(phq_9, gad_7):
    assert phq_9.risk_items == ("q9",)
    assert gad_7.risk_items == ()


def test_every_pattern_of_the_phq_9_falls_in_the_band_it_should(phq_9):
    totals = Counter(instruments.total(points) for points in product(POINTS, repeat=9))

    assert totals.total() == 262_144
    assert in_bands(phq_9, totals) == {
        "Minimal": 706,
        "Mild": 30_256,
        "Moderate": 130_386,
        "Moderately severe": 91_336,
        "Severe": 9_460,
    }


def test_every_pattern_of_the_gad_7_is_scored_and_falls_in_the_band_it_should(gad_7):
    patterns = [answered(gad_7, *points) for points in product(POINTS, repeat=7)]
    scores = [instruments.score(gad_7, answers) for answers in patterns]

    assert [score.total for score in scores] == [sum(answers.values()) for answers in patterns]
    assert Counter(score.band for score in scores) == {
        "Minimal": 323,
        "Mild": 5_741,
        "Moderate": 8_856,
        "Severe": 1_464,
    }
    assert sum(score.total >= gad_7.caseness for score in scores) == 13_792


def test_the_risk_item_is_seen_in_every_pattern_that_has_it_even_with_a_total_below_caseness(phq_9):
    seen, below_caseness = 0, 0

    for points in product(POINTS, repeat=8):
        answers, before = answered(phq_9, *points, 0), instruments.total(points)
        for last in POINTS:
            # One answer is changed in place: 262,144 sets of answers made anew would take most of the time.
            answers["q9"] = last
            risk = instruments.risk_answers(phq_9, answers)
            assert risk == ({"q9": last} if last else {})
            seen += bool(risk)
            below_caseness += bool(risk) and before + last < phq_9.caseness

    assert seen == 196_608
    assert below_caseness == 16_696


@pytest.mark.parametrize("total", range(28))
def test_score_and_band_agree_at_every_total_of_the_phq_9(phq_9, total):
    threes, rest = divmod(total, 3)
    points = [3] * threes + [rest] * (threes < 9) + [0] * (8 - threes)

    score = instruments.score(phq_9, answered(phq_9, *points))

    assert score == Score(total, instruments.band_of(phq_9, total).label)


@pytest.mark.parametrize("total", [-1, 28])
def test_a_total_nobody_can_reach_has_no_band(phq_9, total):
    with pytest.raises(ValueError, match=f"phq-9 has no total of {total}"):
        instruments.band_of(phq_9, total)


@pytest.mark.parametrize("missing", [f"q{number}" for number in range(1, 10)])
def test_a_questionnaire_with_one_answer_missing_has_no_score(phq_9, missing):
    answers = answered(phq_9, *[2] * 9)

    without = {key: value for key, value in answers.items() if key != missing}

    assert instruments.score(phq_9, without) is None
    assert instruments.score(phq_9, answers | {missing: None}) is None


def test_a_draft_with_a_risk_answer_has_no_score_and_is_still_seen(phq_9):
    draft = {"q1": 1, "q9": 1}

    assert instruments.score(phq_9, draft) is None
    assert instruments.risk_answers(phq_9, draft) == {"q9": 1}


@pytest.mark.parametrize("draft", [{}, {"q9": 0}, {"q9": None}, {"q1": 3}])
def test_no_risk_answer_is_made_up(phq_9, draft):
    assert instruments.risk_answers(phq_9, draft) == {}


def test_a_risk_answer_is_seen_among_answers_that_cannot_be_scored(phq_9):
    assert instruments.risk_answers(phq_9, {"q1": 9, "q10": 1, "q9": 3}) == {"q9": 3}


def test_the_question_about_difficulty_adds_nothing_and_may_be_left_out(phq_9):
    answers = answered(phq_9, *[1] * 9)

    assert instruments.score(phq_9, answers | {"difficulty": 3}) == Score(9, "Mild")
    assert instruments.score(phq_9, answers) == Score(9, "Mild")


@pytest.mark.parametrize("value", [-1, 4, True, 1.0, "1"])
def test_points_that_no_option_gives_are_refused(phq_9, value):
    with pytest.raises(ValueError, match=r'phq-9 has no answer .* to "q4"'):
        instruments.score(phq_9, answered(phq_9, *[0] * 9) | {"q4": value})


def test_an_answer_to_a_question_nobody_asked_is_refused(gad_7):
    with pytest.raises(ValueError, match='gad-7 has no item "q8"'):
        instruments.score(gad_7, answered(gad_7, *[0] * 7) | {"q8": 0})


def test_points_the_difficulty_question_does_not_have_are_refused(phq_9):
    with pytest.raises(ValueError, match='phq-9 has no answer 4 to "difficulty"'):
        instruments.score(phq_9, {"difficulty": 4})


def in_bands(asked: Instrument, totals: Counter[int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for total, patterns in totals.items():
        counts[instruments.band_of(asked, total).label] += patterns
    return counts
