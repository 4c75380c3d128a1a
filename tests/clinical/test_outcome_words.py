"""What staff read of an outcome: both measures together and each apart, with the numbers behind."""

from itertools import product

import pytest

from app.clinical import outcome_words, outcomes
from app.clinical.outcome_words import Cell, Measured
from app.clinical.outcomes import Disagreement


def phq(*totals: int) -> Measured:
    return Measured("PHQ-9", totals, caseness=10, threshold=6)


def gad(*totals: int) -> Measured:
    return Measured("GAD-7", totals, caseness=8, threshold=4)


def lines(*measured: Measured) -> dict[str, outcome_words.Line]:
    return {line.title: line for line in outcome_words.verdict(*measured).lines}


def sentence(*measured: Measured) -> str:
    return outcome_words.verdict(*measured).sentence


@pytest.mark.parametrize(
    ("depression", "anxiety", "said"),
    [
        (phq(10, 4), gad(7, 7),
         "Reliable recovery: a case at the start, both measures below their cut-offs now, and reliably better."),
        (phq(10, 9), gad(0, 0),
         "Recovered, but not reliably: both are below their cut-offs now. "
         "No reliable change from the first to the latest."),
        (phq(9, 3), gad(7, 7),
         "Not a case at the start on either measure. Reliably better: PHQ-9 9 to 3, down 6."),
        (phq(10, 4), gad(8, 12),
         "Not recovered: GAD-7 at or above its cut-off now. "
         "The two disagree: PHQ-9 is reliably better (10 to 4, down 6) and GAD-7 is reliably worse (8 to 12, up 4). "
         "Together that counts as no reliable change."),
        (phq(0, 9), gad(8, 7),
         "Recovered, but not reliably: both are below their cut-offs now. Reliably worse: PHQ-9 0 to 9, up 9."),
        (phq(18, 12), gad(15, 10),
         "Not recovered: PHQ-9 and GAD-7 at or above their cut-offs now. "
         "Reliably better: PHQ-9 18 to 12, down 6 and GAD-7 15 to 10, down 5."),
    ],
    ids=["reliable recovery", "recovery within the error", "no case", "mixed", "recovered and worse", "better only"],
)  # fmt: skip
def test_the_named_edges_are_told_in_plain_words(depression, anxiety, said):
    assert sentence(depression, anxiety) == said


@pytest.mark.parametrize(
    ("depression", "anxiety", "said"),
    [
        (phq(), gad(), "No verdict yet: PHQ-9 and GAD-7 were never answered."),
        (phq(17), gad(13), "No verdict yet: PHQ-9 and GAD-7 were answered once."),
        (phq(17, 9), gad(13), "No verdict yet: GAD-7 was answered once."),
        (phq(17), gad(), "No verdict yet: PHQ-9 was answered once, and GAD-7 was never answered."),
    ],
)
def test_one_measurement_gives_no_verdict_yet(depression, anxiety, said):
    assert sentence(depression, anxiety) == said
    told = lines(depression, anxiety)
    assert told["Reliable change"].together == told["Recovery"].together == Cell("No verdict yet")
    assert told["Reliable recovery"].together == Cell("No verdict yet")


def test_each_verdict_has_the_numbers_it_rests_on_together_and_apart():
    told = lines(phq(17, 12, 9), gad(13, 11))

    assert told["Case at the start"].together == Cell("Yes", "PHQ-9 and GAD-7 at or above their cut-offs")
    assert told["Case at the start"].apart == (Cell("Yes", "17, 10 or more"), Cell("Yes", "13, 8 or more"))
    assert told["Case now"].together == Cell("Yes", "GAD-7 at or above its cut-off")
    assert told["Case now"].apart == (Cell("No", "9, below 10"), Cell("Yes", "11, 8 or more"))
    assert told["Reliable change"].apart == (
        Cell("Reliably better", "17 to 9, down 8; 6 is reliable"), Cell("None", "13 to 11, down 2; 4 is reliable"),
    )  # fmt: skip
    assert told["Recovery"].together == Cell("No", "GAD-7 at or above its cut-off")
    assert told["Recovery"].apart == (Cell("Yes", "9, below 10"), Cell("No", "11, at or above 8"))
    assert told["Reliable recovery"].apart == (
        Cell("Yes", "down 8; 6 is reliable"), Cell("No", "11, at or above 8"),
    )  # fmt: skip


def test_caseness_at_the_start_is_told_as_soon_as_one_measure_reaches_its_cut_off():
    assert lines(phq(17), gad())["Case at the start"].together == Cell("Yes", "PHQ-9 at or above its cut-off")
    assert lines(phq(3), gad())["Case at the start"].together == Cell("No verdict yet")


def test_measures_that_disagree_are_called_mixed_and_how_they_are_counted():
    mixed = phq(10, 4), gad(8, 12)

    assert lines(*mixed)["Reliable change"].together == Cell(
        "Mixed", "PHQ-9 reliably better and GAD-7 reliably worse; counted as no reliable change"
    )
    both = outcome_words.verdict(*mixed, disagreement=Disagreement.BOTH)
    assert both.lines[2].together.numbers.endswith("; counted as both")
    assert both.sentence.endswith("Together that counts as both.")


def test_the_words_agree_with_the_rules_for_every_pair_of_changes_and_every_side_of_the_cut_offs():
    several = [(0, 0), (0, 9), (9, 3), (9, 15), (10, 4), (10, 9), (10, 10), (10, 16), (20, 9), (20, 12)]
    others = [(0, 0), (3, 7), (7, 2), (7, 11), (8, 4), (8, 7), (8, 8), (8, 12), (15, 7), (15, 10)]

    for mine, theirs in product(several, others):
        depression, anxiety = phq(*mine), gad(*theirs)
        reached = outcomes.outcome(depression.course, anxiety.course)
        told = lines(depression, anxiety)
        assert (told["Case at the start"].together.words == "Yes") is reached.case_at_start
        assert (told["Recovery"].together.words == "Yes") is reached.recovered
        assert (told["Reliable recovery"].together.words == "Yes") is reached.reliably_recovered
        assert (told["Reliable change"].together.words == "Reliably better") is reached.improved
        assert (told["Reliable change"].together.words == "Reliably worse") is reached.deteriorated
