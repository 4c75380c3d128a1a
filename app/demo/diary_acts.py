"""The acts of a story's diary: what somebody plans, and what they say became of it."""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from app.accounts.queries import Patient
from app.clinical.planning import When
from app.clinical.recurrence import Freq, Rule
from app.diary import log_actions, plan_actions, plan_queries
from app.diary.kinds import Category, Outcome, SeriesKind
from app.diary.log_actions import Said
from app.diary.plan_actions import About
from app.diary.plan_queries import Activity
from app.kit.work import Work

PLANNED_AT, SAID_AT = "19:40", "21:10"
Told = tuple[int, str, str, dict[str, Any]]


def told(diary: list[dict[str, Any]]) -> Iterator[Told]:
    """Each act of a diary as written: its day, its time of day, what is done, and what is said with it."""
    for one in diary:
        went = one.get("went", {})
        if "planned" in one:
            what = {name: value for name, value in one.items() if name not in ("went", "planned")}
            yield one["planned"], PLANNED_AT, "plan", what
            for day, said in went.items():
                yield day, SAID_AT, "went", {"title": one["what"], "said": said}
        else:
            for day, said in went.items():
                yield day, SAID_AT, "happened", {"title": one["what"], "kind": one.get("kind"), "said": said}


def plan(work: Work, patient: Patient, what: Mapping[str, Any]) -> None:
    """Put an activity in the diary from so many days on, counted from today as the story's days are."""
    on = what["on"]
    at = time.fromisoformat(what["at"]) if "at" in what else None
    about = About(
        title=what["what"],
        category=Category(what["kind"]) if "kind" in what else None,
        place=what.get("where", ""),
        company=what.get("with", ""),
        difficulty=what.get("difficulty"),
        expected_pleasure=what.get("pleasure"),
        expected_mastery=what.get("achievement"),
        kind=SeriesKind(what.get("carries", SeriesKind.ACTIVITY)),
    )
    when = When(on, _rule(what.get("repeat", "once"), on), at, what.get("minutes"), remind_before=what.get("remind"))
    plan_actions.plan_activity(work, patient=patient, series_id=uuid4(), about=about, when=when)


def _rule(repeat: str, on: date) -> Rule:
    match repeat:
        case "daily":
            return Rule(freq=Freq.DAILY)
        case "weekly":
            return Rule(freq=Freq.WEEKLY, weekdays=(on.weekday(),))
    return Rule(freq=Freq.ONCE)


def went(work: Work, patient: Patient, *, title: str, said: Mapping[str, Any]) -> None:
    """Say what became of what was planned for this day."""
    activity = next(one for one in plan_queries.activities(work, patient) if one.title == title)
    occurrence = _on(activity, work.today)
    log_actions.log_occurrence(
        work, patient=patient, activity=activity, occurrence=occurrence, log_id=uuid4(), said=_said(said)
    )


def _on(activity: Activity, day: date) -> Any:
    found = activity.between(day, day)
    if not found:
        raise ValueError(f"“{activity.title}” is not planned for {day}")
    return found[0]


def happened(work: Work, patient: Patient, *, title: str, kind: str | None, said: Mapping[str, Any]) -> None:
    """Say what was done that nobody had planned."""
    category = Category(kind) if kind else None
    log_actions.log_unplanned(
        work,
        patient=patient,
        log_id=uuid4(),
        said=_said(said),
        done_on=work.today,
        title=title,
        category=category,
    )


def _said(said: Mapping[str, Any]) -> Said:
    before, after = said.get("mood", (None, None))
    return Said(
        outcome=Outcome(said.get("outcome", Outcome.DONE)),
        pleasure=said.get("pleasure"),
        mastery=said.get("achievement"),
        mood_before=before,
        mood_after=after,
        barrier=said.get("barrier", ""),
        note=said.get("note", ""),
    )


def from_today(what: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What is planned with its first day, which a story writes as so many days from today."""
    return {**what, "on": today + timedelta(days=what["on"])}
