"""The versions of its pathways that a service uses or used, their rules in words, and the library's beside them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from app.accounts import directory
from app.clinical.schedule_words import TIMINGS
from app.clinical.schedules import Timing
from app.clinical.sequencing import explain
from app.clinical.sequencing.pathway import Pathway, rule_hash, with_activities
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.wording import Text
from app.kit.errors import NotFound
from app.kit.work import Work
from app.pathways.draft_queries import Draft
from app.programme import guide_queries, queries
from app.programme.content import Library
from app.programme.course_queries import Why, nested
from app.programme.queries import Offered
from app.programme.tables import PathwayVersion


@dataclass(frozen=True)
class RuleWords:
    """A step's rule as somebody who has done nothing yet would have it told."""

    title: str
    patient: Text
    staff: Text
    core: bool
    module: str | None


def rules_in_words(work: Work, offered: Offered) -> list[RuleWords]:
    """Both explanations of every step of a pathway, for nobody: what opens on day one is open from the start."""
    pathway = queries.pathway_version(work, offered.id, offered.hash)
    first_day = replay(pathway, [], started_at=work.now, now=work.now, zone=work.actor.zone)
    return [
        RuleWords(
            one.title,
            explain.for_patient(one),
            Text("Open from the start.") if one.opened else explain.for_staff(one),
            one.core,
            one.module,
        )
        for one in first_day.standings
    ]


def alike(offered: Sequence[Offered], drafts: Sequence[Draft]) -> set[str]:
    """The titles by which alone two pathways, or two drafts, cannot be told apart."""
    keys = {(one.title, one.key) for one in (*offered, *drafts)}
    twins = Counter(title for title, _ in keys) | Counter(one.title for one in drafts)
    return {title for title, times in twins.items() if times > 1}


@dataclass(frozen=True)
class StepRule:
    """A step of a pathway with its rule told to a patient and to staff, as on the first day."""

    title: str
    core: bool
    module: str
    patient_why: str
    patient_lines: tuple[Why, ...]
    staff_why: str
    staff_lines: tuple[Why, ...]


def step_rules(told: Sequence[RuleWords]) -> list[StepRule]:
    """The rules of a pathway with the parts of each group below it."""
    return [
        StepRule(
            title=one.title,
            core=one.core,
            module=one.module or "",
            patient_why=one.patient.headline,
            patient_lines=nested(one.patient.lines),
            staff_why=one.staff.headline,
            staff_lines=nested(one.staff.lines),
        )
        for one in told
    ]


@dataclass(frozen=True)
class InLibrary:
    """A pathway of the library, and how it stands to what the service uses; `unsigned` awaits a clinician."""

    key: str
    title: str
    summary: str
    weeks: int
    sessions: int
    steps: tuple[str, ...]
    in_use: bool
    changed: bool
    unsigned: tuple[str, ...]


def in_library(library: Library, offered: Sequence[Offered]) -> list[InLibrary]:
    """Each pathway of the library, in its order."""
    return [_in_library(library, pathway, offered) for pathway in library.pathways.values()]


def _in_library(library: Library, pathway: Pathway, offered: Sequence[Offered]) -> InLibrary:
    used = next((one for one in offered if one.key == pathway.key and one.retired_at is None), None)
    unsigned = {module.key: module.title for module in library.awaiting_sign_off}
    return InLibrary(
        key=pathway.key,
        title=pathway.title,
        summary=pathway.summary,
        weeks=-(-pathway.programme_days // 7),
        sessions=pathway.sessions,
        steps=tuple(step.title for step in pathway.steps),
        in_use=used is not None,
        changed=used is not None and as_adopted(pathway, library, used.version)[1] != used.hash,
        unsigned=tuple(unsigned[step.module] for step in pathway.steps if step.module in unsigned),
    )


def as_adopted(pathway: Pathway, library: Library, version: int) -> tuple[Pathway, str]:
    """The pathway as it would be taken into use under a number, and its hash.

    Each step has the activities of its module, so that the version itself says what counts as done.
    """
    steps = []
    for step in pathway.steps:
        module = library.modules.get(step.module or "")
        lent = guide_queries.activities_of(module) if module and not step.activities else ()
        steps.append(with_activities(step, lent) if lent else step)
    whole = pathway.model_copy(update={"steps": tuple(steps), "version": version})
    return whole, rule_hash(whole)


def hash_under(pathway: Pathway, number: int) -> str:
    """The hash that a pathway would have as the version of a number."""
    return rule_hash(pathway.model_copy(update={"version": number}))


def newest(work: Work, key: str) -> PathwayVersion | None:
    """The version of a pathway that was published last, whether it is still offered or not."""
    found: PathwayVersion | None = work.session.execute(
        sa.select(PathwayVersion)
        .where(PathwayVersion.service_id == work.service_id, PathwayVersion.key == key)
        .order_by(PathwayVersion.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found


def published_steps(work: Work, key: str) -> frozenset[str]:
    """The steps of every version of a pathway that was published: somebody may have begun them."""
    bodies = work.session.execute(
        sa.select(PathwayVersion.body).where(PathwayVersion.service_id == work.service_id, PathwayVersion.key == key)
    ).scalars()
    return frozenset(str(step["key"]) for body in bodies for step in body["steps"])


def of_hash(work: Work, key: str, digest: str) -> PathwayVersion | None:
    """The version of a pathway that reads just so, or None."""
    found: PathwayVersion | None = work.session.execute(
        sa.select(PathwayVersion).where(
            PathwayVersion.service_id == work.service_id, PathwayVersion.key == key, PathwayVersion.hash == digest
        )
    ).scalar_one_or_none()
    return found


def version(work: Work, version_id: UUID) -> PathwayVersion | None:
    """A version of a pathway of the service, or None."""
    return work.session.get(PathwayVersion, (work.service_id, version_id))


@dataclass(frozen=True)
class Published:
    """How a version came to be published: who asked, who published, and the reasons that were signed."""

    asked_by: str
    published_by: str
    signed: tuple[dict[str, str], ...]


def published(work: Work, version_id: UUID) -> Published:
    """How the version came to be; names are empty for one that began with the service."""
    row = version(work, version_id)
    if row is None:
        raise NotFound
    people = [directory.name_of(work, one) if one else "" for one in (row.asked_by, row.adopted_by)]
    return Published(people[0], people[1], tuple(row.signed or ()))


@dataclass(frozen=True)
class Measured:
    """One questionnaire and when a pathway asks it; `timing` is empty where the pathway says nothing."""

    key: str
    name: str
    timing: str
    choices: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        """When it is asked, by the pathway or by itself."""
        return dict(self.choices)[self.timing]


def measured(measures: Mapping[str, str], library: Library) -> list[Measured]:
    """Every questionnaire of the library that can be asked of one person as a whole, with what a pathway says of it."""
    named = tuple((one.value, TIMINGS[one]) for one in Timing)
    found = []
    for one in library.instruments.values():
        usual = f"As it says itself: {TIMINGS[Timing(one.when)].lower()}"
        chosen = str(measures.get(one.key, ""))
        timing = chosen if chosen in tuple(Timing) else ""
        found.append(Measured(one.key, f"{one.short}, {one.title}", timing, (("", usual), *named)))
    return found
