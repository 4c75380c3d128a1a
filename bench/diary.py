"""python -m bench.diary: Today and a week of the diary, after 1 and after 10 years of it, beside reading all of it.

A year is 40 things that were planned for two months each, with six days of each moved or left out, and an entry for
every second one of their days. Five go on from the first year to the last, with forty decisions a year about their
days.
"""

import argparse
import base64
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from app.accounts import queries
from app.accounts.queries import Patient
from app.accounts.roles import Scope
from app.diary import plan_queries, week_queries
from app.kit import crypto, db, embedded
from app.kit.work import Work
from bench.__main__ import fresh_database
from bench.reminders import FOUNDER, PEOPLE, RECORDS, laid_down

SERIES = """
insert into activity_series (service_id, id, patient_id, kind, title, place, company, source, made_at, changed_at,
                             version)
select service_id, gen_random_uuid(), id, 'activity', :sealed, :sealed, :sealed, 'patient',
       now() - n * interval '365 days' / 40, now(), 1
from patient_record cross join generate_series(1, :years * 40 + 5) as n"""
SEGMENTS = """
insert into activity_segment (service_id, id, series_id, from_on, to_on, freq, every, weekdays, phase_on, at, epoch)
select service_id, gen_random_uuid(), id, begins, case when n > 5 then begins + 60 end, 'daily', 1, '{}', begins,
       time '09:00', 0
from (select *, (made_at at time zone 'utc')::date as began, row_number() over (order by made_at) as n
      from activity_series) as s
cross join lateral (select case when n > 5 then began
                                else (now() - :years * interval '365 days')::date end) as b (begins)"""
OVERRIDES = """
insert into activity_override (service_id, series_id, named_on, act, moved_to, any_time, any_length, epoch, decided_at)
select service_id, series_id, from_on + day, case when day % 2 = 0 then 'skip' else 'change' end,
       case when day % 2 = 1 then from_on + day + 3 end, false, false, 0, now()
from activity_segment cross join generate_series(0, :years * 365, 9) as day
where day < coalesce(to_on - from_on, :years * 365)"""
LOGS = """
insert into activity_log (service_id, id, patient_id, series_id, named_on, outcome, done_on, zone, title, note, barrier,
                          pleasure, recorded_at)
select g.service_id, gen_random_uuid(), s.patient_id, series_id, from_on + day, 'done', from_on + day, 'Europe/London',
       :sealed, :sealed, :sealed, 5, now()
from activity_segment g join activity_series s on s.service_id = g.service_id and s.id = g.series_id
cross join generate_series(1, :years * 365, 2) as day
where day < coalesce(to_on - from_on, :years * 365)"""


def main() -> None:
    said = arguments()
    crypto.use(secrets.token_bytes(32))
    os.environ["BENCH_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    with tempfile.TemporaryDirectory(prefix="braid-bench-") as folder:
        server = embedded.start(Path(folder) / "postgres")
        try:
            print(f"{'Milliseconds':22} {'years':>5} {'series':>7} {'decisions':>9} {'read':>8} {'all':>8}")
            for years in said.years:
                measure(fresh_database(server, years)["app"], years, said.rounds)
        finally:
            server.stop()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.diary")
    parser.add_argument("--years", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--rounds", type=int, default=200)
    return parser.parse_args()


def measure(url: str, years: int, rounds: int) -> None:
    statements = (PEOPLE, RECORDS, SERIES, SEGMENTS, OVERRIDES, LOGS)
    engine, service = laid_down(url, statements, people=1, years=years)
    with db.transaction(engine, service) as session:
        work = Work(session, service, FOUNDER, datetime.now(UTC))
        patient = the_patient(work)
        series, decisions = (
            session.execute(sa.text(f"select count(*) from {table}")).scalar_one()  # noqa: S608
            for table in ("activity_series", "activity_override")
        )
        today = work.now.astimezone(patient.zone).date()
        everything = millis(lambda: plan_queries.activities(work, patient), rounds)
        for name, act in (
            ("Today", lambda: week_queries.for_today(work, patient)),
            ("A week of the diary", lambda: week_queries.week(work, patient, today)),
        ):
            print(f"{name:22} {years:5} {series:7} {decisions:9} {millis(act, rounds):8.2f} {everything:8.2f}")
    engine.dispose()


def the_patient(work: Work) -> Patient:
    known: UUID = work.session.execute(sa.text("select id from patient_record")).scalar_one()
    found = queries.patient_within(work, Scope.SERVICE, known)
    assert found is not None
    return found


def millis(act: Callable[[], object], rounds: int) -> float:
    """The least of so many rounds: others on the machine would show in any other."""
    act()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return min(took) * 1000


if __name__ == "__main__":
    main()
