"""What two scores say about a course of treatment, by the outcome rules of NHS Talking Therapies."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

CONTACTS_OF_A_FINISHED_COURSE = 2


class Change(StrEnum):
    IMPROVED = "improved"
    DETERIORATED = "deteriorated"
    NONE = "none"


class Disagreement(StrEnum):
    """What is said when one measure is reliably better and the other reliably worse; a setting of the service."""

    NO_CHANGE = "no-change"
    BOTH = "both"


@dataclass(frozen=True)
class Course:
    """One measure at the start and end of treatment, in points, with the cut-offs of its instrument."""

    first: int
    last: int
    caseness: int
    threshold: int

    @property
    def case_at_start(self) -> bool:
        return is_case(self.first, caseness=self.caseness)

    @property
    def case_at_end(self) -> bool:
        return is_case(self.last, caseness=self.caseness)

    @property
    def change(self) -> Change:
        """Whether the scores differ by more than the measure's own error."""
        return reliable_change(self.first, self.last, threshold=self.threshold)


@dataclass(frozen=True)
class Outcome:
    """The verdict on depression and anxiety together. `improved` and `deteriorated` are reliable ones."""

    case_at_start: bool
    recovered: bool
    improved: bool
    deteriorated: bool

    @property
    def reliably_recovered(self) -> bool:
        """Recovered by more than the measures' own error."""
        return self.recovered and self.improved

    @property
    def no_reliable_change(self) -> bool:
        """Neither reliably better nor reliably worse."""
        return not (self.improved or self.deteriorated)


def is_case(score: int, *, caseness: int) -> bool:
    """Whether a score in points reaches the measure's cut-off, the cut-off included."""
    return score >= caseness


def reliable_change(first: int, last: int, *, threshold: int) -> Change:
    """Whether a fall or rise is larger than the measure's own error (Jacobson and Truax 1991).

    Scores and `threshold` are in points of one measure on which less is better; a difference of exactly
    `threshold` counts.
    """
    if first - last >= threshold:
        return Change.IMPROVED
    if last - first >= threshold:
        return Change.DETERIORATED
    return Change.NONE


def outcome(depression: Course, anxiety: Course, *, disagreement: Disagreement = Disagreement.NO_CHANGE) -> Outcome:
    """The outcome over both measures. A case is a case on either; recovery is a case at the start and none after.

    Reliably better is one measure reliably better and the other not reliably worse, and the mirror image
    for worse, unless `disagreement` counts a person whose measures disagree as both.
    Caseness and recovery: NHS Talking Therapies. How two measures that disagree are counted has not been
    confirmed in its published metadata, so it is the service's setting and not a fixed rule.
    """
    case_at_start = depression.case_at_start or anxiety.case_at_start
    case_at_end = depression.case_at_end or anxiety.case_at_end
    changes = (depression.change, anxiety.change)
    better, worse = Change.IMPROVED in changes, Change.DETERIORATED in changes
    if better and worse and disagreement is Disagreement.NO_CHANGE:
        better = worse = False
    return Outcome(case_at_start, case_at_start and not case_at_end, improved=better, deteriorated=worse)


@dataclass(frozen=True)
class Rise:
    """A reliable rise to the latest score. `place` is where among the scores the one it rose from stands."""

    place: int
    before: int
    latest: int

    @property
    def from_first(self) -> bool:
        """Whether it rose from the first score, and not only from a better one since."""
        return self.place == 0


def rise(scores: Sequence[int], *, threshold: int) -> Rise | None:
    """How the latest of a person's scores, oldest first, is reliably above the first or the best; None if it is not.

    Scores and `threshold` are in points of one measure on which less is better. None for fewer than two.
    """
    if not scores:
        return None
    # The best is never above the first, so a rise from the first is a rise from the best too.
    best = min(scores)
    if reliable_change(best, scores[-1], threshold=threshold) is not Change.DETERIORATED:
        return None
    return Rise(scores.index(best), best, scores[-1])


def worsened(scores: Sequence[int], *, threshold: int) -> bool:
    """Whether the latest of a person's scores, oldest first, is reliably above the first or the best of them."""
    return rise(scores, threshold=threshold) is not None


def finished_course(attended_contacts: int) -> bool:
    """Whether an ended referral counts as a course: two attended treatment contacts or more (NHS Talking Therapies)."""
    return attended_contacts >= CONTACTS_OF_A_FINISHED_COURSE
