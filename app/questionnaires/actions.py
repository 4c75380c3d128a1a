"""A patient answers a questionnaire; an answer to a risk item raises its alert with it."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.instruments import Instrument
from app.kit import drafts
from app.kit.errors import Forbidden
from app.kit.work import Work
from app.questionnaires import sitting_actions
from app.questionnaires.kinds import Paging
from app.questionnaires.sitting_actions import Given, Sitting
from app.questionnaires.tables import Response, SittingPaging

DRAFTS = "questionnaire:"


class CourseEnded(Forbidden):
    title = "Your course has ended"
    words = "Questionnaires are closed. Nothing was saved, and nobody will read it. What you sent before is still here."


def may_answer(work: Work) -> bool:
    """Whether questionnaires are open to the person acting."""
    return Capability.SUBMIT_QUESTIONNAIRE in work.actor.may


def require_open(work: Work) -> None:
    """Refuse with CourseEnded unless questionnaires are open to the person acting."""
    if not may_answer(work):
        raise CourseEnded


def form_name(instrument: Instrument, about: str = "") -> str:
    """The name a draft of this questionnaire is kept under, by the module it is about where there is one."""
    return f"{DRAFTS}{instrument.key}:{about}" if about else f"{DRAFTS}{instrument.key}"


def path_of(form: str) -> str:
    """The address at which the questionnaire of a draft is gone on with."""
    key, _, about = form.removeprefix(DRAFTS).partition(":")
    return f"/my/questionnaires/{key}" + (f"?about={about}" if about else "")


def keep_draft(
    work: Work,
    *,
    patient: Patient,
    instrument: Instrument,
    answers: Mapping[str, int],
    response_id: UUID,
    about: str = "",
    reasons: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
) -> drafts.Kept | None:
    """Keep what has been answered so far, or nothing where this form was already sent."""
    require_open(work)
    sitting = _sitting(instrument, response_id, about)
    return sitting_actions.keep(work, patient, sitting, Given(answers, reasons or {}, words or {}))


def keep_answer(
    work: Work, *, patient: Patient, instrument: Instrument, key: str, given: Given, response_id: UUID, about: str = ""
) -> drafts.Kept | None:
    """Keep the answer to one question beside those kept before, or nothing where this form was already sent."""
    require_open(work)
    return sitting_actions.keep_one(work, patient, _sitting(instrument, response_id, about), key, given)


def submit(
    work: Work,
    *,
    patient: Patient,
    instrument: Instrument,
    answers: Mapping[str, int],
    response_id: UUID,
    about: str = "",
    reasons: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
) -> Response:
    """Store a whole questionnaire, its score and any alert in one transaction."""
    require_open(work)
    sitting = _sitting(instrument, response_id, about)
    return sitting_actions.store(work, patient, sitting, Given(answers, reasons or {}, words or {}))


def choose_paging(work: Work, *, patient: Patient, paging: Paging) -> None:
    """Remember whether the patient answers one question at a time or all on one page."""
    require_open(work)
    row = {"service_id": work.service_id, "person_id": patient.id, "paging": paging, "chosen_at": work.now}
    changed = {name: row[name] for name in ("paging", "chosen_at")}
    work.session.execute(
        insert(SittingPaging)
        .values(row)
        .on_conflict_do_update(index_elements=["service_id", "person_id"], set_=changed)
    )
    work.record("questionnaire.paging-chosen", patient=patient.id, paging=paging.value)


def _sitting(instrument: Instrument, response_id: UUID, about: str) -> Sitting:
    return Sitting(instrument, response_id, form_name(instrument, about), about)
