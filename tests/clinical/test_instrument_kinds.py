"""Instruments that are more than a list of items with one total: WSAS, WAI-SR, goals, the alliance, understanding."""

from itertools import product

import pytest

from app.clinical import instruments
from app.clinical.instruments import Instrument, Kind, Respondent, Score, When
from tests.clinical.shipped import FOLDER, shipped

WSAS_ITEMS = ("q1", "q2", "q3", "q4", "q5")
# As two published descriptions give them; written down here apart from the file.
TASK, BOND, GOAL = (1, 2, 10, 12), (3, 5, 7, 9), (4, 6, 8, 11)


@pytest.mark.parametrize(
    ("points", "total", "band"),
    [
        ((0, 0, 0, 0, 0), 0, "Subclinical"),
        ((1, 2, 3, 2, 1), 9, "Subclinical"),
        ((2, 2, 2, 2, 2), 10, "Significant"),
        ((4, 4, 4, 4, 4), 20, "Significant"),
        ((5, 4, 4, 4, 4), 21, "Moderately severe or worse"),
        ((8, 8, 8, 8, 8), 40, "Moderately severe or worse"),
    ],
)
def test_the_five_answers_of_the_wsas_make_a_total(points, total, band):
    answers = dict(zip(WSAS_ITEMS, points, strict=True))

    assert instruments.score(shipped("wsas"), answers) == Score(total, band)


@pytest.mark.parametrize("reason", ["retired", "no-work"])
@pytest.mark.parametrize("others", [0, 5, 8])
def test_work_that_does_not_apply_is_whole_and_has_no_total(reason, others):
    answers = dict.fromkeys(WSAS_ITEMS[1:], others)

    for without in (answers, answers | {"q1": None}):
        assert instruments.score(shipped("wsas"), without, {"q1": reason}) == Score(None)
        assert instruments.missing(shipped("wsas"), without, {"q1": reason}) == ()


@pytest.mark.parametrize(
    ("answers", "reasons", "missing"),
    [
        ({}, {}, [1, 2, 3, 4, 5]),
        ({"q2": 1, "q3": 1, "q4": 1, "q5": 1}, {}, [1]),
        ({"q2": 1, "q3": 1, "q4": 1}, {"q1": "retired"}, [5]),
        ({"q1": 0, "q2": 0, "q3": 0, "q4": 0, "q5": None}, {}, [5]),
    ],
)
def test_a_wsas_that_is_not_whole_has_no_score_and_says_what_is_missing(answers, reasons, missing):
    assert instruments.score(shipped("wsas"), answers, reasons) is None
    assert [question.number for question in instruments.missing(shipped("wsas"), answers, reasons)] == missing


@pytest.mark.parametrize(
    ("answers", "reasons", "refused"),
    [
        ({}, {"q1": "on-holiday"}, 'does not know "on-holiday" as a reason to leave out "q1"'),
        ({}, {"q2": "retired"}, 'does not know "retired" as a reason to leave out "q2"'),
        ({}, {"q9": "retired"}, 'does not know "retired" as a reason to leave out "q9"'),
        ({"q1": 4}, {"q1": "retired"}, "both an answer and a reason"),
        ({"q1": 9}, {}, "no answer 9"),
    ],
)
def test_reasons_are_only_taken_where_the_wsas_has_them(answers, reasons, refused):
    with pytest.raises(ValueError, match=refused):
        instruments.score(shipped("wsas"), answers, reasons)


def test_each_item_of_the_wai_sr_counts_in_its_part_and_nothing_is_added_up_over_all():
    wai = shipped("wai-sr")
    ones = {f"q{number}": 1 for number in range(1, 13)}

    for number in range(1, 13):
        part = next(key for key, of in {"task": TASK, "bond": BOND, "goal": GOAL}.items() if number in of)
        for points in range(1, 6):
            expected = {"task": 4, "bond": 4, "goal": 4} | {part: 3 + points}
            assert instruments.score(wai, ones | {f"q{number}": points}) == Score(None, None, expected)


@pytest.mark.parametrize(("points", "parts"), [(1, 4), (3, 12), (5, 20)])
def test_the_parts_of_the_wai_sr_run_from_4_to_20(points, parts):
    wai = shipped("wai-sr")

    score = instruments.score(wai, {f"q{number}": points for number in range(1, 13)})

    assert score == Score(None, None, dict.fromkeys(("task", "bond", "goal"), parts))
    assert [(line.key, line.lowest, line.highest) for line in wai.lines] == [
        ("task", 4, 20),
        ("bond", 4, 20),
        ("goal", 4, 20),
    ]
    assert (wai.range, wai.bands, wai.caseness, wai.reliable_change) == (None, (), None, None)


def test_a_wai_sr_with_an_answer_missing_has_no_parts_either():
    answers = {f"q{number}": 3 for number in range(1, 12)}

    assert instruments.score(shipped("wai-sr"), answers) is None


@pytest.mark.parametrize("key", ["wsas", "wai-sr"])
def test_nothing_of_what_others_wrote_is_shipped(key):
    asked = shipped(key)

    assert asked.needs_text
    assert asked.stem == ""
    assert {question.text for question in asked.questions} == {""}
    assert {choice.label for question in asked.questions for choice in question.choices} == {""}
    assert "text:" not in (FOLDER / f"{key}.yaml").read_text().replace("text: local", "")


def test_every_goal_is_rated_by_itself_and_takes_the_place_of_the_item():
    goals = instruments.for_goals(shipped("goals"), [("a1", "Walk to the shop"), ("b2", "Sleep by eleven")])

    assert [question.text for question in goals.questions] == [
        "How near are you to this: Walk to the shop",
        "How near are you to this: Sleep by eleven",
    ]
    assert [(line.key, line.label, line.lowest, line.highest) for line in goals.lines] == [
        ("a1", "Walk to the shop", 0, 10),
        ("b2", "Sleep by eleven", 0, 10),
    ]
    assert instruments.score(goals, {"a1": 0, "b2": 10}) == Score(None, None, {"a1": 0, "b2": 10})
    assert instruments.score(goals, {"a1": 0}) is None
    with pytest.raises(ValueError, match='has no item "goal"'):
        instruments.score(goals, {"goal": 4})


@pytest.mark.parametrize("rating", range(11))
def test_a_goal_has_eleven_ratings_with_words_at_both_ends(rating):
    goals = instruments.for_goals(shipped("goals"), [("a1", "Walk")])
    (question,) = goals.questions

    assert instruments.score(goals, {"a1": rating}).parts == {"a1": rating}
    assert question.kind is Kind.SCALE
    assert [choice.value for choice in question.choices if choice.label] == [0, 10]


def test_no_more_goals_are_asked_about_than_the_instrument_has_room_for():
    four = [(f"g{number}", f"Goal {number}") for number in range(4)]

    assert [question.key for question in instruments.for_goals(shipped("goals"), four).questions] == ["g0", "g1", "g2"]


@pytest.mark.parametrize(("key", "goals"), [("goals", []), ("phq-9", [("a1", "Walk")])])
def test_what_is_not_about_goals_is_not_asked_about_them(key, goals):
    with pytest.raises(ValueError, match=f"{key} cannot be asked of"):
        instruments.for_goals(shipped(key), goals)


def test_the_alliance_has_four_parts_and_every_answer_counts_in_one():
    alliance = shipped("alliance")
    items = [item.key for item in alliance.items]

    for points in product((0, 4), repeat=len(items)):
        answers = dict(zip(items, points, strict=True))
        score = instruments.score(alliance, answers)
        assert score.total is None
        assert score.parts == {
            part: sum(value for key, value in answers.items() if key.startswith(part.removesuffix("s")))
            for part in ("goals", "tasks", "bond", "programme")
        }


def test_the_practitioner_is_asked_the_same_in_words_of_their_own_and_told_who_sees_it():
    alliance = shipped("alliance")
    theirs = instruments.form_for(alliance, Respondent.PRACTITIONER)

    assert alliance.respondents == (Respondent.PATIENT, Respondent.PRACTITIONER)
    assert instruments.form_for(alliance, Respondent.PATIENT) is alliance
    assert [question.key for question in theirs.questions] == [question.key for question in alliance.questions]
    assert not {question.text for question in theirs.questions} & {question.text for question in alliance.questions}
    assert theirs.stem != alliance.stem
    assert "Your practitioner reads your answers before you next meet" in alliance.who_sees
    assert "The patient does not see them in Braid" in theirs.who_sees
    answers = dict.fromkeys((item.key for item in alliance.items), 3)
    assert instruments.score(theirs, answers) == instruments.score(alliance, answers)


def test_an_instrument_for_patients_has_no_form_for_the_practitioner():
    with pytest.raises(ValueError, match="phq-9 has no form for the practitioner"):
        instruments.form_for(shipped("phq-9"), Respondent.PRACTITIONER)


@pytest.mark.parametrize("key", ["alliance", "wai-sr", "understanding", "goals"])
def test_no_cut_off_is_made_up_for_what_has_none(key):
    asked = shipped(key)

    assert (asked.range, asked.bands, asked.caseness, asked.reliable_change, asked.risk_items) == (
        None,
        (),
        None,
        None,
        (),
    )


@pytest.mark.parametrize("key", ["alliance", "wai-sr", "understanding"])
def test_who_sees_the_answers_is_said_before_answering(key):
    assert "Your practitioner reads your answers" in shipped(key).who_sees


def test_the_understanding_check_asks_three_things_and_the_last_in_the_persons_own_words():
    check = shipped("understanding")

    assert [(question.key, question.kind, question.must_be_answered) for question in check.questions] == [
        ("sense", Kind.CHOICE, True),
        ("useful", Kind.CHOICE, True),
        ("unclear", Kind.WORDS, False),
    ]
    assert check.by_key["unclear"].longest == 2000
    assert check.when is When.AFTER_MODULE
    assert instruments.score(check, {"sense": 1, "useful": 3}) == Score(None, None, {"sense": 1, "useful": 3})
    with pytest.raises(ValueError, match='no answer 1 to "unclear"'):
        instruments.score(check, {"sense": 1, "useful": 3, "unclear": 1})


def made(**fields: object) -> Instrument:
    """A small instrument of our own, for what none of the shipped ones has."""
    said = {
        "key": "small",
        "title": "Small",
        "short": "Small",
        "version": "1",
        "minutes": 1,
        "stem": "How is it?",
        "items": [{"key": "a", "text": "A"}, {"key": "b", "text": "B"}],
        "options": [{"value": 0, "label": "No"}, {"value": 1, "label": "A little"}, {"value": 4, "label": "Yes"}],
        "licence": "Ours.",
        "source": "None.",
    }
    return Instrument.model_validate(said | fields)


@pytest.mark.parametrize(("chosen", "points"), [(0, 4), (1, 1), (4, 0)])
def test_a_reversed_item_gives_the_points_of_the_other_end(chosen, points):
    items = [{"key": "a", "text": "A"}, {"key": "b", "text": "B", "reversed": True}]

    small = made(items=items, range={"from": 0, "to": 8})

    assert instruments.score(small, {"a": 0, "b": chosen}) == Score(points)


def test_an_item_may_have_answers_of_its_own():
    scale = {"from": 1, "to": 7, "low": "Never", "high": "Always"}

    small = made(
        items=[{"key": "a", "text": "A"}, {"key": "b", "text": "B", "scale": scale}], range={"from": 1, "to": 11}
    )

    assert [question.kind for question in small.questions] == [Kind.CHOICE, Kind.SCALE]
    assert instruments.score(small, {"a": 4, "b": 7}) == Score(11)
    with pytest.raises(ValueError, match='no answer 7 to "a"'):
        instruments.score(small, {"a": 7, "b": 7})


def test_a_total_without_bands_and_a_total_with_parts_are_both_possible():
    parts = [{"key": "first", "label": "First", "items": ["a"], "range": {"from": 0, "to": 4}}]

    small = made(range={"from": 0, "to": 8}, parts=parts)

    assert instruments.score(small, {"a": 4, "b": 1}) == Score(5, None, {"first": 4})


def test_a_part_whose_item_does_not_apply_is_not_added_up():
    items = [
        {"key": "a", "text": "A", "not_applicable": [{"key": "alone", "label": "I live alone"}]},
        {"key": "b", "text": "B"},
    ]
    parts = [{"key": key, "label": key, "items": [key], "range": {"from": 0, "to": 4}} for key in ("a", "b")]

    small = made(items=items, parts=parts)

    assert instruments.score(small, {"b": 4}, {"a": "alone"}) == Score(None, None, {"b": 4})
