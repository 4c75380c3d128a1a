"""When so many measures that were due did not come that somebody should look: two in a row, and two more after that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

IN_A_ROW = 2


@dataclass(frozen=True)
class Missed:
    """Measures of which one after the other did not come. It is so once the last of `due_on` has gone by."""

    measures: tuple[str, ...]
    due_on: tuple[date, ...]

    @property
    def since(self) -> date:
        """The day on which the last of them fell due."""
        return self.due_on[-1]


def in_a_row(due_on: Sequence[date]) -> list[tuple[date, ...]]:
    """The days that came without an answer, in order, told two at a time; one alone is not told."""
    whole = len(due_on) - len(due_on) % IN_A_ROW
    return [tuple(due_on[at : at + IN_A_ROW]) for at in range(0, whole, IN_A_ROW)]


def together(unanswered: Iterable[tuple[str, Sequence[date]]]) -> list[Missed]:
    """What was missed of several measures, each with the days it was due on since its last answer; oldest first.

    Measures that were due on the same days are told as one.
    """
    found: dict[tuple[date, ...], list[str]] = {}
    for measure, due_on in unanswered:
        for days in in_a_row(due_on):
            found.setdefault(days, []).append(measure)
    return [Missed(tuple(measures), days) for days, measures in sorted(found.items(), key=lambda one: one[0][-1])]
