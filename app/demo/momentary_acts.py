"""The acts of a story's short questions: they are assigned, and answered so long after each came."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from app.accounts.queries import Patient
from app.clinical import momentary
from app.clinical.momentary_protocols import Protocol, Purpose
from app.demo.stories import ZONE, Act, Story, at_work, on_day
from app.kit.work import Work
from app.mood import momentary_actions as actions
from app.mood import momentary_queries as queries

ASSIGNED_AT = "09:40"
ASSIGN, ANSWER = "assign-short-questions", "answer-short-question"


def told(story: Story, protocols: Mapping[str, Protocol], now: datetime) -> Iterator[Act]:
    """Each act as written. `given` has a line for each prompt: minutes after it came, and its answers in their order.

    An empty line is one that ran out. Their times are those that the house draws too.
    """
    if not story.momentary:
        return
    asked = story.momentary
    protocol = protocols[asked["protocol"]]
    assigned_at = on_day(asked["assigned"], ASSIGNED_AT, now=now)
    first_on, days = assigned_at.date() + timedelta(days=1), asked.get("days", protocol.days)
    said = {"protocol": protocol, "purpose": Purpose(asked["purpose"]), "first_on": first_on, "days": days}
    yield Act(at_work(assigned_at), ASSIGN, story.practitioner, story, said)
    drawn = momentary.draw(protocol, str(_id(story.email)), first_on, days)
    times = momentary.times(protocol, drawn, ZONE)
    for one, due, line in zip(drawn, times, asked["given"], strict=False):
        if line:
            minutes, *values = line.split()
            items = protocol.asked_in(one.window)
            answers = {item.key: _value(item, value) for item, value in zip(items, values, strict=True)}
            at = due.due_at + timedelta(minutes=int(minutes))
            if at <= now:
                yield Act(at, ANSWER, story.name, story, {"answers": answers})


def _value(item: object, value: str) -> int | str:
    return value if getattr(item, "type", "") == "one-of" else int(value)


def _id(email: str) -> UUID:
    """The same each time the story is played, so that its times are too."""
    return uuid5(NAMESPACE_URL, f"momentary:{email}")


def assign(work: Work, patient: Patient, **said: Any) -> None:
    """Assign the protocol."""
    actions.assign(work, patient=patient, assignment_id=_id(patient.email), **said)


def answer(work: Work, patient: Patient, *, answers: dict[str, Any]) -> None:
    """Answer the prompt that can be answered now."""
    asking = queries.open_now(work, patient)
    if asking is None:
        raise ValueError(f"{patient.name} is asked nothing at {work.now}")
    actions.show(work, patient=patient, asking=asking)
    actions.answer(work, patient=patient, asking=asking, answers=answers)
