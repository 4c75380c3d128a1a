"""What a patient does in the programme: start, move on, write, ask for a step, do homework."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.containers import Log, Worksheet
from app.clinical.modules import Module, Page
from app.clinical.sequencing.standing import Standing
from app.kit import drafts
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.programme import answers
from app.programme.tables import Answer, Evidence, Homework, ModuleStart, ModuleVersion


class NewerVersion(Conflict):
    """Somebody, most likely the same person in another tab, saved this entry since the page was made."""

    title = "You have changed this somewhere else"
    words = "Both versions are here. Choose which words to keep."

    def __init__(self, saved: Answer) -> None:
        super().__init__()
        self.saved = saved


def start_step(work: Work, *, patient: Patient, standing: Standing, module: Module | None) -> None:
    """Begin a step; its module's text is pinned as it reads today. Beginning twice changes nothing."""
    work.require(Capability.WRITE_WORDS)
    if module is not None:
        _pin(work, patient, module)
    if standing.seen.work(standing.step).started_at is None:
        _note(work, patient, kind="step-opened", step=standing.step)
        work.record("step.started", patient=patient.id, step=standing.step)


def _pin(work: Work, patient: Patient, module: Module) -> None:
    work.session.execute(
        insert(ModuleVersion)
        .values(
            service_id=work.service_id,
            module=module.key,
            hash=module.content_hash,
            version=module.version,
            body=module.model_dump(mode="json", by_alias=True),
            kept_at=work.now,
        )
        .on_conflict_do_nothing()
    )
    started = work.session.execute(
        insert(ModuleStart)
        .values(
            service_id=work.service_id,
            patient_id=patient.id,
            module=module.key,
            hash=module.content_hash,
            started_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(ModuleStart.module)
    ).first()
    work.record("module.pinned", patient=patient.id, module=module.key, new=started is not None)


def move_on(work: Work, *, patient: Patient, standing: Standing, module: Module, page: Page) -> None:
    """Move on from a page; the work it asked for is done with it."""
    work.require(Capability.WRITE_WORDS)
    _note(work, patient, kind="page-passed", step=standing.step, page=page.key)
    work.record("page.passed", patient=patient.id, step=standing.step, page=page.key)
    for activity in module.activities_of_page(page.key):
        _activity_done(work, patient, standing, activity.key)


def save_entry(
    work: Work,
    *,
    patient: Patient,
    standing: Standing,
    module: Module,
    worksheet: Worksheet,
    entry_id: UUID,
    base: int,
    values: dict[str, Any],
) -> Answer:
    """Add a version of an entry. A save begun from an older version than the newest is refused, both kept.

    The same words again, by a double click or a replay, change nothing.
    """
    work.require(Capability.WRITE_WORDS)
    newest = answers.latest(work, patient, entry_id)
    if newest is not None and newest.values == values:
        drafts.drop(work, form=draft_name(module, worksheet, entry_id))
        return newest
    if newest is not None and newest.version > base:
        raise NewerVersion(newest)
    row = work.add(
        Answer(
            patient_id=patient.id,
            module=module.key,
            module_hash=module.content_hash,
            worksheet=worksheet.key,
            entry_id=entry_id,
            version=(newest.version if newest else 0) + 1,
            values=values,
            saved_at=work.now,
        )
    )
    work.record("worksheet.saved", patient=patient.id, worksheet=worksheet.key, entry=entry_id, version=row.version)
    drafts.drop(work, form=draft_name(module, worksheet, entry_id))
    for activity in module.activities_of_worksheet(worksheet.key):
        _activity_done(work, patient, standing, activity.key)
    if isinstance(worksheet, Log) and newest is None:
        for technique in module.techniques:
            _note(work, patient, kind="technique-practised", step=standing.step, technique=technique)
    return row


def take_back_entry(work: Work, *, patient: Patient, entry_id: UUID) -> Answer:
    """Take an entry off its list. What was written stays in its earlier versions and can be put back."""
    work.require(Capability.WRITE_WORDS)
    return _next_version(work, patient, entry_id, values=None, event="worksheet.taken-back")


def put_back_entry(work: Work, *, patient: Patient, entry_id: UUID) -> Answer:
    """Put an entry back as it was before it was taken off."""
    work.require(Capability.WRITE_WORDS)
    before = [one for one in answers.versions(work, patient, entry_id) if one.values]
    if not before:
        raise NotFound
    return _next_version(work, patient, entry_id, values=before[-1].values, event="worksheet.put-back")


def _next_version(work: Work, patient: Patient, entry_id: UUID, *, values: dict[str, Any] | None, event: str) -> Answer:
    newest = answers.latest(work, patient, entry_id)
    if newest is None:
        raise NotFound
    if (newest.values is None) == (values is None):
        return newest
    row = work.add(
        Answer(
            patient_id=patient.id,
            module=newest.module,
            module_hash=newest.module_hash,
            worksheet=newest.worksheet,
            entry_id=entry_id,
            version=newest.version + 1,
            values=values,
            saved_at=work.now,
        )
    )
    work.record(event, patient=patient.id, worksheet=newest.worksheet, entry=entry_id)
    return row


def draft_name(module: Module, worksheet: Worksheet, entry_id: UUID) -> str:
    """The name the draft of an entry is kept under. A new log entry's id is made with its page."""
    if answers.has_one_entry(worksheet):
        return f"answer:{module.key}/{worksheet.key}"
    return f"answer:{module.key}/{worksheet.key}/{entry_id}"


def keep_draft(
    work: Work, *, module: Module, worksheet: Worksheet, entry_id: UUID, base: int, typed: dict[str, Any]
) -> drafts.Kept:
    """Keep what is on the page as it was typed, mistakes and all."""
    work.require(Capability.WRITE_WORDS)
    values = {"typed": typed, "entry_id": str(entry_id)}
    return drafts.keep(work, form=draft_name(module, worksheet, entry_id), values=values, base=base)


def ask_for_step(work: Work, *, patient: Patient, standing: Standing) -> None:
    """Say that one would like to try a step."""
    work.require(Capability.WRITE_WORDS)
    if standing.asked is None:
        _note(work, patient, kind="patient-chose", step=standing.step)
        work.record("step.asked-for", patient=patient.id, step=standing.step)


def stop_asking(work: Work, *, patient: Patient, standing: Standing) -> None:
    """Change one's mind about a step one asked for."""
    work.require(Capability.WRITE_WORDS)
    if standing.asked is not None:
        _note(work, patient, kind="choice-withdrawn", step=standing.step)
        work.record("step.no-longer-asked-for", patient=patient.id, step=standing.step)


def do_homework(work: Work, *, patient: Patient, homework_id: UUID) -> None:
    """Say that something agreed in a session was done; it counts as practice of its technique."""
    work.require(Capability.WRITE_WORDS)
    row = work.session.execute(
        sa.select(Homework)
        .where(Homework.service_id == work.service_id, Homework.patient_id == patient.id, Homework.id == homework_id)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    if row.done_at is not None:
        return
    row.done_at = work.now
    work.session.add(row)
    if row.technique:
        _note(work, patient, kind="technique-practised", step=row.step, technique=row.technique)
    work.record("homework.done", patient=patient.id, homework=row.id)


def _activity_done(work: Work, patient: Patient, standing: Standing, activity: str) -> None:
    if activity not in {part.activity for part in standing.done}:
        _note(work, patient, kind="activity-done", step=standing.step, activity=activity)
        work.record("activity.done", patient=patient.id, step=standing.step, activity=activity)


def _note(work: Work, patient: Patient, *, kind: str, **what: str | None) -> Evidence:
    return work.add(Evidence(patient_id=patient.id, kind=kind, effective_at=work.now, recorded_at=work.now, **what))
