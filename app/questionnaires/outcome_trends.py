"""What the two measures of the outcome rules say of a course, for staff."""

from collections.abc import Mapping, Sequence

from app.clinical import outcome_words
from app.clinical.instruments import Instrument
from app.clinical.outcome_words import Measured, Verdict
from app.questionnaires.queries import Answered

DEPRESSION, ANXIETY = "phq-9", "gad-7"


def verdict(given: Sequence[Answered], instruments: Mapping[str, Instrument]) -> Verdict | None:
    """The outcome so far in words, with the numbers behind; None where the service does not ask both measures."""
    if DEPRESSION not in instruments or ANXIETY not in instruments:
        return None
    return outcome_words.verdict(_measured(given, instruments[DEPRESSION]), _measured(given, instruments[ANXIETY]))


def _measured(given: Sequence[Answered], instrument: Instrument) -> Measured:
    totals = tuple(one.total for one in given if one.instrument == instrument.key and one.total is not None)
    return Measured(instrument.short, totals, instrument.caseness, instrument.reliable_change)
