"""All that happened about an alert, and what follows from it: who has read what, and what was last done."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.clinical.standing_in import Through
from app.safety.kinds import AlertStep

ANSWERS = (AlertStep.RAISED, AlertStep.ANSWERED_AGAIN)
NO_ACTS = (AlertStep.SEEN, AlertStep.CLIMBED, AlertStep.PASSED_ON)


@dataclass(frozen=True)
class Owned:
    """Whose an alert is, through what, and `because`: what keeps the patient’s own practitioner from it, in words.

    `name` is empty, and `id` None, only where the service has nobody left.
    """

    id: UUID | None
    name: str
    given_name: str
    through: Through | None
    because: str


@dataclass(frozen=True)
class Event:
    """One thing that happened about an alert."""

    id: UUID
    step: AlertStep
    at: datetime
    by_id: UUID | None
    by: str
    words: str
    next_at: datetime | None
    source: str
    about: UUID | None


@dataclass(frozen=True)
class AlertHistory:
    """An alert with everything that was done about it, oldest first."""

    id: UUID
    patient_id: UUID
    raised_at: datetime
    closed_at: datetime | None
    owned: Owned
    events: list[Event]

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.owned.name

    @property
    def owner_id(self) -> UUID | None:
        return self.owned.id

    @property
    def answers(self) -> list[Event]:
        """The answers behind it, newest first."""
        return [event for event in reversed(self.events) if event.step in ANSWERS]

    @property
    def since_answered(self) -> list[Event]:
        """What staff have done since the newest answer."""
        latest = max(place for place, event in enumerate(self.events) if event.step in ANSWERS)
        return self.events[latest + 1 :]

    @property
    def read(self) -> Event | None:
        """When and by whom the newest answer was first read, if it was."""
        newest = self.answers[0].id
        return next((one for one in self.events if one.step is AlertStep.SEEN and one.about == newest), None)

    @property
    def unread_since(self) -> datetime | None:
        """When the oldest answer that nobody has looked at was given, None where all were looked at."""
        seen = {event.about for event in self.events if event.step is AlertStep.SEEN}
        unread = None
        for answer in self.answers:
            if answer.id in seen:
                break
            unread = answer.at
        return unread

    @property
    def last_act(self) -> Event | None:
        """What staff did last since the newest answer, looking aside."""
        acts = [event for event in self.since_answered if event.step not in (*NO_ACTS, AlertStep.CLOSED)]
        return acts[-1] if acts else None

    @property
    def next_at(self) -> datetime | None:
        """When somebody is to be tried again, where the last thing done was to try."""
        return self.last_act.next_at if self.last_act else None

    def seen_by(self, person_id: UUID | None) -> bool:
        """Whether this person was shown the newest answer."""
        newest = self.answers[0].id
        return any(one.step is AlertStep.SEEN and one.by_id == person_id and one.about == newest for one in self.events)
