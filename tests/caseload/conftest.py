"""The starter pathway in use, patients on it, and the job that keeps the caseload's summaries."""

import pytest

from app.programme import jobs
from tests import published
from tests.programme.conftest import Course, course

__all__ = ["Course", "course"]


@pytest.fixture
def follow(bind, world):
    """Catch up with all that happened."""
    return lambda: jobs.follow(bind, world.service_id, clock=world.clock, origin="https://braid.example.org")


@pytest.fixture
def pathway(world, library):
    """The starter pathway, taken into use."""
    with world.founding() as work:
        return published.in_use(work, library=library, key="as-it-should-be")
