"""Courses on other pathways than the starter one, for tests of what staff decide."""

from app.programme import plan_actions
from tests import published
from tests.programme.conftest import Course


def on_pathway(world, who, practitioner, library, clients, key):
    """A patient put on a pathway of the library, and signed in."""
    with world.founding() as work:
        version = published.in_use(work, library=library, key=key)
        plan_actions.enrol(work, patient_id=who.id, pathway_version_id=version.id, zone="Europe/London")
    return Course(who, practitioner, library, clients(who))


def decisions(course):
    """The decisions on record, oldest first."""
    return [row for row in course.plan().rows if row.source == "decision"]
