"""Scores over time in words and as charts: for the patient without a verdict, for staff with reliable change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from app.clinical import instruments as scoring
from app.clinical import outcomes
from app.clinical.instruments import Instrument
from app.clinical.outcomes import Change
from app.kit import chart, say
from app.kit.chart import Chart
from app.questionnaires.queries import Answered


@dataclass(frozen=True)
class Trend:
    """One questionnaire over time. `flag` is empty unless the latest score is reliably above the first or best."""

    key: str
    title: str
    about: str
    headline: str
    sentence: str
    flag: str
    chart: Chart


@dataclass(frozen=True)
class Result:
    """One score as its patient is told it."""

    total: int
    highest: int
    band: str
    lowest_of_band: int
    highest_of_band: int
    since: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """A total and the patient's own day it is of."""

    on: date
    total: int


def for_patient(given: Sequence[Answered], instruments: Mapping[str, Instrument], zone: ZoneInfo) -> list[Trend]:
    """The patient's own scores, one trend for each questionnaire answered at least once; oldest answers first."""
    return [
        _trend(instrument, scores, chart.PATIENT, sentence=_told(instrument, scores))
        for instrument, scores in _by_measure(given, instruments, zone)
    ]


def for_staff(given: Sequence[Answered], instruments: Mapping[str, Instrument], zone: ZoneInfo) -> list[Trend]:
    """The same for staff, with the measure's reliable change and a flag where the patient has got worse by it."""
    return [
        _trend(instrument, scores, chart.STAFF, sentence=_reported(instrument, scores), flag=_flag(instrument, scores))
        for instrument, scores in _by_measure(given, instruments, zone)
    ]


def flags(given: Sequence[Answered], instruments: Mapping[str, Instrument], zone: ZoneInfo) -> list[str]:
    """A sentence for each measure whose latest score is reliably above the first or the best."""
    told = (_flag(instrument, scores) for instrument, scores in _by_measure(given, instruments, zone))
    return [words for words in told if words]


def result(response: Answered, given: Sequence[Answered], instrument: Instrument, zone: ZoneInfo) -> Result | None:
    """What the patient is told of one response, compared with those before it; None where it has no score."""
    if response.total is None:
        return None
    scores = _scores(given[: given.index(response) + 1], instrument, zone)
    # Only a questionnaire with bands says anything of a total by itself.
    if not instrument.bands:
        return None
    band = scoring.band_of(instrument, response.total)
    return Result(
        total=response.total,
        highest=instrument.range.highest,
        band=band.label.lower(),
        lowest_of_band=band.lowest,
        highest_of_band=band.highest,
        since=_since(instrument, scores),
    )


def _by_measure(
    given: Sequence[Answered], instruments: Mapping[str, Instrument], zone: ZoneInfo
) -> Iterator[tuple[Instrument, list[Scored]]]:
    for instrument in instruments.values():
        if instrument.range and (scores := _scores(given, instrument, zone)):
            yield instrument, scores


def _scores(given: Sequence[Answered], instrument: Instrument, zone: ZoneInfo) -> list[Scored]:
    return [
        Scored(one.submitted_at.astimezone(zone).date(), one.total)
        for one in given
        if one.instrument == instrument.key and one.total is not None
    ]


def _trend(
    instrument: Instrument, scores: list[Scored], widths: tuple[int, int], *, sentence: str, flag: str = ""
) -> Trend:
    first, last = scores[0].total, scores[-1].total
    return Trend(
        key=instrument.key,
        title=instrument.short,
        about=f"{instrument.range.lowest} to {instrument.range.highest}, {instrument.better} is better",
        headline=f"{instrument.short} from {first} to {last}" if len(scores) > 1 else f"{instrument.short} {last}",
        sentence=sentence,
        flag=flag,
        chart=chart.chart(_line(instrument, scores), widths),
    )


def _line(instrument: Instrument, scores: list[Scored]) -> chart.Line:
    # Two on one day would lie on top of each other: the later one stands for the day.
    by_day = {score.on: float(score.total) for score in scores}
    return chart.Line(
        points=tuple(sorted(by_day.items())),
        low=instrument.range.lowest,
        high=instrument.range.highest,
        bands=tuple(chart.Band(band.lowest, band.highest, band.label) for band in instrument.bands),
    )


def _told(instrument: Instrument, scores: list[Scored]) -> str:
    latest = scores[-1]
    told = f"{latest.total} out of {instrument.range.highest} on {say.day(latest.on)}."
    return " ".join((told, *_since(instrument, scores)))


def _since(instrument: Instrument, scores: list[Scored]) -> tuple[str, ...]:
    *earlier, latest = scores
    if not earlier:
        return ("This is your first, so there is nothing to compare it with yet.",)
    last_time = _moved(instrument, earlier[-1], latest, f"last time, {say.day(earlier[-1].on)}")
    if len(earlier) == 1:
        return (last_time,)
    return last_time, _moved(instrument, earlier[0], latest, f"your first, {say.day(earlier[0].on)}")


def _moved(instrument: Instrument, before: Scored, now: Scored, when: str) -> str:
    if before.total == now.total:
        return f"The same as {when}."
    if instrument.reliable_change is None:
        return f"{_direction(before, now)} since {when}."
    change = outcomes.reliable_change(before.total, now.total, threshold=instrument.reliable_change)
    by_chance = "That may be chance." if change is Change.NONE else "That is more than it usually moves by chance."
    return f"{_direction(before, now)} since {when}. {by_chance}"


def _reported(instrument: Instrument, scores: list[Scored]) -> str:
    first, last = scores[0], scores[-1]
    if len(scores) == 1:
        band = f": {scoring.band_of(instrument, last.total).label.lower()}" if instrument.bands else ""
        caseness = f" Caseness is {instrument.caseness} or more." if instrument.caseness is not None else ""
        return f"{last.total} on {say.day(last.on)}{band}.{caseness}"
    reached = f"{last.total} on {say.day(last.on)}, {first.total} at first."
    threshold = instrument.reliable_change
    if first.total == last.total:
        return f"{reached} No change."
    if threshold is None:
        return f"{reached} {_direction(first, last)}."
    words = {
        Change.IMPROVED: "A reliable change",
        Change.DETERIORATED: "A reliable change for the worse",
        Change.NONE: "Not yet a reliable change" if last.total < first.total else "Not a reliable change",
    }[outcomes.reliable_change(first.total, last.total, threshold=threshold)]
    return f"{reached} {_direction(first, last)}. {words} ({threshold})."


def _flag(instrument: Instrument, scores: list[Scored]) -> str:
    if instrument.reliable_change is None or not outcomes.worsened(
        [score.total for score in scores], threshold=instrument.reliable_change
    ):
        return ""
    best = min(scores, key=lambda score: score.total)
    which = "first" if best is scores[0] else "best"
    rise = f"{instrument.short} is up {scores[-1].total - best.total} from the {which}"
    return f"{rise}, {best.total} on {say.day(best.on)}: reliably worse ({instrument.reliable_change})."


def _direction(before: Scored, now: Scored) -> str:
    moved = now.total - before.total
    return f"Up {moved}" if moved > 0 else f"Down {-moved}"
