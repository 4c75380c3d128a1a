"""Everything that happened in a course, in words, newest first; and which decisions can still be corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.wording import WAIVER_REASONS
from app.kit import say
from app.programme.history import Happened
from app.programme.queries import Plan
from app.questionnaires import schedule_queries as asking
from app.questionnaires import schedule_staff_queries
from app.safety.alert_history import Event
from app.safety.kinds import AlertStep

AT_ONCE = 100
# What is looked at within this of each other is one sitting.
SITTING = timedelta(minutes=10)
KINDS = {
    "decision": "Decisions",
    "work": "Work online",
    "questionnaire": "Questionnaires",
    "comment": "Comments",
    "safety": "Safety alerts",
}
CORRECTABLE = frozenset({"done-elsewhere", "waived", "released", "override-opened", "requirement-changed"})
DECIDED = {
    "released": "Released {step}",
    "override-opened": "Opened {step} early",
    "declined": "Said not now to {step}",
    "waived": "Waived {step}",
    "done-elsewhere": "Recorded work done on {step}",
    "step-added": "Added {step}",
    "moved": "Moved {step} in the order",
    "requirement-changed": "Changed whether {step} is core",
    "held": "Put {step} on hold",
    "resumed": "Resumed {step}",
    "reviewed": "Looked at work on {step}",
    "corrected": "Said that an entry was wrong",
    "undone": "Took a decision back",
}
ALERTS = {
    AlertStep.RAISED: "An answer raised a safety alert",
    AlertStep.ANSWERED_AGAIN: "Another answer was added to the safety alert",
    AlertStep.SEEN: "Looked at the safety alert",
    AlertStep.CLIMBED: "Somebody further up was told of the safety alert",
    AlertStep.PASSED_ON: "The safety alert was passed on",
    AlertStep.CONTACTED: "Spoke with them about the safety alert",
    AlertStep.COULD_NOT_REACH: "Tried to reach them about the safety alert",
    AlertStep.HANDED_OVER: "Handed the safety alert over",
    AlertStep.KNOWN_AND_REVIEWED: "Reviewed the safety alert as already known",
    AlertStep.CLOSED: "Closed the safety alert",
}
# Where something was done, from the patient's side, as their own pages say it.
PLACES = {"in-clinic": "in your session", "elsewhere": "elsewhere"}


@dataclass(frozen=True)
class Names:
    """What instruments, modules, techniques and worksheets are called, by key; a worksheet by its module's too."""

    instruments: Mapping[str, str]
    modules: Mapping[str, str]
    techniques: Mapping[str, str]
    worksheets: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class TimelineEntry:
    """One thing on the timeline, in words; `taken_back` when it was undone or corrected since."""

    at: datetime
    kind: str
    words: str
    note: str = ""
    told: str = ""
    by: str = ""
    href: str = ""
    correctable: UUID | None = None
    taken_back: bool = False


@dataclass(frozen=True)
class Timeline:
    """A stretch of the timeline of one kind, or of every kind (empty)."""

    kind: str
    counts: dict[str, int]
    total: int
    entries: list[TimelineEntry]
    page: int
    pages: int


def timeline(
    plan: Plan,
    names: Names,
    *,
    alerts: Sequence[tuple[str, Event]] = (),
    asked: Sequence[asking.Happened] = (),
    kind: str = "",
    page: int = 1,
) -> Timeline:
    """What happened in the course by when it happened, newest first, a hundred at a time.

    `asked` is what staff decided about when questionnaires are asked.
    """
    gone = taken_back(plan)
    found = [entry for row in reversed(plan.rows) if not _is_look(row) and (entry := _told(row, plan, names, gone))]
    found += [_alert_told(event, href) for href, event in reversed(alerts)]
    found += [_asked_told(one, names) for one in reversed(asked)]
    found += [_looked(several, names) for several in _sittings(plan)]
    found.sort(key=lambda one: one.at, reverse=True)
    counts = {key: sum(one.kind == key for one in found) for key in KINDS}
    wanted = [one for one in found if not kind or one.kind == kind]
    pages = max(1, -(-len(wanted) // AT_ONCE))
    here = min(max(page, 1), pages)
    return Timeline(kind, counts, len(found), wanted[(here - 1) * AT_ONCE : here * AT_ONCE], here, pages)


def _is_look(row: Happened) -> bool:
    return row.source == "feedback" and not row.note


def _sittings(plan: Plan) -> list[list[Happened]]:
    """The worksheets somebody looked at without writing about them: of one step, one soon after the other."""
    sittings: list[list[Happened]] = []
    newest: dict[tuple[UUID | None, str | None], list[Happened]] = {}
    for row in filter(_is_look, plan.rows):
        who = (row.by_id, row.step)
        if who in newest and row.effective_at - newest[who][-1].effective_at <= SITTING:
            newest[who].append(row)
        else:
            newest[who] = [row]
            sittings.append(newest[who])
    return sittings


def _looked(several: list[Happened], names: Names) -> TimelineEntry:
    last = several[-1]
    step = names.modules.get(last.step or "", "a step")
    sheets = {row.body["worksheet"] for row in several}
    if len(sheets) == 1:
        words = f"Looked at {_worksheet(last, names)} of {step}"
    else:
        words = f"Looked at {len(sheets)} worksheets of {step}"
    return TimelineEntry(last.effective_at, "comment", words, by=last.by)


def _worksheet(row: Happened, names: Names) -> str:
    title = names.worksheets.get((row.step or "", row.body["worksheet"]), "")
    return f"“{title}”" if title else "a worksheet"


def _alert_told(event: Event, href: str) -> TimelineEntry:
    return TimelineEntry(event.at, "safety", ALERTS[event.step], note=event.words, by=event.by, href=href)


def _asked_told(one: asking.Happened, names: Names) -> TimelineEntry:
    words = schedule_staff_queries.in_words(one, names.instruments)
    return TimelineEntry(one.at, "questionnaire", words, note=one.reason, by=one.by, taken_back=one.withdrawn)


def in_words(row: Happened, plan: Plan, techniques: Mapping[str, str]) -> str:
    """A decision in a few words."""
    if technique := row.body.get("technique"):
        return f"Recorded {techniques.get(technique, technique).lower()}"
    if row.kind == "carried-over":
        return _moved_words(row)
    return DECIDED[row.kind].format(step=title_of(row, plan))


def _moved_words(row: Happened) -> str:
    to = f"version {row.body['to_version']}" if row.body.get("to_version") else "another version"
    back = " back" if row.body.get("back") else ""
    return f"Moved{back} from version {row.body['from_version']} to {to} of the pathway"


def title_of(row: Happened, plan: Plan) -> str:
    return plan.course[row.step].title if row.step and row.step in plan.course else "a step"


def correctable(plan: Plan, decision_id: UUID) -> Happened | None:
    """The decision, where it is one that can be said to be wrong and nobody has said so yet."""
    row = next((one for one in plan.rows if one.id == decision_id and one.source == "decision"), None)
    return row if row and row.kind in CORRECTABLE and row.id not in taken_back(plan) else None


def taken_back(plan: Plan) -> set[UUID | None]:
    """The decisions that were undone or corrected."""
    return {row.supersedes for row in plan.rows if row.kind in ("undone", "corrected")}


def _told(row: Happened, plan: Plan, names: Names, gone: set[UUID | None]) -> TimelineEntry | None:
    match row.source:
        case "evidence":
            words = _evidence_words(row, plan, names)
            return TimelineEntry(row.effective_at, "work", words) if words else None
        case "response":
            void = row.kind == "measure-void"
            words = _response_words(row, names)
            note = "Made void: it does not count." if void else None
            return TimelineEntry(row.effective_at, "questionnaire", words, note=note, by=row.by, taken_back=void)
        case "feedback":
            words = f"Wrote about {_worksheet(row, names)} of {names.modules.get(row.step or '', 'a step')}"
            return TimelineEntry(row.effective_at, "comment", words, told=row.note, by=row.by)
        case "homework":
            by = next((one.by for one in plan.rows if str(one.id) == row.body["decision"]), "")
            return TimelineEntry(row.effective_at, "decision", _homework_words(row, plan), told=row.note, by=by)
        case "enrolment":
            return TimelineEntry(row.effective_at, "decision", f"Started {plan.pathway.title}")
    return _decision_told(row, plan, names, gone)


def _decision_told(row: Happened, plan: Plan, names: Names, gone: set[UUID | None]) -> TimelineEntry:
    words = in_words(row, plan, names.techniques)
    note = row.note
    if row.kind == "done-elsewhere":
        words = _done_words(row, plan, names)
    elif row.kind == "waived":
        words += f": {WAIVER_REASONS[WaiverReason(row.body['reason'])]}"
    elif reason := row.body.get("reason"):
        note = str(reason)
    return TimelineEntry(
        at=row.effective_at,
        kind="decision",
        words=words,
        note=note,
        told=row.told,
        by=row.by,
        correctable=row.id if row.kind in CORRECTABLE and row.id not in gone else None,
        taken_back=row.id in gone,
    )


def _done_words(row: Happened, plan: Plan, names: Names) -> str:
    technique = names.techniques.get(row.body.get("technique") or "", "")
    what = technique or title_of(row, plan)
    if keys := row.body.get("activities"):
        what = f"{what}, {_named(row, plan, keys)}"
    return f"{what}: done {PLACES[row.body['mode']]}"


def _named(row: Happened, plan: Plan, activities: list[str]) -> str:
    step = plan.course[row.step].seen.steps[row.step] if row.step and row.step in plan.course else None
    titles = {part.key: part.title for part in step.parts} if step else {}
    return say.listed([titles.get(key, key) for key in activities])


def _homework_words(row: Happened, plan: Plan) -> str:
    done = row.body["done_at"]
    return "Homework agreed" + (f", done {say.day(datetime.fromisoformat(done), plan.zone)}" if done else "")


def _response_words(row: Happened, names: Names) -> str:
    total = row.body["total"]
    short = names.instruments.get(row.step or "", row.step or "Questionnaire")
    how = {"phone": ", taken by phone", "in-session": ", taken in session"}.get(row.body["way"], "")
    return f"{short}: {total}{how}" if total is not None else f"{short} answered{how}; it gives no total"


def _evidence_words(row: Happened, plan: Plan, names: Names) -> str:
    title = title_of(row, plan)
    match row.kind:
        case "step-opened":
            return f"Started {title}"
        case "activity-done":
            return f"{title}: {_named(row, plan, [row.body['activity']])}, online"
        case "technique-practised":
            technique = row.body["technique"]
            return f"Practised {names.techniques.get(technique, technique).lower()}"
        case "practice-withdrawn":
            technique = row.body["technique"]
            return f"Took back practice of {names.techniques.get(technique, technique).lower()}"
        case "patient-chose":
            return f"Asked to try {title}"
        case "choice-withdrawn":
            return f"No longer asks for {title}"
    return ""
