"""Answers that tests give: whole ones, by how many points each item gets."""

from uuid import UUID, uuid4

from app.accounts.queries import Patient
from app.programme.content import Library
from app.questionnaires import actions
from app.questionnaires.tables import Response
from tests.people import Somebody

CALM = (1, 1, 1, 1, 1, 1, 1, 1, 0)
PHQ_9 = "/my/questionnaires/phq-9"


def phq_9(*points: int) -> dict[str, int]:
    """Answers to the PHQ-9's nine items; by default each is "several days" and the last "not at all"."""
    return {f"q{number}": value for number, value in enumerate(points or CALM, start=1)}


def totalling(total: int) -> dict[str, int]:
    """Answers to the PHQ-9 that add up to a total from 0 to 24 with nothing for the last item."""
    return phq_9(*(min(3, max(0, total - 3 * place)) for place in range(8)), 0)


def send(
    who: Somebody, library: Library, answers: dict[str, int], *, key: str = "phq-9", response_id: UUID | None = None
) -> Response:
    """Send a questionnaire as this patient, committed."""
    patient: Patient = who.patient()
    with who.working() as work:
        return actions.submit(
            work,
            patient=patient,
            instrument=library.instruments[key],
            answers=answers,
            response_id=response_id or uuid4(),
        )
