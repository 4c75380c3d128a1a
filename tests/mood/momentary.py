"""A patient who is asked short questions at three times of day, through the product's own actions."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from app import scheduler
from app.clinical.momentary import Compliance, Standing, Withheld
from app.clinical.momentary_protocols import Protocol, Purpose
from app.mood import momentary_actions as actions
from app.mood import momentary_jobs as jobs
from app.mood import momentary_queries as queries
from app.mood.momentary_queries import Assigned, Prompted
from app.notifications import dispatch_jobs
from tests.people import Somebody

MARCH_4 = date(2026, 3, 4)
MOOD = {"key": "mood", "type": "scale-0-10", "short": "Mood", "label": "How is it now?", "low": "low", "high": "good"}
THREE = {
    "key": "three",
    "title": "Three times",
    "version": "2",
    "for": ["start", "period"],
    "days": 2,
    "expires_after": 60,
    "late": "accept-as-late",
    "windows": [
        {"key": "morning", "label": "Morning", "at": "09:00"},
        {"key": "noon", "label": "Noon", "at": "13:00"},
        {"key": "evening", "label": "Evening", "at": "18:00"},
    ],
    "items": [
        MOOD,
        {"key": "say", "type": "long-text", "short": "In words", "label": "Anything else?", "required": False},
    ],
    "licence": "ours",
    "source": "ours",
}


@dataclass
class Moments:
    """One patient's prompts, and what a test does with them."""

    who: Somebody
    by: Somebody

    def assign(self, *, first_on=MARCH_4, days=2, purpose=Purpose.START, assignment_id=None, **more) -> Assigned:
        with self.by.working() as work:
            return actions.assign(
                work,
                patient=self.who.patient(),
                assignment_id=assignment_id or uuid4(),
                protocol=Protocol.model_validate(THREE | more),
                purpose=purpose,
                first_on=first_on,
                days=days,
            )

    def end(self, reason="They go on holiday.") -> None:
        with self.by.working() as work:
            patient = self.who.patient()
            actions.end_early(work, patient=patient, assigned=queries.assignments(work, patient)[0], reason=reason)

    def answer(self, prompt_id: UUID, mood=5, *, waited=0, **more) -> Standing:
        with self.who.working() as work:
            patient = self.who.patient()
            asking = queries.asking(work, patient, prompt_id)
            return actions.answer(work, patient=patient, asking=asking, answers={"mood": mood, **more}, waited=waited)

    def go(self, at) -> None:
        """What the scheduler does at a moment."""
        world = self.who.world
        world.clock.now = at
        jobs.ask(world.bind, world.service_id, clock=world.clock)
        dispatch_jobs.dispatch(
            world.bind, world.service_id, clock=world.clock, senders={}, still=scheduler.STILL_WANTED
        )

    def plan(self) -> int:
        world = self.who.world
        return jobs.plan(world.bind, world.service_id, clock=world.clock)

    def assigned(self) -> list[Assigned]:
        return queries.assignments(self.who.work(), self.who.patient())

    def all(self) -> list[Prompted]:
        work = self.who.work()
        return [one for each in queries.assignments(work, self.who.patient()) for one in queries.prompts(work, each)]

    def standings(self) -> list[Standing]:
        return [one.standing(self.who.world.clock.now) for one in self.all()]

    def withheld(self) -> list[Withheld | None]:
        return [one.why_withheld(self.who.world.clock.now) for one in self.all()]

    def compliance(self) -> Compliance:
        return queries.compliance(self.all(), self.who.world.clock.now)
