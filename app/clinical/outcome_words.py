"""What the scores of two measures say about a course, in words for staff with the numbers behind each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.clinical import outcomes
from app.clinical.outcomes import Change, Course, Disagreement, Outcome

_CHANGES = {Change.IMPROVED: "Reliably better", Change.DETERIORATED: "Reliably worse", Change.NONE: "None"}


@dataclass(frozen=True)
class Measured:
    """One measure as a person answered it: its short name, its totals, oldest first, and its two cut-offs."""

    short: str
    totals: tuple[int, ...]
    caseness: int
    threshold: int

    @property
    def course(self) -> Course | None:
        """The first and the latest total; None while there are not two."""
        if len(self.totals) < 2:
            return None
        return Course(self.totals[0], self.totals[-1], self.caseness, self.threshold)


@dataclass(frozen=True)
class Cell:
    """A verdict in a word or two, and the numbers it rests on."""

    words: str
    numbers: str = ""


@dataclass(frozen=True)
class Line:
    """One question of the outcome rules: the answer for both measures together, and for each apart."""

    title: str
    together: Cell
    apart: tuple[Cell, ...]


@dataclass(frozen=True)
class Verdict:
    """All that the rules say of a course. `sentence` says the same of both measures together."""

    sentence: str
    shorts: tuple[str, ...]
    lines: tuple[Line, ...]


NO_VERDICT = Cell("No verdict yet")


def verdict(depression: Measured, anxiety: Measured, *, disagreement: Disagreement = Disagreement.NO_CHANGE) -> Verdict:
    """The outcome over two measures and over each, in words; "no verdict yet" for what needs a second score.

    Totals are in points of measures on which less is better. Source: the rules of `outcomes.outcome`.
    """
    both = (depression, anxiety)
    reached = _outcome(depression.course, anxiety.course, disagreement)
    return Verdict(
        sentence=_sentence(both, reached),
        shorts=tuple(one.short for one in both),
        lines=(
            Line("Case at the start", _started(both), tuple(_case(one.totals[:1], one.caseness) for one in both)),
            Line("Case now", _now(both), tuple(_case(one.totals[1:][-1:], one.caseness) for one in both)),
            Line("Reliable change", _changed(both, reached), tuple(map(_change, both))),
            Line("Recovery", _recovery(both, reached), tuple(map(_recovery_apart, both))),
            Line("Reliable recovery", _reliable(both, reached), tuple(map(_reliable_apart, both))),
        ),
    )


def _outcome(depression: Course | None, anxiety: Course | None, disagreement: Disagreement) -> Outcome | None:
    if depression is None or anxiety is None:
        return None
    return outcomes.outcome(depression, anxiety, disagreement=disagreement)


def moved(first: int, last: int) -> str:
    """A difference in points: "down 5", "up 3" or "the same"."""
    if first == last:
        return "the same"
    return f"down {first - last}" if last < first else f"up {last - first}"


def _yes(holds: bool) -> str:
    return "Yes" if holds else "No"


def _case(totals: Sequence[int], caseness: int) -> Cell:
    if not totals:
        return NO_VERDICT
    case = outcomes.is_case(totals[0], caseness=caseness)
    return Cell(_yes(case), f"{totals[0]}, {'' if case else 'below '}{caseness}{' or more' if case else ''}")


def _started(both: Sequence[Measured]) -> Cell:
    cases = [one for one in both if one.totals and outcomes.is_case(one.totals[0], caseness=one.caseness)]
    # One measure at its cut-off is enough; that there is none takes both.
    if not cases and not all(one.totals for one in both):
        return NO_VERDICT
    return Cell(_yes(bool(cases)), _at_cut_off(cases) if cases else "both below their cut-offs")


def _now(both: Sequence[Measured]) -> Cell:
    cases = [one for one in both if one.course and one.course.case_at_end]
    if not cases and not all(one.course for one in both):
        return NO_VERDICT
    return Cell(_yes(bool(cases)), _at_cut_off(cases) if cases else "both below their cut-offs")


def _at_cut_off(cases: Sequence[Measured]) -> str:
    names = " and ".join(case.short for case in cases)
    return f"{names} at or above {'its cut-off' if len(cases) == 1 else 'their cut-offs'}"


def _change(one: Measured) -> Cell:
    course = one.course
    if course is None:
        return NO_VERDICT
    return Cell(_CHANGES[course.change], f"{one.totals[0]} to {one.totals[-1]}, {_size(course)}")


def _size(course: Course) -> str:
    return f"{moved(course.first, course.last)}; {course.threshold} is reliable"


def _changed(both: Sequence[Measured], reached: Outcome | None) -> Cell:
    if reached is None:
        return NO_VERDICT
    if is_mixed(both):
        return Cell("Mixed", _mixed(both, reached))
    words = "Reliably better" if reached.improved else "Reliably worse" if reached.deteriorated else "None"
    return Cell(words, "" if reached.no_reliable_change else "and the other not reliably the other way")


def is_mixed(both: Sequence[Measured]) -> bool:
    """Whether one measure is reliably better and another reliably worse."""
    changes = {one.course.change for one in both if one.course}
    return {Change.IMPROVED, Change.DETERIORATED} <= changes


def _mixed(both: Sequence[Measured], reached: Outcome) -> str:
    parts = [f"{one.short} reliably {_way(one)}" for one in both]
    return f"{' and '.join(parts)}; counted as {_counted(reached)}"


def _counted(reached: Outcome) -> str:
    return "no reliable change" if reached.no_reliable_change else "both"


def _recovery(both: Sequence[Measured], reached: Outcome | None) -> Cell:
    if reached is None:
        return NO_VERDICT
    if not reached.case_at_start:
        return Cell("Does not apply", "not a case at the start")
    if reached.recovered:
        return Cell("Yes", "a case at the start, both below their cut-offs now")
    return Cell("No", _at_cut_off([one for one in both if one.course and one.course.case_at_end]))


def _recovery_apart(one: Measured) -> Cell:
    course = one.course
    if course is None:
        return NO_VERDICT
    if not course.case_at_start:
        return Cell("Does not apply", f"{course.first} at the start, below {one.caseness}")
    below = "at or above" if course.case_at_end else "below"
    return Cell(_yes(not course.case_at_end), f"{course.last}, {below} {one.caseness}")


def _reliable(both: Sequence[Measured], reached: Outcome | None) -> Cell:
    if reached is None or not reached.recovered:
        return _recovery(both, reached)
    if reached.reliably_recovered:
        return Cell("Yes", "recovered and reliably better")
    return Cell("No", "recovered, but reliably worse" if reached.deteriorated else "recovered, but no reliable change")


def _reliable_apart(one: Measured) -> Cell:
    course = one.course
    if course is None or not course.case_at_start or course.case_at_end:
        return _recovery_apart(one)
    return Cell(_yes(course.change is Change.IMPROVED), _size(course))


def _sentence(both: Sequence[Measured], reached: Outcome | None) -> str:
    if reached is None:
        return f"No verdict yet: {_lacking(both)}."
    if not reached.case_at_start:
        return f"Not a case at the start on either measure. {_change_sentence(both, reached)}"
    if reached.reliably_recovered:
        return "Reliable recovery: a case at the start, both measures below their cut-offs now, and reliably better."
    if reached.recovered:
        return f"Recovered, but not reliably: both are below their cut-offs now. {_change_sentence(both, reached)}"
    cases = [one for one in both if one.course and one.course.case_at_end]
    return f"Not recovered: {_at_cut_off(cases)} now. {_change_sentence(both, reached)}"


def _change_sentence(both: Sequence[Measured], reached: Outcome) -> str:
    if is_mixed(both):
        parts = [f"{one.short} is reliably {_way(one)} ({_numbers(one)})" for one in both]
        return f"The two disagree: {' and '.join(parts)}. Together that counts as {_counted(reached)}."
    if reached.no_reliable_change:
        return "No reliable change from the first to the latest."
    change = Change.IMPROVED if reached.improved else Change.DETERIORATED
    moving = [one for one in both if one.course and one.course.change is change]
    parts = [f"{one.short} {_numbers(one)}" for one in moving]
    return f"{_CHANGES[change]}: {' and '.join(parts)}."


def _way(one: Measured) -> str:
    return "better" if one.course and one.course.change is Change.IMPROVED else "worse"


def _numbers(one: Measured) -> str:
    return f"{one.totals[0]} to {one.totals[-1]}, {moved(one.totals[0], one.totals[-1])}"


def _lacking(both: Sequence[Measured]) -> str:
    lacking = [one for one in both if one.course is None]
    never = [one.short for one in lacking if not one.totals]
    once = [one.short for one in lacking if one.totals]
    parts = []
    if once:
        parts.append(f"{' and '.join(once)} {'was' if len(once) == 1 else 'were'} answered once")
    if never:
        parts.append(f"{' and '.join(never)} {'was' if len(never) == 1 else 'were'} never answered")
    return ", and ".join(parts)
