"""A patient’s plan as staff see it: coverage, each step and why it stands so, and what may be decided about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical.sequencing import decisions, explain
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.decisions import UNDO_MINUTES, Answer
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.pathway import Requirement
from app.clinical.sequencing.standing import Course, Standing, State
from app.clinical.sequencing.wording import PLACES, WAIVER_REASONS, Line, joined
from app.kit import say
from app.kit.work import Work
from app.programme import course_queries, timeline_queries
from app.programme.course_queries import Why
from app.programme.history import Happened
from app.programme.queries import Plan

STATE_MARKS = {
    State.COMPLETED: "done",
    State.IN_PROGRESS: "half",
    State.AVAILABLE: "open",
    State.WAITING: "wait",
    State.LOCKED: "lock",
    State.ON_HOLD: "hold",
    State.WAIVED: "none",
    State.NOT_SUGGESTED: "none",
}
STATE_WORDS = {
    State.COMPLETED: "Done",
    State.IN_PROGRESS: "In progress",
    State.AVAILABLE: "Open",
    State.WAITING: "Waiting for information",
    State.LOCKED: "Locked",
    State.ON_HOLD: "On hold",
    State.WAIVED: "Waived",
    State.NOT_SUGGESTED: "Not suggested",
}
REQUIREMENTS = {
    Requirement.MUST: "Core, must be done",
    Requirement.MUST_UNLESS_DOCUMENTED: "Core",
    Requirement.COULD: "Optional",
}
# What may be decided about a step, in the order the links stand.
ACTS = {
    "release": "Release",
    "decline": "Not now",
    "open-early": "Open early",
    "done": "Done in session",
    "waive": "Waive",
    "hold": "Hold",
    "resume": "Resume",
    "requirement": "Core or optional",
}


@dataclass(frozen=True)
class Act:
    """Something that may be decided about a step now."""

    key: str
    text: str


@dataclass(frozen=True)
class Undo:
    """The last decision about a step, which can still be taken back."""

    id: UUID
    words: str


@dataclass(frozen=True)
class StepRow:
    """One step in the plan's table. `why` is a sentence, `lines` carry it out.

    `up` and `down` are the steps before which it would stand one place higher or lower (None: last).
    """

    key: str
    title: str
    sub: str
    mark: str
    state: str
    why: str
    lines: tuple[Why, ...]
    acts: list[Act]
    is_first: bool
    is_last: bool
    up: str | None
    down: str | None
    undo: Undo | None
    correct: UUID | None


@dataclass(frozen=True)
class Opened:
    """The form of an act that is open: what it says it does, and for one step what it can choose from."""

    act: str
    step: str
    says: str
    parts: tuple[tuple[str, str], ...] = ()
    requirement: Requirement | None = None


@dataclass(frozen=True)
class HomeworkRow:
    """Something agreed in a session, and whether the patient has said that it is done."""

    words: str
    agreed_on: date
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True)
class CoverRow:
    """One core step in the coverage table."""

    title: str
    covered: str
    how: str


@dataclass(frozen=True)
class PlanShown:
    """The whole plan page. `lede` is text and whether it decides; `undo` the last decision, if it can be taken back."""

    lede: tuple[tuple[str, bool], ...]
    pathway: str
    version: int
    started_at: datetime
    sessions: int
    last_decision: str
    coverage: list[CoverRow]
    rows: list[StepRow]
    homework: list[HomeworkRow]
    undo: Undo | None


def shown(work: Work, patient: Patient, plan: Plan, techniques: Mapping[str, str]) -> PlanShown:
    """A patient's plan for whoever is looking, acts that are not theirs left out; `techniques` are names by key."""
    tailors = "tailor-programme" in work.actor.may
    undoable = list(_undoable(work, plan, techniques)) if tailors else []
    last = {step: undo for step, undo in undoable if step}
    wrong = _correctable(plan) if tailors else {}
    standings = plan.course.standings
    return PlanShown(
        lede=tuple(_lede(work, patient, plan.course)),
        pathway=plan.pathway.title,
        version=plan.pathway.version,
        started_at=plan.started_at,
        sessions=plan.pathway.sessions,
        last_decision=_last_decision(plan, techniques),
        coverage=[_cover(one) for one in plan.course.coverage.core],
        rows=[
            StepRow(
                key=one.step,
                title=one.title,
                sub=_sub(one),
                mark=STATE_MARKS[one.state],
                state=STATE_WORDS[one.state],
                **plan.once(("why", one.step, patient.given_name), partial(_why, one, patient)),
                acts=[Act(key, _act_words(one, key)) for key in acts(one, work.actor.role)] if tailors else [],
                is_first=place == 0,
                is_last=place == len(standings) - 1,
                up=standings[place - 1].step if place else None,
                down=standings[place + 2].step if place + 2 < len(standings) else None,
                undo=last.get(one.step),
                correct=_other_than(last.get(one.step), wrong.get(one.step)),
            )
            for place, one in enumerate(standings)
        ],
        homework=[_homework(row, plan) for row in plan.homework],
        undo=undoable[-1][1] if undoable else None,
    )


def _sub(one: Standing) -> str:
    if one.added:
        return f"Added by {one.added.by}" if one.added.by else "Added for this patient"
    if not one.core and one.relevance is not None and one.suggested:
        return "Optional, suggested"
    return REQUIREMENTS[one.requirement]


def _why(one: Standing, patient: Patient) -> dict[str, object]:
    """The staff's explanation without what the column beside it says already."""
    told = explain.for_staff(one, patient.given_name)
    state = f"{STATE_WORDS[one.state]}. "
    why = f"{told.headline} ".removeprefix(state).strip()
    lines = tuple(_away_from_the_screen(one)) if one.state is State.COMPLETED else told.lines
    return {"why": why, "lines": course_queries.nested(lines)}


def _away_from_the_screen(one: Standing) -> Iterator[Line]:
    """Of a step that is done in several places, what was not done online."""
    for part in one.done if one.mode is Mode.MIXED else ():
        if part.mode is not Mode.ONLINE:
            yield Line(None, f"{part.title}: {PLACES[part.mode]}, {say.day(part.on)}.")


def acts(one: Standing, role: str) -> list[str]:
    """What may be decided about a step now, in the order the links stand."""
    offered = [key for key in ACTS if may(one, key, role)]
    return [key for key in offered if key != "open-early" or "release" not in offered]


def _act_words(one: Standing, act: str) -> str:
    return ACTS[act] if act != "requirement" else "Make optional" if one.core else "Make core"


def may(one: Standing, act: str, role: str) -> Answer:
    """Whether an act may be decided now, given all that its form will ask for; else why not, and who may."""
    match act:
        case "release":
            return decisions.can_release(one, role)
        case "decline":
            return decisions.can_decline(one, "given")
        case "open-early":
            return decisions.can_override(one, "given")
        case "done":
            return decisions.can_record_done(one)
        case "waive":
            return decisions.can_waive(one, WaiverReason.NOT_RELEVANT)
        case "hold":
            return decisions.can_hold(one, "given", date.max)
        case "resume":
            return decisions.can_resume(one)
    if one.completed_at is not None:
        return Answer(False, "done", "This step is done.")
    return decisions.can_change_requirement(one, other_requirement(one), "given")


def other_requirement(one: Standing) -> Requirement:
    """What a change of requirement would make of a step."""
    return Requirement.COULD if one.core else Requirement.MUST_UNLESS_DOCUMENTED


def opened(act: str, one: Standing | None) -> Opened:
    """The form of an act about a step, or of one that is about no step yet."""
    if one is None:
        return Opened(act, "", {"add": "Add a step or activity", "technique": "Record work done in session"}[act])
    says = {
        "release": f"Release {one.title}",
        "decline": f"Say not now to {one.title}",
        "open-early": f"Open {one.title} early",
        "done": f"Record work done on {one.title}",
        "waive": f"Waive {one.title}",
        "hold": f"Put {one.title} on hold",
        "resume": f"Resume {one.title}",
        "requirement": f"Make {one.title} {'optional' if one.core else 'core'}",
    }
    parts = tuple((part.key, part.title) for part in one.left) if len(one.left) > 1 else ()
    return Opened(act, one.step, says[act], parts, other_requirement(one))


def waiver_reasons(patient: Patient) -> list[tuple[str, str, str]]:
    """The coded reasons for a waiver, in words, with what to know about two of them."""
    own = {WaiverReason.PATIENT_PREFERS_NOT: f"{patient.given_name} prefers not to"}
    hints = {WaiverReason.CLINICAL_JUDGEMENT: "A note is needed."}
    return [
        (one.value, own.get(one, WAIVER_REASONS[one][:1].upper() + WAIVER_REASONS[one][1:]), hints.get(one, ""))
        for one in WaiverReason
    ]


def _other_than(undo: Undo | None, decision: UUID | None) -> UUID | None:
    """A decision to correct, where it is not the one that can still be undone."""
    return None if undo and undo.id == decision else decision


def _undoable(work: Work, plan: Plan, techniques: Mapping[str, str]) -> Iterator[tuple[str | None, Undo]]:
    """Each step's decisions that can be taken back now, the last one last; None is the step of a technique."""
    facts = plan.facts
    recent = {str(row.id): row for row in plan.rows if row.recorded_at > work.now - timedelta(minutes=UNDO_MINUTES)}
    for fact in facts:
        row = recent.get(fact.id)
        if row is None or row.source != "decision" or isinstance(fact, f.Undone | f.Corrected):
            continue
        if decisions.can_undo(fact, facts, work.now, openings=plan.course.openings):
            yield row.step, Undo(row.id, timeline_queries.in_words(row, plan, techniques))


def _correctable(plan: Plan) -> dict[str, UUID]:
    """Each step's last decision that could have been wrong; what recorded it as done before all others."""
    gone = timeline_queries.taken_back(plan)
    kinds = timeline_queries.CORRECTABLE
    rows = [row for row in plan.rows if row.kind in kinds and row.step and row.id not in gone]
    rows.sort(key=lambda row: row.kind == "done-elsewhere")
    return {row.step: row.id for row in rows if row.step}


def _lede(work: Work, patient: Patient, course: Course) -> Iterator[tuple[str, bool]]:
    """Counts by fixed rules, and what the next core step waits for; the deciding words are marked."""
    under_way = [one for one in course.standings if one.state is State.IN_PROGRESS]
    open_now = [one for one in course.standings if one.state is State.AVAILABLE]
    said = [part for part in (_counted(under_way, "under way"), _counted(open_now, "open")) if part]
    yield (say.listed(said) if said else f"Nothing is open to {patient.given_name}") + ".", False
    yield " ".join(_deciding(work, patient, course)), True


def _deciding(work: Work, patient: Patient, course: Course) -> Iterator[str]:
    asked = [one for one in course.standings if one.asked and not one.opened]
    waits = "it waits for you" if "tailor-programme" in work.actor.may else "it waits for an answer"
    for one in asked:
        if one.asked:
            on = say.day(one.asked.effective_at, one.seen.zone)
            yield f"{patient.given_name} asked for {one.title} on {on}; {waits}."
    closed = [one for one in course.coverage.outstanding if not one.opened or one.hold]
    if not course.coverage.outstanding:
        yield "Every core step is done or agreed to skip."
    elif closed and closed[0] not in asked:
        yield _waits_for(work, patient, closed[0])


def _counted(some: list[Standing], how: str) -> str:
    if len(some) == 1:
        return f"{some[0].title} is {how}"
    return f"{len(some)} steps are {how}" if some else ""


def _waits_for(work: Work, patient: Patient, one: Standing) -> str:
    if one.hold:
        return f"{one.title} is on hold until it is looked at on {say.day(one.hold.review_on)}."
    if one.earliest_on:
        return f"{one.title} opens on {say.day(one.earliest_on)} by time alone."
    state = STATE_WORDS[one.state].lower()
    who = [patient.given_name] if "patient" in one.who_can_act else []
    who += ["you"] if work.actor.role in one.who_can_act else []
    who += [f"a {role.replace('-', ' ')}" for role in sorted(one.who_can_act - {"patient", "nobody", work.actor.role})]
    return f"{one.title} is {state}: {joined(who, 'or')} can move it on." if who else f"{one.title} is {state}."


def _cover(one: Standing) -> CoverRow:
    if one.completed_at is not None:
        return CoverRow(one.title, f"Yes, {say.day(one.completed_at, one.seen.zone)}", _how(one))
    if one.waiver is not None:
        return CoverRow(one.title, "Agreed to skip", explain.for_staff(one).headline)
    if one.state is State.IN_PROGRESS or one.done:
        return CoverRow(
            one.title, f"Partly, {one.done_count} of {one.needed}", _how(one) or "Started, nothing done yet"
        )
    return CoverRow(one.title, "Not yet", STATE_WORDS[one.state])


def _how(one: Standing) -> str:
    named = [part for part in one.done if part.activity is not None] or list(one.done)
    online = sum(part.mode is Mode.ONLINE for part in named)
    clinic = sum(part.mode is Mode.IN_CLINIC for part in named)
    other = len(named) - online - clinic
    places = [(online, "online"), (clinic, "in the clinic"), (other, "elsewhere")]
    return ", ".join(f"{count} {place}" for count, place in places if count)


def _homework(row: Happened, plan: Plan) -> HomeworkRow:
    due, done = row.body["due_on"], row.body["done_at"]
    return HomeworkRow(
        words=row.note,
        agreed_on=row.effective_at.astimezone(plan.zone).date(),
        due_on=date.fromisoformat(due) if due else None,
        done_on=datetime.fromisoformat(done).astimezone(plan.zone).date() if done else None,
    )


def _last_decision(plan: Plan, techniques: Mapping[str, str]) -> str:
    last = next((row for row in reversed(plan.rows) if row.source == "decision"), None)
    if last is None:
        return ""
    return f"{timeline_queries.in_words(last, plan, techniques)}, {say.day(last.recorded_at, plan.zone)}, by {last.by}"
