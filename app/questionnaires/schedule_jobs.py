"""What the scheduler runs: reminders of the questionnaires that fall due in the next two days, for everybody asked."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.clinical.instruments import Instrument
from app.kit.work import Clock, system_work
from app.notifications import plan_jobs
from app.questionnaires import schedule_reminder_actions, text_queries
from app.questionnaires.schedule_queries import CoursesOf


def plan(
    bind: Engine | Connection,
    service_id: UUID,
    *,
    clock: Clock,
    courses_of: CoursesOf,
    instruments: Mapping[str, Instrument],
) -> int:
    """Plan the reminders of everybody whose treatment goes on; returns how many patients there were."""
    with system_work(bind, service_id, clock=clock) as work:
        asked = tuple(text_queries.offered(work, instruments).values())
        known = list(courses_of(work, None))
    free = partial(schedule_reminder_actions.replan_free, courses_of=courses_of, asked=asked)
    alone = partial(schedule_reminder_actions.replan_alone, courses_of=courses_of, asked=asked)
    plan_jobs.plan_each(bind, service_id, known, clock=clock, free=free, alone=alone)
    return len(known)
