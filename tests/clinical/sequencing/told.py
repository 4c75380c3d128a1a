"""A course told in a test: each line is one fact, recorded when it happened unless it says otherwise."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.clinical.sequencing import facts as f
from app.clinical.sequencing import pathway as p
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import Course

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 5, 1, 9, 0, tzinfo=LONDON)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 5) -> datetime:
    """A moment in May 2026, in London."""
    return datetime(2026, month, 1, hour, minute, tzinfo=LONDON) + timedelta(days=day - 1)


class Told:
    """The facts of one patient, in the order told."""

    def __init__(self, pathway: p.Pathway, started_at: datetime = START, zone: str = "Europe/London") -> None:
        self.pathway, self.started_at, self.zone = pathway, started_at, zone
        self.facts: list[f.Fact] = []

    def add(self, kind: type[Any], when: datetime, recorded: datetime | None = None, **fields: Any) -> Self:
        seq = len(self.facts) + 1
        fields = {"id": f"fact-{seq}", "by": "Ash", **fields}
        if issubclass(kind, f._Decision):
            fields = {"role": "practitioner", **fields, "by": fields.get("by") if fields["by"] != "Ash" else "Jo"}
        self.facts.append(kind(effective_at=when, recorded_at=recorded or when, seq=seq, **fields))
        return self

    def done(self, step: str, when: datetime, *activities: str, **fields: Any) -> Self:
        """The activities of a step done online; without naming any, all of them."""
        for activity in activities or [part.key for part in self.pathway.by_key[step].parts]:
            self.add(f.ActivityDone, when, step=step, activity=activity, **fields)
        return self

    def scored(self, measure: str, total: int | None, when: datetime, **fields: Any) -> Self:
        return self.add(f.MeasureTaken, when, measure=measure, total=total, **fields)

    def session(self, on: datetime, status: str, *, recorded: datetime | None = None, **fields: Any) -> Self:
        return self.add(
            f.AppointmentRecorded,
            on,
            recorded or on,
            **{"appointment": str(on), "starts_at": on, "ends_at": on + timedelta(hours=1), "status": status, **fields},
        )

    def logged(self, entry: str, *days: int, **fields: Any) -> Self:
        for day in days:
            self.add(f.EntryLogged, at(day, 20), entry=entry, on=date(2026, 5, 1) + timedelta(days=day - 1), **fields)
        return self

    @property
    def last(self) -> f.Fact:
        return self.facts[-1]

    def course(self, now: datetime, **options: Any) -> Course:
        return replay(self.pathway, self.facts, started_at=self.started_at, now=now, zone=self.zone, **options)


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
