"""Which jobs run and how often. It keeps no state: any number of processes carry it and one leads."""

import threading
from collections.abc import Callable
from datetime import UTC
from uuid import UUID

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Engine

from app.accounts.queries import services
from app.kit import db, logs
from app.kit.mail import Carrier
from app.kit.work import Clock
from app.notifications import jobs as notification_jobs
from app.pathways import jobs as pathway_jobs
from app.programme import jobs as programme_jobs
from app.programme.content import Library
from app.safety import jobs as safety_jobs

log = structlog.get_logger()
LEADER_LOCK = 7_201_884_301
TICK_SECONDS = 2
FOLLOW_SECONDS = 5
CLIMB_SECONDS = 60
MOVE_SECONDS = 30
REMIND_SECONDS = 900


class Leader:
    """Whether this process is the one that ticks: it holds a lock on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
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
                self._held.execute(sa.text("select 1"))
            except sa.exc.DBAPIError:
                self.resign()
                return False
            return True

    def resign(self) -> None:
        """Give the lead up."""
        held, self._held = self._held, None
        if held is not None:
            held.invalidate()
            held.close()


def start(engine: Engine, *, clock: Clock, carrier: Carrier, origin: str, library: Library) -> BackgroundScheduler:
    """Start ticking in this process; returns the scheduler, to be shut down with it."""
    logs.set_up()
    leader = Leader(engine)

    def for_each_service(job: str, run: Callable[[UUID], object]) -> None:
        if not leader.leads():
            return
        with db.transaction(engine, None) as session:
            known = services(session)
        for service in known:
            try:
                run(service.id)
            except Exception:
                # One service's fault must not keep the others' letters back.
                log.exception("job failed", job=job, service=str(service.id))

    def letters() -> None:
        for_each_service("post-links", lambda s: notification_jobs.post_links(engine, s, clock=clock, origin=origin))
        for_each_service("send", lambda s: notification_jobs.send_letters(engine, s, clock=clock, carrier=carrier))

    def follow() -> None:
        for_each_service("follow", lambda s: programme_jobs.follow(engine, s, clock=clock, origin=origin))

    def climb() -> None:
        for_each_service("climb", lambda s: safety_jobs.climb(engine, s, clock=clock))

    def remind() -> None:
        for_each_service("remind", lambda s: programme_jobs.remind(engine, s, clock=clock, origin=origin))

    def answer() -> None:
        for_each_service("what-if", lambda s: pathway_jobs.answer(engine, s, clock=clock, library=library))

    def move() -> None:
        for_each_service("move", lambda s: pathway_jobs.move(engine, s, clock=clock))

    def prove() -> None:
        for_each_service("prove", lambda s: programme_jobs.prove(engine, s, clock=clock, origin=origin))

    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
    scheduler.add_job(letters, "interval", seconds=TICK_SECONDS, misfire_grace_time=None)
    scheduler.add_job(follow, "interval", seconds=FOLLOW_SECONDS, misfire_grace_time=None)
    scheduler.add_job(climb, "interval", seconds=CLIMB_SECONDS, misfire_grace_time=None)
    scheduler.add_job(remind, "interval", seconds=REMIND_SECONDS, misfire_grace_time=None)
    scheduler.add_job(answer, "interval", seconds=TICK_SECONDS, misfire_grace_time=None)
    scheduler.add_job(move, "interval", seconds=MOVE_SECONDS, misfire_grace_time=None)
    # At night, and never between one and two: on two days a year that hour is missing or comes twice.
    scheduler.add_job(prove, "cron", hour=3, minute=15, timezone="Europe/London", misfire_grace_time=3600)
    scheduler.start()
    return scheduler
