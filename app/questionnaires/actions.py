"""A patient answers a questionnaire; an answer to a risk item raises its alert with it."""

from collections.abc import Mapping
from uuid import UUID

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import instruments
from app.clinical.instruments import Instrument
from app.kit import drafts
from app.kit.work import Work
from app.questionnaires.tables import Response
from app.safety import actions as safety
from app.safety.tables import AlertKind


def form_name(instrument: Instrument) -> str:
    """The name a draft of this questionnaire is kept under."""
    return f"questionnaire:{instrument.key}"


def keep_draft(
    work: Work, *, patient: Patient, instrument: Instrument, answers: Mapping[str, int], response_id: UUID
) -> drafts.Kept:
    """Keep what has been answered so far; a risk answer raises its alert already now."""
    work.require(Capability.SUBMIT_QUESTIONNAIRE)
    _tell(work, patient, instrument, answers, response_id)
    return drafts.keep(
        work, form=form_name(instrument), values={"answers": dict(answers), "response_id": str(response_id)}
    )


def submit(
    work: Work, *, patient: Patient, instrument: Instrument, answers: Mapping[str, int], response_id: UUID
) -> Response:
    """Store a whole questionnaire, its score and any alert in one transaction.

    The id came with the form, so a double click or a replay finds the first result.
    """
    work.require(Capability.SUBMIT_QUESTIONNAIRE)
    stored = work.session.get(Response, (work.service_id, response_id))
    if stored is not None and stored.patient_id == patient.id:
        return stored
    score = instruments.score(instrument, answers)
    row = work.add(
        Response(
            id=response_id,
            patient_id=patient.id,
            instrument=instrument.key,
            instrument_version=instrument.version,
            answers=dict(answers),
            total=score.total if score else None,
            band=score.band if score else None,
            submitted_at=work.now,
        )
    )
    work.record("questionnaire.submitted", patient=patient.id, instrument=instrument.key, response=response_id)
    _tell(work, patient, instrument, answers, response_id)
    drafts.drop(work, form=form_name(instrument))
    return row


def _tell(
    work: Work, patient: Patient, instrument: Instrument, answers: Mapping[str, int], response_id: UUID
) -> None:
    for item, value in instruments.risk_answers(instrument, answers).items():
        source = f"{instrument.key}:{item}:{value}:{response_id}"
        safety.raise_alert(work, patient=patient, kind=AlertKind.RISK_ANSWER, source=source)
