"""A course as people see it: the patient's programme and Today, and what opened through what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical.modules import Module
from app.clinical.sequencing import decisions, explain
from app.clinical.sequencing.facts import Mode
from app.clinical.sequencing.pathway import Override
from app.clinical.sequencing.rules import Rule, StepCompleted, TechniquePractised
from app.clinical.sequencing.seen import Opening
from app.clinical.sequencing.standing import Course, Standing, State
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.wording import Line, Mark, Text, first_name
from app.programme import entry_queries, module_queries, summary_queries
from app.programme.answers import Entry
from app.programme.entry_queries import EntryLine
from app.programme.history import Happened
from app.programme.module_queries import NextStep
from app.programme.queries import Plan

NEWS_FOR = timedelta(days=7)
NEWS_AT_MOST = 3
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
class Told:
    """What a practitioner wrote to the patient about a step."""

    words: str
    by: str
    on: date


@dataclass(frozen=True)
class Why:
    """One line of what a step waits for or what is done of it, with the lines that carry it out."""

    mark: str
    words: str
    below: tuple["Why", ...] = ()


@dataclass(frozen=True)
class StepShown:
    """One step in the patient's programme. `ask` is what its button says, empty where there is nothing to ask for."""

    key: str
    title: str
    summary: str
    mark: str
    told: Text
    why: tuple[Why, ...]
    notes: tuple[str, ...]
    ask: str
    can_open: bool
    started: bool
    asked: bool
    asked_on: date | None
    is_next: bool
    minutes_left: int
    page_number: int
    page_count: int
    page_key: str
    added_by: str
    from_practitioner: Told | None
    has_module: bool


@dataclass(frozen=True)
class Programme:
    """The patient's programme: the steps in order, and those they could ask for."""

    steps: list[StepShown]
    others: list[StepShown]
    done: int
    agreed_to_skip: int
    total: int
    session_counts: bool

    @property
    def waiting(self) -> list[StepShown]:
        """The steps that are not open yet, in order."""
        return [one for one in self.steps if one.mark == "locked"]


def programme(plan: Plan, modules: Mapping[str, Module], patient: Patient) -> Programme:
    """Every step in its order; optional ones nobody suggested stand apart, to be asked for."""
    texts = tuple(one.content_hash for one in modules.values())
    return plan.once(("programme", patient, texts), lambda: _programme(plan, modules, patient))


def _programme(plan: Plan, modules: Mapping[str, Module], patient: Patient) -> Programme:
    upcoming = next_step(plan, modules)
    standings = plan.course.standings
    shown = {one.step: step_shown(one, plan, modules, patient, upcoming) for one in standings}
    apart = [one.step for one in standings if one.state is State.NOT_SUGGESTED]
    return Programme(
        steps=[one for key, one in shown.items() if key not in apart],
        others=[shown[key] for key in apart],
        done=sum(one.completed_at is not None for one in standings if one.step not in apart),
        agreed_to_skip=sum(one.state is State.WAIVED for one in standings),
        total=len(shown) - len(apart),
        session_counts=not any(_only_online(one.rule) for one in standings),
    )


def _only_online(rule: Rule) -> bool:
    return any(isinstance(atom, StepCompleted | TechniquePractised) and atom.where == "online" for atom in atoms(rule))


def step_shown(
    one: Standing, plan: Plan, modules: Mapping[str, Module], patient: Patient, upcoming: NextStep | None = None
) -> StepShown:
    """One step with its state, the reason for it, and what the patient can do about it."""
    module = modules.get(one.module or "")
    passed = plan.passed.get(one.step, set())
    here = module_queries.resume_at(module, passed, one) if module else None
    told = explain.for_patient(one, patient.practitioner_given_name or None)
    said = _from_practitioner(one, plan, patient)
    return StepShown(
        key=one.step,
        title=one.title,
        summary=module.summary if module else "",
        mark=MARKS[one.state],
        told=told,
        why=_why(told, one),
        notes=tuple(_notes(told, one, said, patient)),
        ask="" if patient.discharged_at else _ask(one, patient),
        can_open=bool(decisions.can_open(one)) and module is not None,
        started=one.state is State.IN_PROGRESS,
        asked=bool(decisions.can_stop_asking(one)) and not patient.discharged_at,
        asked_on=one.asked.recorded_at.astimezone(plan.zone).date() if one.asked else None,
        is_next=upcoming is not None and upcoming.standing.step == one.step,
        minutes_left=module_queries.minutes_left(module, passed, one) if module else 0,
        page_number=module.page_number(here.key) if module and here else 0,
        page_count=len(module.pages) if module else 0,
        page_key=here.key if here else module.first_page.key if module else "",
        added_by=called(one.added.by, patient) if one.added else "",
        from_practitioner=said,
        has_module=module is not None,
    )


def _why(told: Text, one: Standing) -> tuple[Why, ...]:
    lines = [line for line in told.lines if _explains(line, one)]
    if one.state is State.IN_PROGRESS:
        # Its own page has every part; here it is told only what was done away from the screen and need not be again.
        elsewhere = any(part.mode is not Mode.ONLINE for part in one.done)
        lines = [line for line in lines if line.mark is Mark.MET and elsewhere]
    return nested(lines)


def nested(lines: Sequence[Line], level: int = 0) -> tuple[Why, ...]:
    """Lines one below the other as they belong to each other."""
    heads = [place for place, line in enumerate(lines) if line.level <= level]
    ends = [*heads[1:], len(lines)]
    return tuple(
        Why(str(lines[at].mark or ""), lines[at].words, nested(lines[at + 1 : end], level + 1))
        for at, end in zip(heads, ends, strict=False)
    )


def _explains(line: Line, one: Standing) -> bool:
    """Whether a line says how far something is, or what a closed step waits for."""
    closed = one.state in (State.LOCKED, State.WAITING) and not line.words.startswith(explain.ABOUT_YOU)
    return line.mark is not None or closed


def _notes(told: Text, one: Standing, said: Told | None, patient: Patient) -> Iterator[str]:
    """The lines that are sentences of their own, without those that the page shows in another way."""
    # After discharge nobody answers, so that nothing is promised.
    outdated = explain.ASKED if patient.discharged_at else "\n"
    elsewhere = {said.words} if said else set()
    if one.added:
        elsewhere.add(f"Added by {first_name(one.added.by) or 'your care team'} for you.")
    sentences = [line.words for line in told.lines if not _explains(line, one)]
    yield from (words for words in sentences if words not in elsewhere and not words.startswith(outdated))
    if one.module is None and one.state in (State.AVAILABLE, State.IN_PROGRESS):
        yield "You do this away from the screen. Tell your practitioner how it went, and it is marked as done here."


def _ask(one: Standing, patient: Patient) -> str:
    if not decisions.can_choose(one):
        return ""
    if one.state in (State.LOCKED, State.WAITING):
        who = patient.practitioner_given_name
        return f"Ask {who} to open it" if who and one.releasable_by else "I’d like to start this sooner"
    return "Open it after all" if opens_when_asked(one) else "I’d like to try this"


def opens_when_asked(one: Standing) -> bool:
    """Whether asking for a step opens it at once: one that was agreed to skip, unless its pathway forbids that."""
    return one.state is State.WAIVED and (one.opened or one.override is not Override.PROHIBITED)


def _from_practitioner(one: Standing, plan: Plan, patient: Patient) -> Told | None:
    undone = {row.supersedes for row in plan.rows if row.kind in ("undone", "corrected")}
    said = [row for row in plan.rows if row.source == "decision" and row.step == one.step and row.told]
    # What was said with "not now" stands in the explanation until the patient asks again.
    said = [row for row in said if row.kind != "declined"]
    row = next((row for row in reversed(said) if row.id not in undone), None)
    return Told(row.told, called(row.by, patient), row.recorded_at.astimezone(plan.zone).date()) if row else None


def called(name: str, patient: Patient) -> str:
    """A member of staff as this patient knows them: by the given name."""
    own = f"{patient.practitioner_given_name} {patient.practitioner_family_name}"
    return patient.practitioner_given_name if name == own else first_name(name) or "Your care team"


def next_step(plan: Plan, modules: Mapping[str, Module]) -> NextStep | None:
    """What to do next; None when nothing is open that is not done."""
    return module_queries.next_step(list(plan.course.standings), modules, plan.passed)


@dataclass(frozen=True)
class Agreed:
    """Something agreed in a session, to do before the next one."""

    id: UUID
    words: str
    due_on: date | None


def agreed(plan: Plan) -> list[Agreed]:
    """What was agreed in sessions and is not done yet, the oldest first."""
    return [
        Agreed(row.id, row.note, date.fromisoformat(row.body["due_on"]) if row.body["due_on"] else None)
        for row in reversed(plan.homework)
        if not row.body["done_at"]
    ]


def just_done(plan: Plan, now: datetime) -> UUID | None:
    """The homework last marked as done, while it can be taken back: on the same day."""
    done = [(datetime.fromisoformat(row.body["done_at"]), row.id) for row in plan.homework if row.body["done_at"]]
    today = now.astimezone(plan.zone).date()
    return max(((at, one) for at, one in done if at.astimezone(plan.zone).date() == today), default=(None, None))[1]


@dataclass(frozen=True)
class News:
    """Something staff did that the patient should find on Today."""

    words: str
    href: str
    at: datetime


def news(plan: Plan, modules: Mapping[str, Module], patient: Patient, now: datetime) -> list[News]:
    """Comments on worksheets, and steps that staff or time opened and nobody began, in the last week; newest first."""
    since = now - NEWS_FOR
    said = (_comment(row, modules, patient) for row in plan.rows if row.source == "feedback" and row.note)
    opened = (_opened(opening, plan, patient) for opening in summary_queries.news(plan, since))
    found: dict[str, News] = {}
    for one in sorted((*said, *filter(None, opened)), key=lambda one: one.at, reverse=True):
        if one.at > since:
            found.setdefault(one.href, one)
    return list(found.values())[:NEWS_AT_MOST]


def _comment(row: Happened, modules: Mapping[str, Module], patient: Patient) -> News:
    module = modules.get(row.step or "")
    sheet = entry_queries.worksheet_of(module, row.body["worksheet"]) if module else None
    words = f"{called(row.by, patient)} wrote to you about {f'“{sheet.title}”' if sheet else 'what you wrote'}"
    return News(words, f"/my/answers#entry-{row.body['entry']}", row.recorded_at)


def _opened(opening: Opening, plan: Plan, patient: Patient) -> News | None:
    one = plan.course[opening.step]
    if one.state is not State.AVAILABLE:
        return None
    by_hand = next((row for row in plan.rows if str(row.id) == opening.cause and row.step == opening.step), None)
    words = f"{called(by_hand.by, patient)} opened {one.title} for you" if by_hand else f"{one.title} is open now"
    return News(words, f"/my/programme#{opening.step}", opening.at)


def opened_by(plan: Plan, step: str) -> list[Standing]:
    """The steps that opened through this patient's work on a step."""
    caused = {str(row.id) for row in plan.rows if row.source in ("evidence", "decision") and row.step == step}
    opened = {opening.step for opening in plan.course.openings if opening.cause in caused}
    return [one for one in plan.course.standings if one.step in opened and one.step != step]


@dataclass(frozen=True)
class SheetAnswers:
    """One worksheet's entries, for reading."""

    title: str
    worksheet: str
    step: str
    entries: list[EntryLine]


@dataclass(frozen=True)
class StepAnswers:
    """All that was written in one module. `step` is empty where that is not open to the patient now."""

    title: str
    module: str
    step: str
    sheets: list[SheetAnswers]


def answers_by_step(
    given: Sequence[Entry], modules: Mapping[str, Module], course: Course | None = None
) -> list[StepAnswers]:
    """Everything the patient wrote, by module and worksheet, in the order of the library."""
    steps = {one.module: one for one in course.standings} if course else {}
    found = []
    for key, module in modules.items():
        standing = steps.get(key)
        step = standing.step if standing and decisions.can_open(standing) else ""
        sheets = []
        for sheet in (*module.worksheets, entry_queries.UNDERSTANDING):
            entries = entry_queries.lines(module, sheet, list(given))
            if entries:
                sheets.append(SheetAnswers(sheet.title, sheet.key, standing.step if standing else key, entries))
        if sheets:
            found.append(StepAnswers(module.title, key, step, sheets))
    return found
