"""The starter pathway in use, patients on it, and the job that keeps the caseload's summaries."""

import pytest

from app.caseload import jobs as caseload_jobs
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


@pytest.fixture
def stop(bind, world, library):
    """The job that puts those on the review list who stopped answering: `stop("phq-9")` of a service that asks that."""

    def review(*measures):
        asked = {key: library.instruments[key] for key in measures}
        return caseload_jobs.review(bind, world.service_id, clock=world.clock, instruments=asked)

    return review
