"""What the two measures of the outcome rules say of a course, for staff."""

from collections.abc import Mapping, Sequence

from app.clinical import outcome_words
from app.clinical.instruments import Instrument
from app.clinical.outcome_words import Measured, Verdict
from app.questionnaires.queries import Answered

DEPRESSION, ANXIETY = "phq-9", "gad-7"


def verdict(given: Sequence[Answered], instruments: Mapping[str, Instrument]) -> Verdict | None:
    """The outcome so far in words, with the numbers behind; None where the service does not ask both measures."""
    both = [_measured(given, instruments[key]) for key in (DEPRESSION, ANXIETY) if key in instruments]
    depression, anxiety = both if len(both) == 2 else (None, None)
    return outcome_words.verdict(depression, anxiety) if depression and anxiety else None


def _measured(given: Sequence[Answered], instrument: Instrument) -> Measured | None:
    if instrument.caseness is None or instrument.reliable_change is None:
        return None
    totals = tuple(one.total for one in given if one.instrument == instrument.key and one.total is not None)
    return Measured(instrument.short, totals, instrument.caseness, instrument.reliable_change)
