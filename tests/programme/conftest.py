"""A patient with a course: enrolled on the starter pathway, in their browser and through their practitioner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from app.programme import answers, plan_actions, queries
from app.programme.answers import Entry
from app.programme.content import Library
from app.programme.queries import Plan
from tests import published
from tests.client import Client, Page
from tests.people import Somebody, World


@dataclass
class Course:
    """One patient's course, and what a test does in it."""

    who: Somebody
    practitioner: Somebody
    library: Library
    browser: Client

    @property
    def world(self) -> World:
        return self.who.world

    def plan(self) -> Plan:
        return queries.plan(self.who.work(), self.who.patient())

    def state(self, step: str) -> str:
        return self.plan()[step].state.value

    def entries(self) -> list[Entry]:
        return answers.entries(self.who.work(), self.who.patient())

    def staff(self, act: Callable[..., Any], **said: Any) -> None:
        """Something the practitioner does to the plan: `course.staff(plan_actions.waive, step=…)`."""
        self.world.clock.on(minutes=1)
        with self.practitioner.working() as work:
            patient = self.who.patient()
            act(work, patient=patient, plan=queries.plan(work, patient), **said)
        self.world.clock.on(minutes=1)

    def get(self, path: str, *, status: int = 200) -> Page:
        return self.browser.get(path, status=status)

    def post(self, path: str, *, status: int = 303, **fields: Any) -> Page:
        self.world.clock.on(minutes=1)
        return self.browser.post(path, status=status, **fields)

    def save(self, step: str, worksheet: str, *, status: int = 303, **fields: Any) -> Page:
        """Fill in the form as its page has it, and save it."""
        here = self.module(step).page_with(worksheet)
        assert here is not None
        form = self.form(step, here.key, worksheet)
        return self.post(f"/my/steps/{step}/worksheets/{worksheet}", status=status, **{**form, **fields})

    def form(self, step: str, page: str, worksheet: str) -> dict[str, Any]:
        """What the hidden fields of a page's only worksheet carry."""
        found = self.get(f"/my/steps/{step}/pages/{page}").fields
        assert found["worksheet"] == [worksheet]
        return {"entry__id": found["entry-id"][0], "base__version": found["base-version"][0], "on__page": page}

    def module(self, step: str) -> Any:
        return self.library.modules[step]

    def do_online(self, step: str, *, but: tuple[str, ...] = ()) -> None:
        """Do the required work of a step here in the programme, and read to its end."""
        for activity in self.module(step).activities:
            if activity.key not in but and activity.worksheet:
                self.save(step, activity.worksheet, **FILLED[activity.worksheet])
        for page in self.module(step).pages:
            if not any(activity.key in but for activity in self.module(step).activities_of_page(page.key)):
                self.post(f"/my/steps/{step}/pages/{page.key}")


# Enough of each worksheet of the first steps to be saved.
FILLED: dict[str, dict[str, Any]] = {
    "what-i-notice": {"most__trouble": "Waking at four"},
    "my-cycle": {"situation": "Sunday evening, on the sofa"},
    "problem-statement": {"statement": "When the phone rings I do not answer"},
    "first-goals": {"goal": "See Ruth once a week"},
    "activity-log": {"what": "Walked to the canal", "when__day": "2", "when__month": "3", "when__year": "2026"},
    "three-lists": {"start__with": "Feed the cat"},
    "difficulty-ladder": {"what": "Open the post", "difficulty": "3"},
    "weekly-plan": {"day": "tuesday", "part": "morning", "what": "Walk to the shop"},
}


@pytest.fixture
def course(world: World, robin: Somebody, library: Library, clients: Callable[..., Client]) -> Callable[..., Course]:
    """`course(ash)` puts a patient on the starter pathway and signs them in."""
    adopted: dict[str, UUID] = {}

    def begin(who: Somebody, pathway: str = "as-it-should-be") -> Course:
        with world.founding() as work:
            if pathway not in adopted:
                adopted[pathway] = published.in_use(work, library=library, key=pathway).id
            plan_actions.enrol(work, patient_id=who.id, pathway_version_id=adopted[pathway], zone="Europe/London")
        return Course(who, robin, library, clients(who))

    return begin


@pytest.fixture
def at(ash: Somebody) -> Callable[..., str]:
    """The address of a page about Ash, for staff: `at("timeline")`."""
    return lambda path="plan": f"/patients/{ash.id}/{path}"
