"""A simulated course as something to read, and as plain data for other programs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.clinical.sequencing.fact_words import Names, fact_words, names
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import START, TIME
from app.clinical.sequencing.simulate import Change, Moment
from app.clinical.sequencing.standing import State
from app.clinical.sequencing.wording import Text, joined, sentence, spoken

_STATES = {state: spoken(state) for state in State} | {State.WAITING: "waiting for information"}


def as_words(
    pathway: Pathway, facts: Iterable[Fact], moments: Sequence[Moment], *, started_at: datetime, until: datetime
) -> str:
    """The course from the first moment to the last: what happened, and each step that it changed.

    `until` is aware and in the patient's zone. Facts that changed nothing, or came too late, are listed at the end.
    """
    told = sorted(facts, key=lambda fact: (fact.recorded_at, fact.seq))
    known, zone = names(pathway, told), _zone(until)
    blocks = [_heading(pathway, started_at, until)]
    blocks += ["\n".join(_moment(moment, known)) for moment in moments]
    shown = {fact.id for moment in moments for fact in moment.facts}
    quiet = [fact for fact in told if fact.id not in shown and fact.recorded_at <= until]
    late = [fact for fact in told if fact.recorded_at > until]
    blocks += _listed("Recorded, and no step changed:", quiet, known, zone)
    blocks += _listed("Recorded after the end of this timeline:", late, known, zone)
    blocks.append("\n".join([f"Where each step stands on {_date(until)}:", *_last(moments)]))
    return "\n\n".join(blocks)


def as_data(pathway: Pathway, facts: Iterable[Fact], moments: Iterable[Moment]) -> list[dict[str, Any]]:
    """Each moment as plain data with the same keys every time; instants are ISO 8601 with their offset."""
    known = names(pathway, facts)
    return [
        {
            "at": moment.at.isoformat(),
            "local": moment.local.isoformat(),
            "causes": list(moment.causes),
            "facts": [_fact_data(fact, known, moment.local) for fact in moment.facts],
            "changes": [_change_data(change, moment.local) for change in moment.changes],
        }
        for moment in moments
    ]


def _fact_data(fact: Fact, known: Names, local: datetime) -> dict[str, Any]:
    return {
        "id": fact.id,
        "kind": fact.kind,
        "effective_at": _iso(fact.effective_at, local),
        "recorded_at": _iso(fact.recorded_at, local),
        "words": fact_words(fact, known, _zone(local)),
    }


def _change_data(change: Change, local: datetime) -> dict[str, Any]:
    return {
        "step": change.step,
        "title": change.title,
        "before": change.before,
        "after": change.after,
        "since": _iso(change.since, local),
        "cause": change.cause,
        "truth": change.truth.name.lower() if change.truth is not None else None,
        "who_can_act": sorted(change.who_can_act),
        "earliest_at": _iso(change.earliest_at, local),
        "patient": _text_data(change.patient),
        "staff": _text_data(change.staff),
    }


def _text_data(text: Text | None) -> dict[str, Any] | None:
    if text is None:
        return None
    lines = [{"mark": line.mark, "words": line.words, "level": line.level} for line in text.lines]
    return {"headline": text.headline, "lines": lines}


def _iso(moment: datetime | None, local: datetime) -> str | None:
    return moment.astimezone(_zone(local)).isoformat() if moment else None


def _zone(local: datetime) -> ZoneInfo:
    return local.tzinfo if isinstance(local.tzinfo, ZoneInfo) else ZoneInfo(str(UTC))


def _heading(pathway: Pathway, started_at: datetime, until: datetime) -> str:
    zone = _zone(until)
    version = f"{pathway.title} ({pathway.key}, version {pathway.version})"
    return f"{version}\n{_date(started_at.astimezone(zone))} to {_date(until)}, {zone.key}"


def _date(local: datetime) -> str:
    return f"{local:%A} {local.day} {local:%B %Y}"


def _listed(heading: str, facts: Iterable[Fact], known: Names, zone: ZoneInfo) -> list[str]:
    lines = [f"  {_date(fact.recorded_at.astimezone(zone))}: {fact_words(fact, known, zone)}" for fact in facts]
    return ["\n".join([heading, *lines])] if lines else []


def _last(moments: Iterable[Moment]) -> Iterator[str]:
    last = {change.step: change for moment in moments for change in moment.changes}
    return (f"  {each.title}: {_STATES[each.after]}" for each in last.values() if each.after is not None)


def _moment(moment: Moment, known: Names) -> Iterator[str]:
    yield f"{_date(moment.local)}, {moment.local:%H:%M}"
    if START in moment.causes:
        yield "  The programme starts."
    if moment.causes == (TIME,):
        yield "  Nothing happened but time passing."
    for fact in moment.facts:
        yield f"  {fact_words(fact, known, _zone(moment.local))}"
    for change in moment.changes:
        yield ""
        yield from _change(change, known, moment.local)


def _change(change: Change, known: Names, local: datetime) -> Iterator[str]:
    yield f"  {change.title}: {_became(change)}"
    if change.cause is not None and change.since is not None:
        opened = _date(change.since.astimezone(_zone(local)))
        yield f"    Opened on {opened}. Cause: {_cause(change.cause, known, local)}"
    if change.who_can_act:
        yield f"    Who can act: {joined([spoken(who) for who in sorted(change.who_can_act)])}"
    if change.earliest_at is not None:
        earliest = change.earliest_at.astimezone(_zone(local))
        yield f"    Earliest, by time alone: {_date(earliest)}, {earliest:%H:%M}"
    for reader, text in (("The patient reads", change.patient), ("Staff read", change.staff)):
        if text is not None:
            yield f"    {reader}:"
            yield from (f"      {line}" for line in str(text).splitlines())


def _became(change: Change) -> str:
    if change.after is None:
        return "no longer there"
    now = _STATES[change.after]
    if change.before is None:
        return now
    return f"still {now}" if change.before is change.after else f"{now}, was {_STATES[change.before]}"


def _cause(cause: str, known: Names, local: datetime) -> str:
    if cause in (START, TIME):
        return "the start." if cause == START else "time."
    fact = known.facts.get(cause)
    return fact_words(fact, known, _zone(local)) if fact else sentence(cause)
