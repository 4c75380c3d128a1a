"""Staff decide when a patient is asked for a questionnaire, ask for one answer, or take back that they did."""

from datetime import date
from uuid import UUID

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.schedules import Timing
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.questionnaires import schedule_queries
from app.questionnaires.schedule_kinds import Act
from app.questionnaires.schedule_tables import ScheduleDecision


class TreatmentEnded(Conflict):
    title = "Treatment has ended"
    words = "Nobody is asked for questionnaires after their treatment has ended. Nothing was changed."


def change_timing(
    work: Work, *, patient: Patient, id: UUID, instrument: str, timing: Timing, from_on: date, reason: str = ""
) -> None:
    """Ask the patient for a questionnaire at these times from a day on."""
    if _decide(
        work, patient, id=id, act=Act.CHANGED, instrument=instrument, timing=timing, from_on=from_on, reason=reason
    ):
        work.record(
            "questionnaire-schedule.changed",
            patient=patient.id,
            instrument=instrument,
            timing=timing.value,
            decision=id,
        )


def ask_for(
    work: Work, *, patient: Patient, id: UUID, instrument: str, for_on: date | None = None, reason: str = ""
) -> None:
    """Ask the patient for one answer, now or from the beginning of a day."""
    if _decide(work, patient, id=id, act=Act.REQUESTED, instrument=instrument, from_on=for_on, reason=reason):
        work.record("questionnaire.asked-for", patient=patient.id, instrument=instrument, decision=id)


def say_ending(work: Work, *, patient: Patient, id: UUID, reason: str = "") -> None:
    """Say that treatment is ending, so that what is asked at the end is asked now; a second time changes nothing."""
    work.one_at_a_time("questionnaire-schedule", patient.id)
    if any(one.act is Act.ENDING for one in schedule_queries.said(work, patient.id).decided):
        return
    if _decide(work, patient, id=id, act=Act.ENDING, reason=reason):
        work.record("treatment.said-to-be-ending", patient=patient.id, decision=id)


def withdraw(work: Work, *, patient: Patient, decision_id: UUID) -> None:
    """Take back that an answer was asked for, or that treatment is ending; refuses with NotFound what is neither."""
    work.require(Capability.TAILOR_PROGRAMME)
    work.one_at_a_time("questionnaire-schedule", patient.id)
    row = work.session.get(ScheduleDecision, (work.service_id, decision_id))
    if row is None or row.patient_id != patient.id or row.act not in (Act.REQUESTED, Act.ENDING):
        raise NotFound
    if schedule_queries.is_withdrawn(work, decision_id):
        return
    _store(work, patient, act=Act.WITHDRAWN, instrument=row.instrument, withdraws=row.id)
    work.record("questionnaire-decision.withdrawn", patient=patient.id, decision=decision_id)


def _decide(work: Work, patient: Patient, *, id: UUID, **said: object) -> bool:
    """Whether the decision is stored now; the id came with the form, so a double click is one decision."""
    work.require(Capability.TAILOR_PROGRAMME)
    if patient.discharged_at:
        raise TreatmentEnded
    work.one_at_a_time("questionnaire-schedule", patient.id)
    stored = work.session.get(ScheduleDecision, (work.service_id, id))
    if stored is not None:
        if stored.patient_id != patient.id:
            raise NotFound
        return False
    _store(work, patient, id=id, **said)
    return True


def _store(work: Work, patient: Patient, **said: object) -> None:
    work.add(ScheduleDecision(patient_id=patient.id, decided_by=work.actor.id, decided_at=work.now, **said))
