"""Two measures in a row that did not come, and when that is so."""

from datetime import date

from app.clinical import missed
from app.clinical.missed import Missed

FIRST = date(2026, 3, 10)
SECOND, THIRD, FOURTH = date(2026, 3, 17), date(2026, 3, 24), date(2026, 3, 31)


def test_one_that_did_not_come_is_not_told_and_two_are():
    assert missed.in_a_row([]) == missed.in_a_row([FIRST]) == []
    assert missed.in_a_row([FIRST, SECOND]) == missed.in_a_row([FIRST, SECOND, THIRD]) == [(FIRST, SECOND)]
    assert missed.in_a_row([FIRST, SECOND, THIRD, FOURTH]) == [(FIRST, SECOND), (THIRD, FOURTH)]


def test_measures_that_were_due_on_the_same_days_are_told_as_one():
    found = missed.together([("phq-9", [FIRST, SECOND]), ("gad-7", [FIRST, SECOND]), ("wsas", [THIRD])])

    assert found == [Missed(("phq-9", "gad-7"), (FIRST, SECOND))]
    assert found[0].since == SECOND


def test_what_was_missed_comes_oldest_first():
    found = missed.together([("phq-9", [SECOND, THIRD]), ("gad-7", [FIRST, SECOND, THIRD, FOURTH])])

    assert [(one.measures, one.since) for one in found] == [
        (("gad-7",), SECOND), (("phq-9",), THIRD), (("gad-7",), FOURTH),
    ]  # fmt: skip
