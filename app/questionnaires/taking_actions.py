"""Staff record a questionnaire they took from a patient, or their own view; a risk answer alerts as any other does."""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.instruments import Instrument, Respondent
from app.kit import drafts
from app.kit.errors import Conflict
from app.kit.work import Work
from app.questionnaires import sitting_actions
from app.questionnaires.kinds import Way
from app.questionnaires.sitting_actions import Given, Sitting
from app.questionnaires.tables import Response


class Discharged(Conflict):
    title = "Their course has ended"
    words = "Questionnaires are closed. Nothing was saved. What was recorded before is still on the scores page."


@dataclass(frozen=True)
class Taking:
    """Which questionnaire staff fill in, about which module, and in whose place."""

    instrument: Instrument
    respondent: Respondent
    about: str = ""


def require_open(work: Work, patient: Patient) -> None:
    """Refuse unless whoever acts may record questionnaires and the patient's course goes on."""
    work.require(Capability.RECORD_QUESTIONNAIRE)
    if patient.discharged_at:
        raise Discharged


def form_name(patient: Patient, taking: Taking) -> str:
    """The name that a draft is kept under: by the patient too, as one member of staff has several."""
    return ":".join(("taking", str(patient.id), taking.instrument.key, taking.respondent.value, taking.about))


def keep_draft(
    work: Work, *, patient: Patient, taking: Taking, given: Given, way: Way, response_id: UUID
) -> drafts.Kept | None:
    """Keep what has been answered so far, or nothing where this form was already sent."""
    require_open(work, patient)
    return sitting_actions.keep(work, patient, _sitting(work, patient, taking, way, response_id), given)


def record(work: Work, *, patient: Patient, taking: Taking, given: Given, way: Way, response_id: UUID) -> Response:
    """Store a whole questionnaire with how it was taken and by whom, its score and any alert in one transaction."""
    require_open(work, patient)
    return sitting_actions.store(work, patient, _sitting(work, patient, taking, way, response_id), given)


def _sitting(work: Work, patient: Patient, taking: Taking, way: Way, response_id: UUID) -> Sitting:
    return Sitting(
        taking.instrument,
        response_id,
        form_name(patient, taking),
        about=taking.about,
        respondent=taking.respondent,
        way=way,
        taken_by=work.actor.id,
    )
