"""python -m bench.reminders: how long it takes to plan a service's reminders, how many leave a second, and how late.

One process plans and sends, as in a deployment; the provider takes no time, so that what is measured is ours.
"""

import argparse
import base64
import os
import resource
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Capability, Role
from app.diary import jobs, reminder_queries
from app.kit import crypto, db, embedded
from app.kit.work import Actor, Work
from app.notifications import dispatch_jobs
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.part_kinds import Part
from app.notifications.sending import Outcome, Sent
from bench.__main__ import fresh_database

TICK = Part.DISPATCH.every.total_seconds()
FOUNDER = Actor(None, "Founder", Role.CLINICAL_LEAD.value, ZoneInfo("Europe/London"), frozenset(Capability))
PEOPLE = """
insert into person (service_id, id, kind, given_name, family_name, email, email_key, zone, created_at)
select :s, gen_random_uuid(), 'patient', 'Pat', 'Ient', n || '@p.example.org', n || '@p.example.org',
       'Europe/London', now() from generate_series(1, :people) as n"""
RECORDS = """
insert into patient_record (service_id, id, born_on, contact_note)
select service_id, id, date '1980-01-01', '' from person where kind = 'patient'"""
SERIES = """
insert into activity_series (service_id, id, patient_id, kind, title, place, company, source, made_at, changed_at,
                             version)
select service_id, gen_random_uuid(), id, 'activity', :sealed, :sealed, :sealed, 'patient', now(), now(), 1
from patient_record cross join generate_series(1, :each)"""
SEGMENTS = """
insert into activity_segment (service_id, id, series_id, from_on, freq, every, weekdays, phase_on, at, remind_before,
                              epoch)
select service_id, gen_random_uuid(), id, current_date - 60, 'daily', 1, '{}', current_date - 60,
       time '08:00' + random() * interval '12 hours', 15, 0
from activity_series"""
# What a series has behind it for each year: another rule, and every three weeks a decision and a reminder.
OLD_SEGMENTS = """
insert into activity_segment (service_id, id, series_id, from_on, to_on, freq, every, weekdays, phase_on, at,
                              remind_before, epoch)
select service_id, gen_random_uuid(), id, current_date - 60 - 365 * n, current_date - 60 - 365 * (n - 1), 'daily', 1,
       '{}', current_date - 60 - 365 * n, time '09:00', 15, 0
from activity_series cross join generate_series(1, :years) as n"""
OLD_OVERRIDES = """
insert into activity_override (service_id, series_id, named_on, act, any_time, any_length, epoch, decided_at)
select service_id, id, current_date - 21 * n, 'skip', false, false, 0, now()
from activity_series cross join generate_series(1, 17 * :years) as n"""
OLD_REMINDERS = """
insert into reminder (service_id, id, person_id, kind, key, channel, about, series_id, due_at, expires_at, local_on,
                      zone, state, attempts, made_at, settled_at)
select service_id, gen_random_uuid(), patient_id, 'activity', 'v1|act|' || id || '|' || current_date - 21 * n ||
       '|0|0|email', 'email', '{}', id, now() - n * interval '21 days', now() - n * interval '21 days',
       current_date - 21 * n, 'Europe/London', 'sent', 1, now(), now()
from activity_series cross join generate_series(1, 17 * :years) as n"""
OLD = (OLD_SEGMENTS, OLD_OVERRIDES, OLD_REMINDERS)
# Of a kind without a daily limit, so that every one of them leaves.
PENDING = """
insert into reminder (service_id, id, person_id, kind, key, channel, about, due_at, expires_at, local_on, zone, state,
                      attempts, made_at)
select service_id, gen_random_uuid(), id, 'appointment', 'v1|appt|' || id || '|' || n || '|email', 'email', '{}',
       :due + (n - 1) * interval '1 day' + random() * :spread, :due + interval '60 days', current_date,
       'Europe/London', 'pending', 0, now()
from patient_record cross join generate_series(1, :each) as n"""


class Provider:
    """Takes no time and notes how late each message is."""

    redo_if_unsure = True

    def __init__(self) -> None:
        self.late: list[float] = []

    def send(self, message: Any, to: Any) -> Sent:
        self.late.append((datetime.now(UTC) - message.due_at).total_seconds())
        return Sent(Outcome.SENT)

    def look_up(self, key: str) -> Outcome | None:
        return None


def main() -> None:
    said = arguments()
    crypto.use(secrets.token_bytes(32))
    os.environ["BENCH_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    with tempfile.TemporaryDirectory(prefix="braid-bench-") as folder:
        server = embedded.start(Path(folder) / "postgres")
        try:
            for years in said.years:
                plan(fresh_database(server, said.series + years)["app"], said.series, years)
            if said.pending:
                send(fresh_database(server, said.pending)["app"], said.pending, said.seconds)
        finally:
            server.stop()
    print(f"peak memory            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.reminders")
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--years", type=int, nargs="*", default=[0], help="that every series has behind it")
    parser.add_argument("--pending", type=int, default=100_000, help="0 to send nothing")
    parser.add_argument("--seconds", type=float, default=30.0, help="of steady sending")
    return parser.parse_args()


def plan(url: str, series: int, years: int) -> None:
    """All of a service's diaries planned for the first time, again, by another process, and as the day goes on."""
    lay = (PEOPLE, RECORDS, SERIES, SEGMENTS, *(OLD if years else ()))
    engine, service = laid_down(url, lay, people=series // 5, each=5, years=years)
    moment = datetime.now(UTC)

    def measured(label: str) -> None:
        before = time.process_time()
        took = timed(lambda: jobs.plan(engine, service, clock=lambda: moment))
        own = time.process_time() - before
        print(f"{label:24} {took:6.2f} s, {own:5.2f} s of it ours: {series} series with {years} years behind them")

    measured("planned anew")
    measured("again")
    with db.transaction(engine, service) as session:
        session.execute(sa.text("update reminder_plan set made_of = ''"))
    measured("by another process")
    # When the most come near: in the middle of a day.
    moment = moment.replace(hour=12, minute=0) + timedelta(days=1)
    jobs.plan(engine, service, clock=lambda: moment)
    for quarter in ("first", "second"):
        moment += Part.PLAN.every
        measured(f"the {quarter} quarter hour")
    engine.dispose()


def send(url: str, pending: int, seconds: float) -> None:
    """A burst that is due at once, then a steady stream, with the rest of the reminders pending all along."""
    due = datetime.now(UTC)
    spread = timedelta(seconds=seconds)
    engine, service = laid_down(
        url, (PEOPLE, RECORDS, PENDING), people=pending // 20, each=20, due=due, spread=timedelta(0)
    )
    print(f"pending                {pending:8}")
    burst = Provider()
    took = timed(lambda: until_empty(engine, service, burst))
    print(f"sent at once           {len(burst.late) / took:8.0f} a second, {len(burst.late)} in {took:.1f} s")
    with db.transaction(engine, service) as session:
        moved = sa.text("update reminder set due_at = :due + random() * :spread where key like '%|2|email'")
        session.execute(moved, {"due": datetime.now(UTC), "spread": spread})
    steady = Provider()
    ends = time.perf_counter() + seconds + 2 * TICK
    while time.perf_counter() < ends:
        took = timed(lambda: until_empty(engine, service, steady))
        time.sleep(max(0.0, TICK - took))
    late = sorted(steady.late)
    print(
        f"steady, {len(late) / seconds:4.0f} a second   late p50 {statistics.median(late):.2f} s, "
        f"p99 {late[int(len(late) * 0.99) - 1]:.2f} s, most {late[-1]:.2f} s"
    )
    engine.dispose()


def until_empty(engine: sa.Engine, service: UUID, provider: Provider) -> None:
    still = {ReminderKind.ACTIVITY: reminder_queries.still_wanted}
    senders = {Channel.EMAIL: provider}
    while dispatch_jobs.dispatch(
        engine, service, clock=lambda: datetime.now(UTC), senders=senders, still=still, pace=10**9
    ):
        pass


def timed(what: Callable[[], object]) -> float:
    before = time.perf_counter()
    what()
    return time.perf_counter() - before


def laid_down(url: str, statements: tuple[str, ...], **said: Any) -> tuple[sa.Engine, UUID]:
    engine, service = db.connect(url), uuid4()
    with db.transaction(engine, service) as session:
        work = Work(session, service, FOUNDER, datetime.now(UTC))
        accounts.found_service(work, slug="bench", name="Bench", zone="Europe/London", settings={})
        for statement in statements:
            session.execute(sa.text(statement), {"s": service, "sealed": crypto.sealer().seal(""), **said})
        work.record("bench.loaded")
    owner = sa.create_engine(os.environ["BENCH_OWNER"], isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql("vacuum analyze")
    owner.dispose()
    return engine, service


if __name__ == "__main__":
    main()
