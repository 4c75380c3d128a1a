"""One patient's course as it is and as it would be, side by side, with what reads otherwise marked."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from app.accounts.queries import Patient
from app.clinical.sequencing import explain
from app.clinical.sequencing.standing import Standing
from app.clinical.sequencing.what_if import Both
from app.clinical.sequencing.wording import Text
from app.programme.course_queries import Why, nested


@dataclass(frozen=True)
class Piece:
    """A run of words, and whether the other side has it too."""

    words: str
    changed: bool


@dataclass(frozen=True)
class Side:
    """One of the two explanations of a step, to one of its readers."""

    headline: tuple[Piece, ...]
    lines: tuple[Why, ...]


@dataclass(frozen=True)
class StepBeside:
    """One step before and after; a state is empty where the patient has no such step."""

    key: str
    title: str
    before: str
    after: str
    patient_before: Side | None
    patient_after: Side | None
    staff_before: Side | None
    staff_after: Side | None

    @property
    def changed(self) -> bool:
        """Whether the patient would be somewhere else, or read something else."""
        return self.before != self.after or self.patient_before != self.patient_after


def beside(both: Both, patient: Patient) -> list[StepBeside]:
    """Every step of the course as it would be, in its order, then those that only the course as it is has."""
    now = {one.step: one for one in both.before.standings}
    would = {one.step: one for one in both.after.standings}
    keys = dict.fromkeys((*would, *now))
    return [_beside(key, now.get(key), would.get(key), patient) for key in keys]


def first_changed(steps: list[StepBeside]) -> StepBeside | None:
    """The step to show first: one that would be in another state, else one that reads otherwise, else any."""
    return next(
        (
            one
            for asked in (lambda one: one.before != one.after, lambda one: one.changed, lambda _: True)
            for one in steps
            if asked(one)
        ),
        None,
    )


def _beside(key: str, before: Standing | None, after: Standing | None, patient: Patient) -> StepBeside:
    name = patient.practitioner_given_name or None
    mine = [explain.for_patient(one, name) if one else None for one in (before, after)]
    theirs = [explain.for_staff(one) if one else None for one in (before, after)]
    known = after or before
    return StepBeside(
        key=key,
        title=known.title if known else key,
        before=before.state.value if before else "",
        after=after.state.value if after else "",
        patient_before=_side(mine[0], mine[1]),
        patient_after=_side(mine[1], mine[0]),
        staff_before=_side(theirs[0], theirs[1]),
        staff_after=_side(theirs[1], theirs[0]),
    )


def _side(text: Text | None, other: Text | None) -> Side | None:
    if text is None:
        return None
    return Side(tuple(marked(text.headline, other.headline if other else "")), nested(text.lines))


def marked(words: str, other: str) -> Iterator[Piece]:
    """The words in runs, each marked that the other side does not have at its place."""
    mine, theirs = words.split(), other.split()
    for tag, start, end, _, _ in difflib.SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if start != end:
            yield Piece(" ".join(mine[start:end]), tag != "equal")
