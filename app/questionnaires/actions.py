"""A patient answers a questionnaire; an answer to a risk item raises its alert with it."""

from collections.abc import Mapping
from uuid import UUID

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import instruments
from app.clinical.instruments import Instrument
from app.kit import drafts
from app.kit.errors import Forbidden, NotFound, Refused
from app.kit.work import Work
from app.questionnaires import review_actions
from app.questionnaires.tables import Response
from app.safety import actions as safety
from app.safety.tables import AlertKind

DRAFTS = "questionnaire:"


class CourseEnded(Forbidden):
    title = "Your course has ended"
    words = "Questionnaires are closed. Nothing was saved, and nobody will read it. What you sent before is still here."


class Unfinished(Refused):
    title = "Some questions have no answer yet"
    words = "Go back and answer every question before you send it."


def may_answer(work: Work) -> bool:
    """Whether questionnaires are open to the person acting."""
    return Capability.SUBMIT_QUESTIONNAIRE in work.actor.may


def require_open(work: Work) -> None:
    """Refuse with CourseEnded unless questionnaires are open to the person acting."""
    if not may_answer(work):
        raise CourseEnded


def form_name(instrument: Instrument) -> str:
    """The name a draft of this questionnaire is kept under."""
    return f"{DRAFTS}{instrument.key}"


def keep_draft(
    work: Work, *, patient: Patient, instrument: Instrument, answers: Mapping[str, int], response_id: UUID
) -> drafts.Kept | None:
    """Keep what has been answered so far, or nothing where this form was already sent.

    An answer to a risk item raises its alert already now.
    """
    require_open(work)
    # A double click, or an autosave still under way when the form is sent, would otherwise see neither the other's
    # response nor the other's alert, and one of them would fail.
    work.one_at_a_time("questionnaires", patient.id)
    _tell(work, patient, instrument, answers, response_id)
    if _sent(work, patient, instrument, response_id):
        # An autosave that arrives late would otherwise come back as next week's half-filled form.
        return None
    values = {"answers": dict(answers), "response_id": str(response_id)}
    return drafts.keep(work, form=form_name(instrument), values=values)


def submit(
    work: Work, *, patient: Patient, instrument: Instrument, answers: Mapping[str, int], response_id: UUID
) -> Response:
    """Store a whole questionnaire, its score and any alert in one transaction.

    The id came with the form, so a double click or a replay finds the first result.
    """
    require_open(work)
    score = instruments.score(instrument, answers)
    if score is None:
        raise Unfinished
    work.one_at_a_time("questionnaires", patient.id)
    # Told before anything else: an answer that was changed on a form already sent is still an answer.
    _tell(work, patient, instrument, answers, response_id)
    stored = _sent(work, patient, instrument, response_id)
    if stored:
        return stored
    row = work.add(
        Response(
            id=response_id,
            patient_id=patient.id,
            instrument=instrument.key,
            instrument_version=instrument.version,
            answers=dict(answers),
            total=score.total,
            band=score.band,
            submitted_at=work.now,
        )
    )
    work.record("questionnaire.submitted", patient=patient.id, instrument=instrument.key, response=response_id)
    review_actions.review_if_worse(work, patient=patient, instrument=instrument, response=row)
    drafts.drop(work, form=form_name(instrument))
    return row


def _sent(work: Work, patient: Patient, instrument: Instrument, response_id: UUID) -> Response | None:
    """The response this form was already sent as; refuses an id that is another form's or another person's."""
    stored = work.session.get(Response, (work.service_id, response_id))
    if stored and (stored.patient_id, stored.instrument) != (patient.id, instrument.key):
        raise NotFound
    return stored


def _tell(work: Work, patient: Patient, instrument: Instrument, answers: Mapping[str, int], response_id: UUID) -> None:
    for item, value in instruments.risk_answers(instrument, answers).items():
        source = f"{instrument.key}:{item}:{value}:{response_id}"
        safety.raise_alert(work, patient=patient, kind=AlertKind.RISK_ANSWER, source=source)
