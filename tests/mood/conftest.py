"""A patient who gives their mood a number, through the product's own actions."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID, uuid4

import pytest

from app.clinical.mood import Scale
from app.clinical.planning import When
from app.clinical.recurrence import Freq, Rule
from app.diary import log_actions, plan_actions, plan_queries
from app.diary.kinds import Outcome
from app.diary.plan_actions import About
from app.mood import actions, queries
from app.mood.queries import Mood, Rating
from tests.mood.momentary import Moments
from tests.people import Somebody


@dataclass
class Feelings:
    """One patient's numbers, and what a test does with them."""

    who: Somebody

    def say(self, value, *, felt_at=None, rating_id=None, low=0, instead_of=None, **more) -> Rating:
        with self.who.working() as work:
            said = actions.Said(value, Scale(low), felt_at or work.now, **more)
            ids = {"patient": self.who.patient(), "rating_id": rating_id or uuid4()}
            if instead_of is None:
                return actions.rate(work, **ids, said=said)
            return actions.correct(work, **ids, said=said, instead_of=instead_of)

    def take_back(self, rating_id: UUID) -> None:
        with self.who.working() as work:
            actions.withdraw(work, patient=self.who.patient(), rating_id=rating_id)

    def all(self, first=date(2026, 1, 1), last=date(2026, 12, 31)) -> list[Mood]:
        return queries.moods(self.who.work(), self.who.patient(), first, last)

    def values(self) -> list[int]:
        return [one.value for one in self.all()]

    def walk(self, title="Walk the dog", on=date(2026, 3, 2), at=time(9), minutes=30) -> UUID:
        """A walk every day from a day on."""
        series_id = uuid4()
        with self.who.working() as work:
            when = When(on, Rule(freq=Freq.DAILY), at, minutes)
            plan_actions.plan_activity(
                work, patient=self.who.patient(), series_id=series_id, about=About(title), when=when
            )
        return series_id

    def went(self, series_id, on, outcome=Outcome.DONE, **said) -> UUID:
        """What became of it."""
        patient, log_id = self.who.patient(), uuid4()
        activity = plan_queries.activity(self.who.work(), patient, series_id)
        with self.who.working() as work:
            log_actions.log_occurrence(
                work,
                patient=patient,
                activity=activity,
                occurrence=activity.occurrence(on),
                log_id=log_id,
                said=log_actions.Said(outcome, **said),
            )
        return log_id


@pytest.fixture
def feelings(ash: Somebody) -> Feelings:
    return Feelings(ash)


@pytest.fixture
def moments(ash: Somebody, robin: Somebody) -> Moments:
    return Moments(ash, robin)
