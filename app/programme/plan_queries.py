"""A patient’s plan as staff see it: coverage, each step and why it stands so, what may be decided, what it would do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from app.accounts.queries import Patient
from app.clinical.sequencing import decisions, explain
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.pathway import Requirement
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import Course, Standing, State
from app.clinical.sequencing.wording import Text
from app.kit import say
from app.kit.work import Work
from app.programme import queries
from app.programme.history import Happened
from app.programme.queries import Plan

STATE_MARKS = {
    State.COMPLETED: "done",
    State.IN_PROGRESS: "in-progress",
    State.AVAILABLE: "open",
    State.WAITING: "waiting",
    State.LOCKED: "locked",
    State.ON_HOLD: "hold",
    State.WAIVED: "waived",
    State.NOT_SUGGESTED: "not-suggested",
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
ACTS = {
    "release": "Release",
    "open-early": "Open early",
    "done": "Done in session",
    "waive": "Waive",
    "hold": "Hold",
    "resume": "Resume",
    "requirement": "Core or optional",
}
SOON = date.max


@dataclass(frozen=True)
class Act:
    """Something that may be decided about a step now."""

    key: str
    text: str


@dataclass(frozen=True)
class StepRow:
    """One step in the plan's table."""

    key: str
    title: str
    sub: str
    mark: str
    state: str
    told: Text
    acts: list[Act]
    is_first: bool
    is_last: bool
    undo: UUID | None


@dataclass(frozen=True)
class CoverRow:
    """One core step in the coverage table."""

    title: str
    covered: str
    how: str


@dataclass(frozen=True)
class PlanShown:
    """The whole plan page."""

    lede: tuple[tuple[str, bool], ...]
    pathway: str
    version: int
    started_at: datetime
    sessions: int
    last_decision: str
    coverage: list[CoverRow]
    rows: list[StepRow]
    homework: list[Happened]


@dataclass(frozen=True)
class Consequence:
    """What a decision would change, worked out before it is made."""

    changes: list[str]
    patient_reads: Text


def shown(work: Work, plan: Plan) -> PlanShown:
    """A patient's plan for whoever is looking, acts that are not theirs left out."""
    standings = plan.course.standings
    tailors = "tailor-programme" in work.actor.may
    latest = _latest_undoable(work, plan) if tailors else {}
    rows = [
        _row(work, one, latest.get(one.step), number, len(standings), tailors=tailors)
        for number, one in enumerate(standings)
    ]
    return PlanShown(
        lede=tuple(_lede(plan.course)),
        pathway=plan.pathway.title,
        version=plan.pathway.version,
        started_at=plan.started_at,
        sessions=plan.pathway.sessions,
        last_decision=_last_decision(plan),
        coverage=[_cover(one) for one in plan.course.coverage.core],
        rows=rows,
        homework=plan.homework,
    )


def _row(work: Work, one: Standing, undo: UUID | None, number: int, count: int, *, tailors: bool) -> StepRow:
    sub = "Added for this patient" if one.added else REQUIREMENTS[one.requirement]
    return StepRow(
        key=one.step,
        title=one.title,
        sub=sub,
        mark=STATE_MARKS[one.state],
        state=STATE_WORDS[one.state],
        told=explain.for_staff(one),
        acts=[Act(key, ACTS[key]) for key in acts(one, work.actor.role)] if tailors else [],
        is_first=number == 0,
        is_last=number == count - 1,
        undo=undo,
    )


def acts(one: Standing, role: str) -> Iterator[str]:
    """What may be decided about a step now, in the order the links stand."""
    releasable = bool(decisions.can_release(one, role))
    if releasable:
        yield "release"
    elif decisions.can_override(one, "a reason"):
        yield "open-early"
    if decisions.can_record_done(one):
        yield "done"
    if decisions.can_waive(one, WaiverReason.NOT_RELEVANT):
        yield "waive"
    if decisions.can_resume(one):
        yield "resume"
    elif decisions.can_hold(one, "a reason", SOON):
        yield "hold"
    other = Requirement.COULD if one.core else Requirement.MUST_UNLESS_DOCUMENTED
    if one.completed_at is None and decisions.can_change_requirement(one, other, "a reason"):
        yield "requirement"


def _latest_undoable(work: Work, plan: Plan) -> dict[str, UUID]:
    facts = queries.facts(plan.rows)
    found: dict[str, UUID] = {}
    for place, fact in enumerate(facts):
        step = getattr(fact, "step", None)
        if isinstance(fact, f.Decision) and step and decisions.can_undo(fact, facts[place + 1 :], work.now):
            found[step] = UUID(fact.id)
    return found


def _lede(course: Course) -> Iterator[tuple[str, bool]]:
    """Counts by fixed rules, and what the next core step waits for; the deciding words are marked."""
    under_way = [one for one in course.standings if one.state is State.IN_PROGRESS]
    open_now = [one for one in course.standings if one.state is State.AVAILABLE]
    parts = [_counted(under_way, "is under way", "are under way"), _counted(open_now, "is open", "are open")]
    if said := [part for part in parts if part]:
        yield say.listed(said)[:1].upper() + say.listed(said)[1:] + ".", False
    closed = [one for one in course.coverage.outstanding if not one.opened]
    if not course.coverage.outstanding:
        yield "Every core step is done or agreed to skip.", True
    elif closed:
        yield f"{closed[0].title} is {STATE_WORDS[closed[0].state].lower()}.", True


def _counted(some: list[Standing], one: str, several: str) -> str:
    if not some:
        return ""
    if len(some) == 1:
        return f"{some[0].title} {one}"
    return f"{len(some)} steps {several}"


def _cover(one: Standing) -> CoverRow:
    if one.completed_at is not None:
        return CoverRow(one.title, f"Yes, {say.day(one.completed_at, one.seen.zone)}", _how(one))
    if one.waiver is not None:
        return CoverRow(one.title, "Agreed to skip", explain.for_staff(one).headline)
    if one.state is State.IN_PROGRESS or one.done:
        return CoverRow(one.title, f"Partly, {one.done_count} of {one.needed}", _how(one))
    return CoverRow(one.title, "Not yet", f"{STATE_WORDS[one.state]}")


def _how(one: Standing) -> str:
    named = [part for part in one.done if part.activity is not None] or list(one.done)
    online = sum(part.mode is Mode.ONLINE for part in named)
    clinic = sum(part.mode is Mode.IN_CLINIC for part in named)
    other = len(named) - online - clinic
    places = [(online, "online"), (clinic, "in the clinic"), (other, "elsewhere")]
    return ", ".join(f"{count} {place}" for count, place in places if count)


def _last_decision(plan: Plan) -> str:
    made = [row for row in plan.rows if row.source == "decision"]
    if not made:
        return ""
    last = made[-1]
    title = plan.course[last.step].title if last.step and last.step in plan.course else ""
    return f"{DECIDED[last.kind].format(step=title)}, {say.day(last.recorded_at, plan.zone)}, by {last.by}"


DECIDED = {
    "released": "Released {step}",
    "override-opened": "Opened {step} early",
    "waived": "Waived {step}",
    "done-elsewhere": "Recorded work done on {step}",
    "step-added": "Added {step}",
    "moved": "Moved {step}",
    "requirement-changed": "Changed whether {step} is core",
    "held": "Put {step} on hold",
    "resumed": "Resumed {step}",
    "reviewed": "Looked at work on {step}",
    "corrected": "Corrected an entry",
    "undone": "Took a decision back",
    "carried-over": "Moved to another version",
}


def consequence(work: Work, patient: Patient, plan: Plan, step: str, act: str) -> Consequence:
    """What deciding this now would change, and what the patient would read."""
    fact = _supposed(work, step, act)
    after = replay(
        plan.pathway,
        [*queries.facts(plan.rows), fact],
        started_at=plan.started_at,
        now=work.now + timedelta(microseconds=1),
        zone=plan.zone,
    )
    return Consequence(
        list(_changes(plan.course, after, step)),
        explain.for_patient(after[step], patient.practitioner_given_name or None),
    )


def _supposed(work: Work, step: str, act: str) -> f.Decision:
    common = {
        "id": str(uuid4()),
        "effective_at": work.now,
        "recorded_at": work.now,
        "seq": 2**62,
        "by": work.actor.given_name or work.actor.name,
        "role": work.actor.role,
        "step": step,
    }
    match act:
        case "release":
            return f.Released(**common)
        case "open-early":
            return f.OverrideOpened(**common, reason="to be given")
        case "waive":
            return f.Waived(**common, reason=WaiverReason.NOT_RELEVANT)
        case "done":
            return f.DoneElsewhere(**common)
        case "hold":
            return f.Held(**common, reason="to be given", review_on=work.today + timedelta(days=7))
        case "resume":
            return f.Resumed(**common)
    return f.RequirementChanged(**common, requirement=Requirement.COULD, reason="to be given")


def _changes(before: Course, after: Course, step: str) -> Iterator[str]:
    was, will = before.coverage, after.coverage
    covered = len(will.core) - len(will.outstanding)
    if covered != len(was.core) - len(was.outstanding) or len(was.core) != len(will.core):
        waived = len(will.agreed_to_skip)
        tail = f", {say.plural(waived, 'of them waived', 'of them waived')}" if waived else ""
        yield f"Coverage: {covered} of {len(will.core)} core steps satisfied{tail}."
    opens = [one for one in after.standings if one.opened and one.step in before and not before[one.step].opened]
    for one in opens:
        yield f"{one.title} opens."
    named = {one.step for one in opens} | {step}
    for one in after.coverage.outstanding:
        if not one.opened and one.step not in named:
            yield f"{one.title} stays {STATE_WORDS[one.state].lower()}. {explain.for_staff(one).headline}".strip()
    if not opens and before[step].state is not after[step].state:
        yield f"{after[step].title} becomes: {STATE_WORDS[after[step].state].lower()}."


@dataclass(frozen=True)
class TimelineEntry:
    """One thing on the timeline, in words."""

    at: datetime
    kind: str
    words: str
    note: str
    by: str
    correctable: UUID | None


KINDS = {"decision": "Decisions", "work": "Work online", "questionnaire": "Questionnaires", "comment": "Comments"}


def timeline(
    plan: Plan, instruments: Iterable[tuple[str, str]], modules: dict[str, str], techniques: dict[str, str]
) -> list[TimelineEntry]:
    """Everything that happened in the course, newest first."""
    shorts = dict(instruments)
    found = [_told(row, plan, shorts, modules, techniques) for row in plan.rows]
    return sorted((one for one in found if one), key=lambda one: one.at, reverse=True)


def _told(
    row: Happened, plan: Plan, shorts: dict[str, str], modules: dict[str, str], techniques: dict[str, str]
) -> TimelineEntry | None:
    title = plan.course[row.step].title if row.step and row.step in plan.course else modules.get(row.step or "", "")
    if row.source == "evidence":
        words = _evidence_words(row, title, plan, techniques)
        return TimelineEntry(row.effective_at, "work", words, "", "", None) if words else None
    if row.source == "response":
        total = row.body["total"]
        words = f"{shorts.get(row.step or '', row.step)}: {total}" if total is not None else "A questionnaire"
        return TimelineEntry(row.effective_at, "questionnaire", words, "", "", None)
    if row.source == "feedback":
        words = f"Looked at a worksheet of {title}" + (" and wrote about it" if row.note else "")
        return TimelineEntry(row.effective_at, "comment", words, row.note, row.by, None)
    if row.source == "homework":
        done = row.body["done_at"]
        words = "Homework agreed" + (f", done {say.day(datetime.fromisoformat(done), plan.zone)}" if done else "")
        return TimelineEntry(row.effective_at, "decision", words, row.note, "", None)
    if row.source == "enrolment":
        return TimelineEntry(row.effective_at, "decision", f"Started {plan.pathway.title}", "", "", None)
    return _decision_told(row, title, techniques)


def _decision_told(row: Happened, title: str, techniques: dict[str, str]) -> TimelineEntry:
    words = DECIDED[row.kind].format(step=title)
    if row.kind == "done-elsewhere":
        what = techniques.get(row.body.get("technique") or "", "") or title
        place = "in your session" if row.body.get("mode") == "in-clinic" else "elsewhere"
        words = f"{what}: done {place}"
    if row.kind == "waived":
        words += f": {WaiverReason(row.body['reason']).value.replace('-', ' ')}"
    note = row.note or str(row.body.get("reason", "") if row.kind != "waived" else "")
    correctable = row.id if row.kind in ("done-elsewhere", "waived", "released", "override-opened") else None
    return TimelineEntry(row.effective_at, "decision", words, note, row.by, correctable)


def _evidence_words(row: Happened, title: str, plan: Plan, techniques: dict[str, str]) -> str:
    match row.kind:
        case "step-opened":
            return f"Started {title}"
        case "activity-done":
            parts = plan.course[row.step].seen.steps[row.step].parts if row.step in plan.course else ()
            named = {part.key: part.title for part in parts}
            return f"{title}: {named.get(row.body['activity'], row.body['activity'])}, online"
        case "technique-practised":
            return f"Practised {techniques.get(row.body['technique'], row.body['technique']).lower()}"
        case "patient-chose":
            return f"Asked to try {title}"
        case "choice-withdrawn":
            return f"No longer asks for {title}"
    return ""
