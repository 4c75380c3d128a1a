"""Which jobs run and how often. It keeps no state: any number of processes carry it and one leads."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Engine

from app.accounts.queries import services
from app.caseload import jobs as caseload_jobs
from app.diary import jobs as diary_jobs
from app.diary import reminder_queries as diary_reminders
from app.kit import db, logs
from app.kit.mail import Carrier
from app.kit.work import Clock, wall_clock
from app.mood import jobs as mood_jobs
from app.mood import momentary_jobs
from app.mood import momentary_reminder_queries as momentary_reminders
from app.mood import reminder_queries as mood_reminders
from app.notifications import device_jobs, dispatch_jobs, fence_actions, pulse_actions
from app.notifications import jobs as notification_jobs
from app.notifications.dispatch_jobs import Senders
from app.notifications.kinds import ReminderKind
from app.notifications.part_kinds import Part
from app.pathways import jobs as pathway_jobs
from app.programme import asking_queries
from app.programme import jobs as programme_jobs
from app.programme.content import Library
from app.questionnaires import schedule_jobs as questionnaire_jobs
from app.questionnaires import schedule_reminder_queries as questionnaire_reminders
from app.safety import jobs as safety_jobs

log = structlog.get_logger()
LEADER_LOCK = 7_201_884_301
# Often enough for three minutes of silence to mean something, and a row a part every so often is all it costs.
BEAT_EVERY = timedelta(seconds=20)
# A machine that is cut off says no goodbye: without this its lock would be held for hours.
_LET_GO_OF_THE_DEAD = sa.text(
    "select set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
# Who is asked, before a reminder leaves, whether it is still wanted.
STILL_WANTED = {
    ReminderKind.ACTIVITY: diary_reminders.still_wanted,
    ReminderKind.MOOD: mood_reminders.still_wanted,
    ReminderKind.MOMENTARY: momentary_reminders.still_wanted,
    ReminderKind.QUESTIONNAIRE: questionnaire_reminders.still_wanted,
}
Run = Callable[[UUID], object]


class Leader:
    """Whether this process is the one that ticks: it holds a lock on a connection of its own."""

    def __init__(self, engine: Engine, *, won: Callable[[], None]) -> None:
        self._engine = engine
        self._won = won
        self._held: sa.Connection | None = None
        self._guard = threading.Lock()

    def leads(self) -> bool:
        """Take or keep the lead. A broken connection loses it, for then another may have taken it."""
        with self._guard:
            try:
                if self._held is None:
                    connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                    won = connection.execute(sa.text("select pg_try_advisory_lock(:k)"), {"k": LEADER_LOCK}).scalar()
                    if not won:
                        connection.close()
                        return False
                    self._held = connection
                    connection.execute(_LET_GO_OF_THE_DEAD)
                    self._won()
                self._held.execute(sa.text("select 1"))
            except Exception as failed:
                self.resign()
                if isinstance(failed, sa.exc.DBAPIError | psycopg.Error):
                    return False
                raise
            return True

    def resign(self) -> None:
        """Give the lead up."""
        held, self._held = self._held, None
        if held is not None:
            held.invalidate()
            held.close()


class Rounds:
    """Goes round every service with a part's jobs where this process leads, and leaves a heartbeat that it did."""

    def __init__(self, engine: Engine, clock: Clock, parts: Iterable[Part]) -> None:
        self._engine = engine
        self._clock = clock
        self._parts = tuple(parts)
        self._beat_at: dict[Part, datetime] = {}
        self.leader = Leader(engine, won=self._begin)

    def _begin(self) -> None:
        with db.transaction(self._engine, None) as session:
            # First of all: the heartbeats that a copy brought along say when it was taken.
            fence_actions.notice(session, self._clock())
            pulse_actions.await_parts(session, self._parts, now=self._clock())
        self._beat_at.clear()

    def go(self, part: Part, runs: Mapping[str, Run]) -> None:
        """Once round with one part."""
        if not self.leader.leads():
            return
        with db.transaction(self._engine, None) as session:
            fence_actions.notice(session, self._clock())
            known = services(session)
        served = [self._serve(service.id, runs) for service in known]
        # What fails everywhere has stopped, however often it is tried.
        if any(served) or not known:
            self._beat(part)

    def _serve(self, service_id: UUID, runs: Mapping[str, Run]) -> bool:
        well = True
        for job, run in runs.items():
            try:
                run(service_id)
            except Exception:
                # One service's fault must not keep the others' letters back.
                log.exception("job failed", job=job, service=str(service_id))
                well = False
        return well

    def _beat(self, part: Part) -> None:
        now = self._clock()
        if part in self._beat_at and now - self._beat_at[part] < BEAT_EVERY:
            return
        with db.transaction(self._engine, None) as session:
            pulse_actions.beat(session, part, now=now)
        self._beat_at[part] = now


def carried(
    engine: Engine, *, clock: Clock, carrier: Carrier, origin: str, library: Library, senders: Senders
) -> dict[Part, Mapping[str, Run]]:
    """Each part with what it runs for one service."""
    return {
        Part.LETTERS: {
            "post-links": lambda s: notification_jobs.post_links(engine, s, clock=clock, origin=origin),
            "send": lambda s: notification_jobs.send_letters(engine, s, clock=clock, carrier=carrier),
        },
        Part.CLIMB: {"climb": lambda s: safety_jobs.climb(engine, s, clock=clock)},
        Part.REVIEW: {
            "review": lambda s: caseload_jobs.review(engine, s, clock=clock, instruments=library.instruments)
        },
        Part.PLAN: {
            "plan": lambda s: diary_jobs.plan(engine, s, clock=clock),
            "let-go-of-unseen": lambda s: device_jobs.let_go_of_unseen(engine, s, clock=clock),
            "plan-mood": lambda s: mood_jobs.plan(engine, s, clock=clock),
            "plan-momentary": lambda s: momentary_jobs.plan(engine, s, clock=clock),
            "plan-questionnaires": lambda s: questionnaire_jobs.plan(
                engine, s, clock=clock, courses_of=asking_queries.courses_of, instruments=library.instruments
            ),
        },
        Part.DISPATCH: {
            # First, so that whoever opens a reminder finds the question.
            "ask": lambda s: momentary_jobs.ask(engine, s, clock=clock),
            "dispatch": lambda s: dispatch_jobs.dispatch(engine, s, clock=clock, senders=senders, still=STILL_WANTED),
        },
        Part.FOLLOW: {"follow": lambda s: programme_jobs.follow(engine, s, clock=clock, origin=origin)},
        Part.REMIND: {"remind": lambda s: programme_jobs.remind(engine, s, clock=clock, origin=origin)},
        Part.WHAT_IF: {"what-if": lambda s: pathway_jobs.answer(engine, s, clock=clock, library=library)},
        Part.MOVE: {"move": lambda s: pathway_jobs.move(engine, s, clock=clock)},
        Part.PROVE: {"prove": lambda s: programme_jobs.prove(engine, s, clock=clock, origin=origin)},
    }


def start(
    engine: Engine, *, clock: Clock, carrier: Carrier, origin: str, library: Library, senders: Senders
) -> BackgroundScheduler:
    """Start ticking in this process; returns the scheduler, to be shut down with it."""
    logs.set_up()
    parts = carried(engine, clock=clock, carrier=carrier, origin=origin, library=library, senders=senders)
    rounds = Rounds(engine, clock, parts)
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
    for part, runs in parts.items():
        if part is Part.PROVE:
            # At night, and never between one and two: on two days a year that hour is missing or comes twice.
            when = {"trigger": "cron", "hour": 3, "minute": 15, "timezone": "Europe/London", "misfire_grace_time": 3600}
        else:
            when = {"trigger": "interval", "seconds": part.every.total_seconds(), "misfire_grace_time": None}
        if part is Part.PLAN:
            # At once as well: nobody knows how long nobody has planned.
            when["next_run_time"] = wall_clock()
        scheduler.add_job(rounds.go, args=(part, runs), id=part.value, **when)
    scheduler.start()
    return scheduler
