"""Rates of outcomes: each with its own denominator, the nation's own figures, and nothing told of a few."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical import rates
from app.clinical.outcomes import Outcome
from app.clinical.rates import Tally


def finished(recovered: bool = False, improved: bool = False, *, case: bool = True, worse: bool = False) -> Outcome:
    return Outcome(case, recovered, improved, worse)


# NHS Talking Therapies, England, April 2025. What the check does not need is left at zero.
APRIL_2025 = Tally(
    finished=57_359,
    not_case_at_start=57_359 - 54_672,
    recovered=0,
    improved=0,
    deteriorated=0,
    no_reliable_change=0,
    reliably_recovered=26_457,
)


def test_the_nations_reliable_recovery_comes_out_as_it_was_published():
    assert APRIL_2025.case_at_start == 54_672
    assert rates.rates(APRIL_2025).reliable_recovery == Decimal("48.39")
    assert f"{rates.rates(APRIL_2025).reliable_recovery:.1f}" == "48.4"


def test_recovery_is_of_those_who_began_as_a_case_and_change_is_of_everybody():
    cases = [finished(True, True)] * 10 + [finished(True, False)] * 5 + [finished(False, False, worse=True)] * 5
    others = [finished(False, True, case=False)] * 20

    counted = rates.tally([*cases, *others])

    assert (counted.finished, counted.case_at_start) == (40, 20)
    assert rates.rates(counted) == rates.Rates(
        recovery=Decimal("75.00"),
        reliable_recovery=Decimal("50.00"),
        reliable_improvement=Decimal("75.00"),
        reliable_deterioration=Decimal("12.50"),
        no_reliable_change=Decimal("12.50"),
    )


def test_no_finished_course_gives_no_rate():
    assert set(vars(rates.rates(rates.tally([]))).values()) == {None}


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate"),
    [
        (4, 400, None),
        (5, 400, "1.25"),
        (4, 4, None),
        (5, 5, "100.00"),
        (0, 400, None),
        (5, 600, "0.83"),
        (7, 800, "0.88"),
    ],
)
def test_a_rate_of_fewer_than_five_is_not_told(numerator, denominator, rate):
    assert rates.rate(numerator, denominator) == (None if rate is None else Decimal(rate))


@pytest.mark.parametrize(("numerator", "denominator"), [(6, 5), (-1, 5)])
def test_counts_that_cannot_be_are_refused(numerator, denominator):
    with pytest.raises(ValueError, match="is no rate"):
        rates.rate(numerator, denominator)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (26_457, 26_455), (57_359, 57_360)],
)
def test_a_count_is_told_to_the_nearest_five_and_a_small_one_not_at_all(count, told):
    assert rates.told(count) == told


@given(st.integers(5, 10**6))
def test_a_count_that_is_told_is_never_more_than_two_away(count):
    told = rates.told(count)
    assert told is not None and told % 5 == 0 and abs(told - count) <= 2


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="-1 is no count"):
        rates.told(-1)
