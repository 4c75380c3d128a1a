"""A course as people see it: the patient's programme and Today, and what opened through what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical.modules import Module
from app.clinical.sequencing import decisions, explain
from app.clinical.sequencing.standing import Standing, State
from app.clinical.sequencing.wording import Text
from app.programme import module_queries
from app.programme.answers import Entry
from app.programme.module_queries import EntryLine, NextStep
from app.programme.queries import Plan

NEWS_FOR = timedelta(days=7)
# How a state is drawn in the patient's list of steps.
MARKS = {
    State.COMPLETED: "done",
    State.WAIVED: "skip",
    State.IN_PROGRESS: "in-progress",
    State.AVAILABLE: "open",
    State.LOCKED: "locked",
    State.WAITING: "locked",
    State.ON_HOLD: "locked",
    State.NOT_SUGGESTED: "locked",
}


@dataclass(frozen=True)
class StepShown:
    """One step in the patient's programme."""

    key: str
    title: str
    summary: str
    mark: str
    told: Text
    can_open: bool
    started: bool
    asked: bool
    asked_on: date | None
    is_next: bool
    minutes_left: int
    page_number: int
    page_count: int
    added_by: str
    from_practitioner: str
    has_module: bool


@dataclass(frozen=True)
class Programme:
    """The patient's programme: the steps in order, and those they could ask for."""

    steps: list[StepShown]
    others: list[StepShown]
    done: int
    total: int


def programme(plan: Plan, modules: Mapping[str, Module], patient: Patient) -> Programme:
    """Every step in its order; optional ones nobody suggested stand apart, to be asked for."""
    upcoming = next_step(plan, modules)
    shown = [_shown(one, plan, modules, patient, upcoming) for one in plan.course.standings]
    by_state = dict(zip((one.step for one in plan.course.standings), plan.course.standings, strict=True))
    others = [one for one in shown if by_state[one.key].state is State.NOT_SUGGESTED]
    steps = [one for one in shown if one not in others]
    done = sum(by_state[one.key].satisfied for one in steps)
    return Programme(steps, others, done, len(steps))


def _shown(
    one: Standing, plan: Plan, modules: Mapping[str, Module], patient: Patient, upcoming: NextStep | None
) -> StepShown:
    module = modules.get(one.module or "")
    passed = plan.passed.get(one.step, set())
    here = module_queries.resume_at(module, passed) if module else None
    told_by_staff = [row for row in plan.rows if row.source == "decision" and row.step == one.step and row.told]
    return StepShown(
        key=one.step,
        title=one.title,
        summary=module.summary if module else "",
        mark=MARKS[one.state],
        told=explain.for_patient(one, patient.practitioner_given_name or None),
        can_open=bool(decisions.can_open(one)) and module is not None,
        started=one.state is State.IN_PROGRESS,
        asked=one.asked is not None,
        asked_on=one.asked.recorded_at.astimezone(plan.zone).date() if one.asked else None,
        is_next=upcoming is not None and upcoming.standing.step == one.step,
        minutes_left=module_queries.minutes_left(module, passed) if module else 0,
        page_number=module.page_number(here.key) if module and here else 0,
        page_count=len(module.pages) if module else 0,
        added_by=one.added.by.split()[0] if one.added and one.added.by else "",
        from_practitioner=told_by_staff[-1].told if told_by_staff else "",
        has_module=module is not None,
    )


def next_step(plan: Plan, modules: Mapping[str, Module]) -> NextStep | None:
    """What to do next; None when nothing is open that is not done."""
    return module_queries.next_step(list(plan.course.standings), modules, plan.passed)


@dataclass(frozen=True)
class News:
    """Something staff did that the patient should find on Today."""

    words: str
    href: str
    at: datetime


def news(plan: Plan, modules: Mapping[str, Module]) -> list[News]:
    """Comments on worksheets and steps opened by staff in the last week, newest first."""
    found = []
    for row in plan.rows:
        if plan.course.standings and row.recorded_at < plan.course.standings[0].now - NEWS_FOR:
            continue
        if row.source == "feedback" and row.note:
            found.append(News(f"{row.by.split()[0]} wrote about your worksheet", "/my/answers", row.recorded_at))
        if row.kind in ("released", "override-opened", "step-added") and row.step in plan.course:
            title = plan.course[row.step or ""].title
            words = f"{row.by.split()[0]} opened {title} for you"
            found.append(News(words, f"/my/programme#{row.step}", row.recorded_at))
    return sorted(found, key=lambda one: one.at, reverse=True)


def opened_by(plan: Plan, step: str) -> list[Standing]:
    """The steps that opened through this patient's work on a step."""
    caused = {row.id for row in plan.rows if row.source == "evidence" and row.step == step}
    openings = {opening.step for opening in plan.course.openings if _is_of(opening.cause, caused)}
    return [one for one in plan.course.standings if one.step in openings and one.step != step]


def _is_of(cause: str, ids: set[UUID]) -> bool:
    return any(str(one) == cause for one in ids)


@dataclass(frozen=True)
class SheetAnswers:
    """One worksheet's entries, for reading."""

    title: str
    worksheet: str
    step: str
    entries: list[EntryLine]


@dataclass(frozen=True)
class StepAnswers:
    """All that was written in one module."""

    title: str
    module: str
    sheets: list[SheetAnswers]


def answers_by_step(given: list[Entry], modules: Mapping[str, Module]) -> list[StepAnswers]:
    """Everything the patient wrote, by module and worksheet, in the order of the library."""
    found = []
    for key, module in modules.items():
        sheets = []
        for sheet in (*module.worksheets, module_queries.UNDERSTANDING):
            entries = module_queries.lines(module, sheet, [one for one in given if one.module == key])
            if entries:
                sheets.append(SheetAnswers(sheet.title, sheet.key, key, entries))
        if sheets:
            found.append(StepAnswers(module.title, key, sheets))
    return found
