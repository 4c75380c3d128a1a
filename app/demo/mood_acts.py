"""The acts of a story's mood: numbers day by day, and when somebody wants to be asked for them."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any
from uuid import uuid4

from app.accounts.queries import Patient
from app.kit.work import Work
from app.mood import actions, queries, reminder_actions

# Right after what the diaries say, so that the house catches up with all of it at once.
RATED_AT, CHOSEN_AT = "21:14", "21:16"
Told = tuple[int, str, str, dict[str, Any]]


def told(mood: Mapping[str, Any]) -> Iterator[Told]:
    """Each act as written. `numbers` has a sign for each day from `since` on: a digit, X for ten, a dot for none."""
    if "asked" in mood:
        yield mood["since"], CHOSEN_AT, "be-asked", {"times": mood["asked"]}
    notes = dict(mood.get("notes", {}))
    for place, sign in enumerate(mood.get("numbers", "").replace(" ", "")):
        day = mood["since"] + place
        if sign != ".":
            value = 10 if sign == "X" else int(sign)
            yield day, mood.get("at", RATED_AT), "rate", {"value": value, "note": notes.pop(day, "")}
    if notes:
        raise ValueError(f"no number on day {', '.join(map(str, notes))} for the note there")


def rate(work: Work, patient: Patient, *, value: int, note: str) -> None:
    """Give the mood of this moment a number."""
    said = actions.Said(value, queries.scale_of(work), work.now, note=note)
    actions.rate(work, patient=patient, rating_id=uuid4(), said=said)


def be_asked(work: Work, patient: Patient, *, times: list[str]) -> None:
    """Choose when to be asked."""
    reminder_actions.choose_times(work, patient=patient, times=[time.fromisoformat(one) for one in times])
