"""Where a patient stands: their history replayed through the version of the pathway they are on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.modules import Module
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import FACTS, Fact
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import Course, Standing
from app.kit.errors import NotFound
from app.kit.work import Work
from app.programme import history
from app.programme.history import Happened
from app.programme.tables import CourseSummary, Enrolment, ModuleVersion, PathwayVersion

_EVIDENCE = frozenset(
    {
        "step-opened",
        "activity-done",
        "technique-practised",
        "practice-withdrawn",
        "patient-chose",
        "choice-withdrawn",
    }
)
Found = TypeVar("Found")
_COMMON = ("id", "effective_at", "recorded_at", "seq")


@dataclass(frozen=True)
class Plan:
    """A patient's course at one moment, with everything it was replayed from."""

    enrolment_id: UUID
    pathway: Pathway
    started_at: datetime
    zone: ZoneInfo
    course: Course
    rows: list[Happened]
    at: datetime
    pins: Mapping[str, str]

    def __getitem__(self, step: str) -> Standing:
        """The standing of a step; a step this patient does not have is nobody's."""
        if step not in self.course:
            raise NotFound
        return self.course[step]

    @property
    def version(self) -> str:
        """The version of the pathway it was replayed through, by name and number."""
        return f"{self.pathway.key} {self.pathway.version}"

    @cached_property
    def _worked_out(self) -> dict[Hashable, Any]:
        return {}

    def once(self, what: Hashable, work_out: Callable[[], Found]) -> Found:
        """What follows from this plan and from `what` alone: worked out the first time it is asked for.

        It is kept as long as the plan, which is replayed anew after anything was recorded and on another day.
        """
        if what not in self._worked_out:
            self._worked_out[what] = work_out()
        found: Found = self._worked_out[what]
        return found

    @cached_property
    def facts(self) -> list[Fact]:
        """What the course was replayed from."""
        return facts(self.rows)

    @cached_property
    def passed(self) -> dict[str, set[str]]:
        """For each step, the pages the patient has moved on from."""
        found: dict[str, set[str]] = {}
        for row in self.rows:
            if row.source == "evidence" and row.kind == "page-passed" and row.step:
                found.setdefault(row.step, set()).add(row.body["page"])
        return found

    @cached_property
    def homework(self) -> list[Happened]:
        """What was agreed in sessions, the newest first, what was undone left out."""
        undone = {row.supersedes for row in self.rows if row.kind in ("undone", "corrected")}
        given = [row for row in self.rows if row.source == "homework"]
        return [row for row in reversed(given) if UUID(row.body["decision"]) not in undone]


class NotEnrolled(NotFound):
    title = "There is no programme yet"
    words = "Your practitioner will choose one with you. Until then there is nothing here to do."


def plan(work: Work, patient: Patient) -> Plan:
    """Where the patient stands now; refuses with NotEnrolled before they have a pathway."""
    return _replays.plan(work, patient)


class _Replays:
    """The last few replays of this process, each used again only while it must come out the same.

    That is so as long as nothing was recorded since (`history.stamp`), no step is due by time, and it is the same
    day: texts speak of days. Bounded, so that a process never holds more than a few hundred people's courses.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, tuple[tuple[Any, ...], Plan]] = OrderedDict()
        self._guard = Lock()

    def plan(self, work: Work, patient: Patient) -> Plan:
        stamp = history.stamp(work, patient)
        if stamp[-1] is None:
            raise NotEnrolled
        with self._guard:
            kept = self._kept.get(patient.id)
        if kept and kept[0] == stamp and _still_so(kept[1], work.now):
            return kept[1]
        fresh = replayed(work, patient)
        with self._guard:
            self._kept[patient.id] = (stamp, fresh)
            self._kept.move_to_end(patient.id)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return fresh


def _still_so(kept: Plan, now: datetime) -> bool:
    due = kept.course.next_due_at
    same_day = kept.at.astimezone(kept.zone).date() == now.astimezone(kept.zone).date()
    return same_day and kept.at <= now and (due is None or now < due)


_replays = _Replays(256)


def replayed(work: Work, patient: Patient, *, at: datetime | None = None) -> Plan:
    """The patient's course, replayed from everything on record, as it stands now or stood at a moment."""
    moment = at or work.now
    rows = history.history(work, patient)
    enrolment = next((row for row in reversed(rows) if row.source == "enrolment" and not row.body["ended"]), None)
    if enrolment is None:
        raise NotEnrolled
    pathway = pathway_version(work, UUID(enrolment.body["version"]), enrolment.body["hash"])
    zone = ZoneInfo(enrolment.body["zone"])
    course = replay(pathway, facts(rows), started_at=enrolment.effective_at, now=moment, zone=zone)
    pins = enrolment.body["pins"] or {}
    return Plan(enrolment.id, pathway, enrolment.effective_at, zone, course, rows, moment, pins)


def standing(work: Work, patient: Patient) -> Course:
    """The standing of each step, by its key."""
    return plan(work, patient).course


def facts(rows: Iterable[Happened]) -> list[Fact]:
    """The history as the facts that rules are about."""
    return [fact for row in rows if (fact := _fact(row)) is not None]


def _fact(row: Happened) -> Fact | None:
    common = {name: getattr(row, name) for name in _COMMON}
    if row.source == "evidence" and row.kind in _EVIDENCE:
        wanted = FACTS[row.kind].model_fields
        said = {"step": row.step, **{name: value for name, value in row.body.items() if name in wanted and value}}
        return FACTS[row.kind](**common, **{name: value for name, value in said.items() if name in wanted})
    if row.source == "decision":
        return decision_fact(row)
    if row.kind == "measure-taken" and row.step in MEASURES:
        return f.MeasureTaken(**common, measure=row.step, total=row.body["total"])
    if row.source == "feedback" and row.step:
        return f.Reviewed(**common, step=row.step, by=row.by, role=row.role or "practitioner")
    return None


def decision_fact(row: Happened) -> f.Decision:
    """A stored decision as the fact it is."""
    kind = FACTS[row.kind]
    said: dict[str, Any] = dict(row.body)
    if "step" in kind.model_fields:
        said["step"] = row.step
    if "supersedes" in kind.model_fields:
        said["supersedes"] = row.supersedes
    common = {name: getattr(row, name) for name in _COMMON}
    return kind(**common, **said, by=row.by, role=row.role, note=row.note, told=row.told)  # type: ignore[return-value]


_parsed: dict[str, Pathway] = {}


def pathway_version(work: Work, version_id: UUID, digest: str) -> Pathway:
    """A version of a pathway; its body never changes, so it is read from the database once a process."""
    if digest not in _parsed:
        body = work.session.execute(
            sa.select(PathwayVersion.body).where(
                PathwayVersion.service_id == work.service_id, PathwayVersion.id == version_id
            )
        ).scalar_one()
        _parsed[digest] = Pathway.model_validate(body)
    return _parsed[digest]


@dataclass(frozen=True)
class Offered:
    """A pathway version the service uses or used."""

    id: UUID
    key: str
    version: int
    title: str
    hash: str
    adopted_at: datetime
    retired_at: datetime | None
    patients: int


def pathways(work: Work) -> list[Offered]:
    """Every pathway version of the service, in use first, with how many patients are on it."""
    count = (
        sa.select(sa.func.count())
        .where(
            Enrolment.service_id == PathwayVersion.service_id,
            Enrolment.pathway_version_id == PathwayVersion.id,
            Enrolment.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = work.session.execute(
        sa.select(
            PathwayVersion.id,
            PathwayVersion.key,
            PathwayVersion.version,
            PathwayVersion.title,
            PathwayVersion.hash,
            PathwayVersion.adopted_at,
            PathwayVersion.retired_at,
            count,
        )
        .where(PathwayVersion.service_id == work.service_id)
        .order_by(PathwayVersion.retired_at.is_not(None), PathwayVersion.title, PathwayVersion.version.desc())
    )
    return [Offered(*row) for row in rows]


def in_use(work: Work) -> list[Offered]:
    """The pathways a new patient can be put on."""
    return [one for one in pathways(work) if one.retired_at is None]


_texts: dict[str, Module] = {}


def modules_of(work: Work, plan: Plan | None, current: Mapping[str, Module]) -> dict[str, Module]:
    """Every module as this patient has it: the text they started with, else as it reads today."""
    found = dict(current)
    for key, digest in plan.pins.items() if plan else ():
        if key not in current or current[key].content_hash != digest:
            found[key] = module_version(work, key, digest)
    return found


def module_version(work: Work, key: str, digest: str) -> Module:
    """A module as it once read; refuses with NotFound for a version nobody kept.

    The hash says what the text is, so each is read from the database once a process.
    """
    if digest not in _texts:
        body = work.session.execute(
            sa.select(sa.cast(ModuleVersion.body, sa.Text)).where(
                ModuleVersion.service_id == work.service_id, ModuleVersion.module == key, ModuleVersion.hash == digest
            )
        ).scalar_one_or_none()
        if body is None:
            raise NotFound
        _texts[digest] = Module.model_validate_json(body)
    return _texts[digest]


def summary(work: Work, patient_id: UUID) -> CourseSummary | None:
    """A patient's course as the caseload last had it."""
    return work.session.get(CourseSummary, (work.service_id, patient_id))


def plan_or_none(work: Work, patient: Patient) -> Plan | None:
    """Where the patient stands, or None before they have a pathway."""
    try:
        return plan(work, patient)
    except NotEnrolled:
        return None
