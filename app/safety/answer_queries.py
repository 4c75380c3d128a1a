"""What was answered that raised an alert, and how the person who answered can be reached."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument
from app.safety.alert_history import AlertHistory, Event


@dataclass(frozen=True)
class GivenAnswer:
    """An answer that raised an alert, in the questionnaire's own words and nobody's reading of it."""

    at: datetime
    questionnaire: str
    number: int
    question: str
    words: str
    points: int
    highest: int
    stem: str


@dataclass(frozen=True)
class Reach:
    """How somebody wants to be contacted; `number` is a telephone number within it, `dial` as a phone dials it."""

    words: str
    number: str
    dial: str


def answers_given(history: AlertHistory, instruments: Mapping[str, Instrument]) -> list[GivenAnswer]:
    """The answers behind an alert as they were given to a questionnaire the service still has, newest first."""
    return [_given(event, instruments) for event in history.answers if event.source.partition(":")[0] in instruments]


def _given(event: Event, instruments: Mapping[str, Instrument]) -> GivenAnswer:
    # The source is written by whoever asks the questions: instrument, item, points and the response they are in.
    key, item, points, _ = event.source.split(":", 3)
    asked = instruments[key]
    question = asked.by_key[item]
    words = next(choice.label for choice in question.choices if choice.value == int(points))
    highest = question.choices[-1].value
    return GivenAnswer(
        event.at, asked.short, question.number or 0, question.text, words, int(points), highest, asked.stem
    )


def asked_in(source: str, instruments: Mapping[str, Instrument]) -> str:
    """Which question of which measure a source is, such as “PHQ-9, question 9”."""
    key, _, rest = source.partition(":")
    if key not in instruments:
        return "A question"
    return f"{instruments[key].short}, question {instruments[key].by_key[rest.partition(':')[0]].number}"


_NUMBER = re.compile(r"(?:\+|\b0)[\d ()-]{8,}\d")


def reach(patient: Patient) -> Reach:
    """How to contact a patient, from their contact note."""
    found = _NUMBER.search(patient.contact_note)
    number = found.group() if found else ""
    return Reach(patient.contact_note, number, re.sub(r"[^+\d]", "", number))
