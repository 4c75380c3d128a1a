"""What lifts me: the last months' entries by activity and by kind, in words and as a drawing."""

from dataclasses import dataclass
from datetime import timedelta

from app.accounts.queries import Patient
from app.clinical import lifts
from app.clinical.lifts import Lift, Rated, Spread
from app.diary import log_queries
from app.diary.kinds import Category, Outcome
from app.diary.log_queries import Logged
from app.kit.work import Work

SPAN = timedelta(days=91)
REACHES = (3, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One line of the drawing: where its mean and its spread stand on a scale of points from -10 to 10."""

    name: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Lifts:
    """What there is to say, and how much more is needed where there is nothing."""

    activities: tuple[Lift, ...]
    kinds: tuple[Lift, ...]
    headline: str
    entries: int
    rated: int

    @property
    def bars(self) -> list[Bar]:
        """The activities with enough ratings of mood, for the drawing."""
        return [_bar(one.name, one.mood) for one in self.activities if one.mood]

    @property
    def reach(self) -> int:
        """How many points the drawing goes up and down: as few as hold every line of it."""
        furthest = max((max(-bar.low, bar.high) for bar in self.bars), default=0)
        return next(points for points in REACHES if furthest <= points or points == REACHES[-1])

    def place(self, change: float) -> float:
        """Where a change stands in the drawing, from 0 at its lowest to 1 at its highest."""
        return round((change + self.reach) / (2 * self.reach), 4)


def what_lifts(work: Work, patient: Patient) -> Lifts:
    """What was done in the last 13 weeks, beside how it felt."""
    today = work.now.astimezone(patient.zone).date()
    said = [
        one for one in log_queries.logged(work, patient, today - SPAN, today) if one.outcome is not Outcome.NOT_DONE
    ]
    by_activity = lifts.lifts(_rated(one, one.title) for one in said)
    by_kind = lifts.lifts(_rated(one, Category(one.category).label) for one in said if one.category)
    told = tuple(one for one in by_activity if one.is_told)
    rated = sum(one.mood_before is not None and one.mood_after is not None for one in said)
    return Lifts(told, tuple(one for one in by_kind if one.is_told), _headline(told), len(said), rated)


def _rated(log: Logged, name: str) -> Rated:
    planned = log.planned or {}
    return Rated(
        name=name,
        mood_before=log.mood_before,
        mood_after=log.mood_after,
        pleasure=log.pleasure,
        mastery=log.mastery,
        expected_pleasure=planned.get("pleasure"),
        expected_mastery=planned.get("mastery"),
    )


def _headline(told: tuple[Lift, ...]) -> str:
    first = next((one for one in told if one.mood and one.mood.mean >= 0.5), None)
    if first is None or first.mood is None:
        return ""
    return (
        f"After “{first.name}” your mood was around {points(first.mood.mean)} higher than before, "
        f"over {first.mood.count} times. That may be chance, but it is worth talking about."
    )


def points(mean: float) -> str:
    """A difference in words, such as "1 point" or "1.5 points"."""
    rounded = round(abs(mean) * 2) / 2
    text = f"{rounded:g}"
    return f"{text} point" if rounded == 1 else f"{text} points"


def change(spread: Spread | None) -> str:
    """A change of mood in words, with how many times it rests on."""
    if spread is None:
        return ""
    if abs(spread.mean) < 0.25:
        return f"about the same, over {spread.count} times"
    return f"around {points(spread.mean)} {'higher' if spread.mean > 0 else 'lower'}, over {spread.count} times"


def _bar(name: str, mood: Spread) -> Bar:
    return Bar(name, mood.mean, max(-10.0, mood.mean - mood.spread), min(10.0, mood.mean + mood.spread))
