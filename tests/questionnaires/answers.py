"""Answers that tests give: whole ones, by how many points each item gets."""

from uuid import UUID, uuid4

from app.accounts.queries import Patient, patient_within
from app.accounts.roles import Scope
from app.kit.work import Work
from app.programme.content import Library
from app.questionnaires import actions, queries
from app.questionnaires.queries import Answered
from app.questionnaires.tables import Response
from tests.people import Somebody

CALM = (1, 1, 1, 1, 1, 1, 1, 1, 0)
PHQ_9 = "/my/questionnaires/phq-9"


def phq_9(*points: int) -> dict[str, int]:
    """Answers to the PHQ-9's nine items; by default each is "several days" and the last "not at all"."""
    return {f"q{number}": value for number, value in enumerate(points or CALM, start=1)}


RISK = phq_9(0, 0, 0, 0, 0, 0, 0, 0, 1)


def totalling(total: int) -> dict[str, int]:
    """Answers to the PHQ-9 that add up to a total from 0 to 24 with nothing for the last item."""
    return phq_9(*(min(3, max(0, total - 3 * place)) for place in range(8)), 0)


def record_of(work: Work, who: Somebody) -> Patient:
    """This patient's record within a piece of work under way."""
    found = patient_within(work, Scope.SERVICE, who.id)
    assert found is not None
    return found


def send(
    who: Somebody, library: Library, answers: dict[str, int], *, key: str = "phq-9", response_id: UUID | None = None
) -> Response:
    """Send a questionnaire as this patient, committed."""
    with who.working() as work:
        return actions.submit(
            work,
            patient=record_of(work, who),
            instrument=library.instruments[key],
            answers=answers,
            response_id=response_id or uuid4(),
        )


def given(who: Somebody) -> list[Answered]:
    """Everything this patient has sent, oldest first."""
    with who.working() as work:
        return queries.answered(work, record_of(work, who))
