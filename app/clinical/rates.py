"""How many courses of treatment ended how, as rates with their denominators; small numbers are not told."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.clinical.outcomes import Outcome

SMALLEST_TOLD = 5
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Tally:
    """How many of the finished courses ended how, in persons and not rounded."""

    finished: int
    not_case_at_start: int
    recovered: int
    improved: int
    deteriorated: int
    no_reliable_change: int
    reliably_recovered: int

    @property
    def case_at_start(self) -> int:
        """The denominator of recovery: who was no case cannot recover."""
        return self.finished - self.not_case_at_start


@dataclass(frozen=True)
class Rates:
    """Per cent to two decimals; None where the numerator or the denominator is too small to tell."""

    recovery: Decimal | None
    reliable_recovery: Decimal | None
    reliable_improvement: Decimal | None
    reliable_deterioration: Decimal | None
    no_reliable_change: Decimal | None


def tally(finished: Iterable[Outcome]) -> Tally:
    """The outcomes of finished courses, counted. A course with no second score has no outcome and is not among them."""
    every = list(finished)
    return Tally(
        finished=len(every),
        not_case_at_start=sum(not one.case_at_start for one in every),
        recovered=sum(one.recovered for one in every),
        improved=sum(one.improved for one in every),
        deteriorated=sum(one.deteriorated for one in every),
        no_reliable_change=sum(one.no_reliable_change for one in every),
        reliably_recovered=sum(one.reliably_recovered for one in every),
    )


def rates(counted: Tally) -> Rates:
    """The rates of NHS Talking Therapies with their denominators.

    Recovery and reliable recovery are of the finished courses that began as a case; reliable improvement, reliable
    deterioration and no reliable change of all finished ones.
    """
    return Rates(
        recovery=rate(counted.recovered, counted.case_at_start),
        reliable_recovery=rate(counted.reliably_recovered, counted.case_at_start),
        reliable_improvement=rate(counted.improved, counted.finished),
        reliable_deterioration=rate(counted.deteriorated, counted.finished),
        no_reliable_change=rate(counted.no_reliable_change, counted.finished),
    )


def rate(numerator: int, denominator: int) -> Decimal | None:
    """A rate in per cent, half up to two decimals, of counts that are not rounded; None if either is below 5.

    Raises ValueError for counts that cannot be. Source: disclosure control in NHS England’s Talking Therapies SQL.
    """
    if not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator} of {denominator} is no rate")
    if numerator < SMALLEST_TOLD or denominator < SMALLEST_TOLD:
        return None
    return (Decimal(100 * numerator) / denominator).quantize(_HUNDREDTH, ROUND_HALF_UP)


def told(count: int) -> int | None:
    """A count as it may be published: nothing below 5, else to the nearest 5. Raises ValueError below zero.

    Source: as `rate`.
    """
    if count < 0:
        raise ValueError(f"{count} is no count")
    return None if count < SMALLEST_TOLD else (count + 2) // 5 * 5
