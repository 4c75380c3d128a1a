"""A patient with a diary: planned and said through the product's own actions."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID, uuid4

import pytest

from app.clinical.planning import Scope, When
from app.clinical.recurrence import Freq, Rule
from app.diary import log_actions, log_queries, plan_actions, plan_queries
from app.diary.kinds import Outcome
from app.diary.log_actions import Said
from app.diary.log_queries import Logged
from app.diary.plan_actions import About
from app.diary.plan_queries import Activity
from tests.people import Somebody

DAILY = Rule(freq=Freq.DAILY)


@dataclass
class Diary:
    """One patient's diary, and what a test does in it."""

    who: Somebody

    def plan(self, title="Walk the dog", rule=DAILY, on=date(2026, 3, 3), at=time(9), **more) -> UUID:
        series_id = uuid4()
        about = About(title, **{key: more.pop(key) for key in list(more) if key in About.__dataclass_fields__})
        with self.who.working() as work:
            plan_actions.plan_activity(
                work, patient=self.who.patient(), series_id=series_id, about=about, when=When(on, rule, at, **more)
            )
        return series_id

    def activity(self, series_id: UUID) -> Activity:
        return plan_queries.activity(self.who.work(), self.who.patient(), series_id)

    def change(self, series_id, named_on, scope, *, on=None, rule=None, at=time(9), edit_id=None, version=None, **more):
        activity = self.activity(series_id)
        when = When(on or named_on, rule or activity.segment(named_on).rule, at, **more)
        with self.who.working() as work:
            plan_actions.change_activity(
                work,
                patient=self.who.patient(),
                activity=activity,
                named_on=named_on,
                scope=Scope(scope) if scope else None,
                about=plan_actions.about_of(activity),
                when=when,
                version=version or activity.version,
                edit_id=edit_id or uuid4(),
            )

    def stop(self, series_id, named_on, scope, edit_id=None) -> UUID:
        edit_id = edit_id or uuid4()
        activity = self.activity(series_id)
        with self.who.working() as work:
            plan_actions.stop_activity(
                work,
                patient=self.who.patient(),
                activity=activity,
                named_on=named_on,
                scope=Scope(scope),
                version=activity.version,
                edit_id=edit_id,
            )
        return edit_id

    def log(self, series_id, named_on, outcome=Outcome.DONE, log_id=None, **said) -> Logged:
        activity = self.activity(series_id)
        occurrence = activity.occurrence(named_on)
        assert occurrence is not None, f"nothing is planned under {named_on}"
        with self.who.working() as work:
            return log_actions.log_occurrence(
                work,
                patient=self.who.patient(),
                activity=activity,
                occurrence=occurrence,
                log_id=log_id or uuid4(),
                said=Said(outcome, **said),
            )

    def planned(self, series_id, first, last) -> list[tuple[date, time | None]]:
        return [(one.on, one.at) for one in self.activity(series_id).between(first, last)]

    def logged(self, first=date(2026, 1, 1), last=date(2027, 12, 31)) -> list[Logged]:
        return log_queries.logged(self.who.work(), self.who.patient(), first, last)


@pytest.fixture
def diary(ash: Somebody) -> Diary:
    return Diary(ash)
