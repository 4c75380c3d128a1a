"""What goes with a better mood: each activity with how mood and pleasure changed, told only from enough entries.

Behavioural activation asks which activities are worth repeating (Lejuez and others 2011). A handful of ratings proves
nothing, so what is shown is a mean with how far it spreads and how many it rests on, and never a cause.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, stdev

# Below this many entries on either side no comparison is made.
ENOUGH = 3


@dataclass(frozen=True)
class Rated:
    """One entry's numbers, each from 0 to 10 or not given. `name` is what it is counted under."""

    name: str
    mood_before: int | None = None
    mood_after: int | None = None
    pleasure: int | None = None
    mastery: int | None = None
    expected_pleasure: int | None = None
    expected_mastery: int | None = None


@dataclass(frozen=True)
class Spread:
    """A mean of points with how many it rests on and their standard deviation (n - 1); 0 for equal ones."""

    mean: float
    count: int
    spread: float


@dataclass(frozen=True)
class Lift:
    """What came of one activity, or one kind. Each is None where fewer than `ENOUGH` entries say anything."""

    name: str
    count: int
    mood: Spread | None
    pleasure: Spread | None
    mastery: Spread | None
    pleasure_than_expected: Spread | None
    mastery_than_expected: Spread | None

    @property
    def is_told(self) -> bool:
        """Whether there is enough to say anything at all."""
        return any((self.mood, self.pleasure, self.mastery, self.pleasure_than_expected, self.mastery_than_expected))


def lifts(entries: Iterable[Rated]) -> list[Lift]:
    """Each name with what came of it: those with the largest rise of mood first, then by pleasure, then by name."""
    by_name: dict[str, list[Rated]] = defaultdict(list)
    for entry in entries:
        by_name[entry.name].append(entry)
    found = [_lift(name, several) for name, several in by_name.items()]
    return sorted(found, key=lambda one: (-_mean(one.mood), -_mean(one.pleasure), one.name.casefold()))


def spread_of(points: list[int]) -> Spread | None:
    """Mean and spread of points; None for fewer than `ENOUGH` of them."""
    if len(points) < ENOUGH:
        return None
    return Spread(mean(points), len(points), stdev(points))


def _lift(name: str, entries: list[Rated]) -> Lift:
    return Lift(
        name=name,
        count=len(entries),
        mood=spread_of(_differences(entries, "mood_before", "mood_after")),
        pleasure=spread_of(_given(entries, "pleasure")),
        mastery=spread_of(_given(entries, "mastery")),
        pleasure_than_expected=spread_of(_differences(entries, "expected_pleasure", "pleasure")),
        mastery_than_expected=spread_of(_differences(entries, "expected_mastery", "mastery")),
    )


def _given(entries: list[Rated], what: str) -> list[int]:
    return [value for entry in entries if (value := getattr(entry, what)) is not None]


def _differences(entries: list[Rated], first: str, second: str) -> list[int]:
    pairs = ((getattr(entry, first), getattr(entry, second)) for entry in entries)
    return [after - before for before, after in pairs if before is not None and after is not None]


def _mean(spread: Spread | None) -> float:
    # What has no ratings of mood comes after all that has.
    return spread.mean if spread else -11.0
