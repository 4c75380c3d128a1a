"""What a patient does in the programme: start, move on, write, ask for a step, do homework."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import worksheets
from app.clinical.containers import Log, Worksheet
from app.clinical.modules import Module, Page
from app.clinical.sequencing import decisions
from app.clinical.sequencing.standing import Standing
from app.kit import drafts
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.programme import answers
from app.programme.queries import Plan
from app.programme.tables import Answer, Evidence, Homework, ModuleStart, ModuleVersion


class CannotAsk(Conflict):
    """A step that cannot be asked for now; the reason is in the person's words."""

    title = "There is nothing to ask for"


class DoneEarlier(Conflict):
    """Homework that was marked as done on an earlier day; it may have been talked about since."""

    title = "You marked that as done on an earlier day"
    words = "It stays as it is. Tell your practitioner if it was not done."


class NewerVersion(Conflict):
    """Somebody, most likely the same person in another tab, saved this entry since the page was made."""

    title = "You have changed this somewhere else"
    words = "Both versions are here. Choose which words to keep."

    def __init__(self, saved: Answer) -> None:
        super().__init__()
        self.saved = saved


def start_step(work: Work, *, patient: Patient, standing: Standing, module: Module) -> None:
    """Begin a step; its module's text is pinned as it reads today. Beginning twice changes nothing."""
    work.require(Capability.WRITE_WORDS)
    _pin(work, patient, module)
    if standing.seen.work(standing.step).opened is None:
        _note(work, patient, kind="step-opened", step=standing.step)
        work.record("step.started", patient=patient.id, step=standing.step)


def _pin(work: Work, patient: Patient, module: Module) -> None:
    begun = work.session.get(ModuleStart, (work.service_id, patient.id, module.key))
    if begun is not None:
        return
    kept = {"service_id": work.service_id, "module": module.key, "hash": module.content_hash}
    body = module.model_dump(mode="json", by_alias=True)
    work.session.execute(
        insert(ModuleVersion)
        .values(**kept, version=module.version, body=body, kept_at=work.now)
        .on_conflict_do_nothing()
    )
    work.session.execute(
        insert(ModuleStart).values(**kept, patient_id=patient.id, started_at=work.now).on_conflict_do_nothing()
    )
    work.record("module.pinned", patient=patient.id, module=module.key, hash=module.content_hash)


def move_on(work: Work, *, patient: Patient, plan: Plan, step: str, module: Module, page: Page) -> None:
    """Move on from a page; the work it asked for is done with it. A page is moved on from once."""
    start_step(work, patient=patient, standing=plan[step], module=module)
    if page.key in plan.passed.get(step, set()):
        return
    _note(work, patient, kind="page-passed", step=step, page=page.key)
    work.record("page.passed", patient=patient.id, step=step, page=page.key)
    for activity in module.activities_of_page(page.key):
        _activity_done(work, patient, plan[step], activity.key)


def save_entry(
    work: Work,
    *,
    patient: Patient,
    standing: Standing,
    module: Module,
    worksheet: Worksheet,
    entry_id: UUID,
    base: int,
    values: dict[str, JsonValue],
) -> Answer:
    """Add a version of an entry, and begin its step if that is new.

    A save begun from an older version than the newest is refused, both kept. The same words again, by a double
    click or a replay, change nothing.
    """
    start_step(work, patient=patient, standing=standing, module=module)
    stored = _stored(work, patient, module, worksheet, entry_id)
    newest = stored[-1] if stored and stored[-1].values is not None else None
    already = next((one for one in stored[max(base - 1, 0) :] if newest and one.values == values), None)
    if already is None and newest is not None and newest.version > base:
        raise NewerVersion(newest)
    drafts.drop(work, form=answers.draft_name(module, worksheet, entry_id))
    if already is not None:
        return already
    row = _next_version(work, patient, module, worksheet, entry_id, stored, values=values, event="worksheet.saved")
    for activity in module.activities_of_worksheet(worksheet.key):
        _activity_done(work, patient, standing, activity.key)
    if isinstance(worksheet, Log) and not stored:
        for technique in module.techniques:
            _note(work, patient, kind="technique-practised", step=standing.step, technique=technique)
    return row


def take_back_entry(work: Work, *, patient: Patient, module: Module, worksheet: Worksheet, entry_id: UUID) -> None:
    """Take an entry off its list. What was written stays in its earlier versions and can be put back."""
    work.require(Capability.WRITE_WORDS)
    stored = _stored(work, patient, module, worksheet, entry_id)
    if not stored:
        raise NotFound
    if stored[-1].values is not None:
        drafts.drop(work, form=answers.draft_name(module, worksheet, entry_id))
        _next_version(work, patient, module, worksheet, entry_id, stored, values=None, event="worksheet.taken-back")


def put_back_entry(work: Work, *, patient: Patient, module: Module, worksheet: Worksheet, entry_id: UUID) -> None:
    """Put an entry back as it was before it was taken off."""
    work.require(Capability.WRITE_WORDS)
    stored = _stored(work, patient, module, worksheet, entry_id)
    before = next((one.values for one in reversed(stored) if one.values is not None), None)
    if before is None:
        raise NotFound
    if stored[-1].values is None:
        _next_version(work, patient, module, worksheet, entry_id, stored, values=before, event="worksheet.put-back")


def _stored(work: Work, patient: Patient, module: Module, worksheet: Worksheet, entry_id: UUID) -> list[Answer]:
    """An entry's versions, for somebody about to add one; refuses the id of another worksheet's entry."""
    # A double click, or an autosave still under way when the form is sent, would otherwise not see the other's.
    work.one_at_a_time("answers", patient.id)
    stored = answers.versions(work, patient, entry_id)
    if any((one.module, one.worksheet) != (module.key, worksheet.key) for one in stored):
        raise NotFound
    if not stored and not answers.may_begin(patient, module, worksheet, entry_id):
        raise NotFound
    return stored


def _next_version(
    work: Work,
    patient: Patient,
    module: Module,
    worksheet: Worksheet,
    entry_id: UUID,
    stored: list[Answer],
    *,
    values: dict[str, JsonValue] | None,
    event: str,
) -> Answer:
    row = work.add(
        Answer(
            patient_id=patient.id,
            module=module.key,
            module_hash=module.content_hash,
            worksheet=worksheet.key,
            entry_id=entry_id,
            version=len(stored) + 1,
            values=values,
            saved_at=work.now,
        )
    )
    work.record(event, patient=patient.id, worksheet=worksheet.key, entry=entry_id, version=row.version)
    return row


@dataclass(frozen=True)
class DraftKept:
    """When a draft was kept, and whether its entry was saved elsewhere since the draft was begun."""

    saved_at: datetime
    behind: bool


def keep_draft(
    work: Work,
    *,
    patient: Patient,
    module: Module,
    worksheet: Worksheet,
    entry_id: UUID,
    base: int,
    typed: Mapping[str, str | list[str]],
) -> DraftKept:
    """Keep what is on the page as it was typed, mistakes and all; nothing where it says what is saved already."""
    work.require(Capability.WRITE_WORDS)
    stored = _stored(work, patient, module, worksheet, entry_id)
    newest = stored[-1] if stored else None
    form = answers.draft_name(module, worksheet, entry_id)
    values, problems = worksheets.read(worksheet, typed)
    # An autosave that arrives after the form was sent would otherwise come back as a draft of the same words.
    if newest and newest.values == values and not problems:
        drafts.drop(work, form=form)
        return DraftKept(newest.saved_at, behind=False)
    drafts.keep(work, form=form, values={"typed": dict(typed), "entry_id": str(entry_id)}, base=base)
    return DraftKept(work.now, behind=newest is not None and newest.values is not None and newest.version > base)


def throw_draft_away(work: Work, *, module: Module, worksheet: Worksheet, entry_id: UUID) -> None:
    """Forget what was typed and not saved."""
    work.require(Capability.WRITE_WORDS)
    drafts.drop(work, form=answers.draft_name(module, worksheet, entry_id))


def ask_for_step(work: Work, *, patient: Patient, standing: Standing) -> None:
    """Say that one would like to try a step; asking again changes nothing."""
    work.require(Capability.WRITE_WORDS)
    if patient.discharged_at:
        raise CannotAsk("Your treatment has ended, so nobody would see it. What is open stays open.")
    may = decisions.can_choose(standing)
    if may.code == "asked":
        return
    if not may:
        raise CannotAsk(may.words)
    _note(work, patient, kind="patient-chose", step=standing.step)
    work.record("step.asked-for", patient=patient.id, step=standing.step)


def stop_asking(work: Work, *, patient: Patient, standing: Standing) -> None:
    """Change one's mind about a step one asked for."""
    work.require(Capability.WRITE_WORDS)
    if decisions.can_stop_asking(standing):
        _note(work, patient, kind="choice-withdrawn", step=standing.step)
        work.record("step.no-longer-asked-for", patient=patient.id, step=standing.step)


def do_homework(work: Work, *, patient: Patient, homework_id: UUID) -> None:
    """Say that something agreed in a session was done; it counts as practice of its technique."""
    work.require(Capability.WRITE_WORDS)
    row = _homework(work, patient, homework_id)
    if row.done_at is not None:
        return
    row.done_at = work.now
    work.session.add(row)
    if row.technique:
        _note(work, patient, kind="technique-practised", step=row.step, technique=row.technique)
    work.record("homework.done", patient=patient.id, homework=row.id)


def undo_homework(work: Work, *, patient: Patient, homework_id: UUID) -> None:
    """Say, on the day it was marked as done, that it was not; the practice no longer counts."""
    work.require(Capability.WRITE_WORDS)
    row = _homework(work, patient, homework_id)
    if row.done_at is None:
        return
    if row.done_at.astimezone(patient.zone).date() != work.now.astimezone(patient.zone).date():
        raise DoneEarlier
    if row.technique:
        # The practice is known by when it happened: what is on record is added to and never changed.
        work.add(
            Evidence(
                patient_id=patient.id,
                kind="practice-withdrawn",
                step=row.step,
                technique=row.technique,
                effective_at=row.done_at,
                recorded_at=work.now,
            )
        )
    row.done_at = None
    work.session.add(row)
    work.record("homework.not-done", patient=patient.id, homework=row.id)


def _homework(work: Work, patient: Patient, homework_id: UUID) -> Homework:
    row = work.session.execute(
        sa.select(Homework)
        .where(Homework.service_id == work.service_id, Homework.patient_id == patient.id, Homework.id == homework_id)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def _activity_done(work: Work, patient: Patient, standing: Standing, activity: str) -> None:
    if activity not in {part.activity for part in standing.done}:
        _note(work, patient, kind="activity-done", step=standing.step, activity=activity)
        work.record("activity.done", patient=patient.id, step=standing.step, activity=activity)


def _note(work: Work, patient: Patient, *, kind: str, **what: str | None) -> Evidence:
    return work.add(Evidence(patient_id=patient.id, kind=kind, effective_at=work.now, recorded_at=work.now, **what))
