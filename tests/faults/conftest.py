"""A service in a database that keeps what is committed, and processes on it that may be killed."""

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kit import crypto
from app.kit.work import system_work
from app.notifications.kinds import Channel, ReminderState
from app.notifications.reminder_tables import Reminder
from tests.conftest import at
from tests.diary.conftest import Diary
from tests.faults.process import run
from tests.people import Somebody, World

# Each begins as a copy of one that has loaded everything, so that it starts at once.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.process"])
NINE = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
# As many people, each with one activity that is planned once, tomorrow at nine, and a reminder of it.
PEOPLE = """
insert into person (service_id, id, kind, given_name, family_name, email, email_key, zone, created_at)
select :s, gen_random_uuid(), 'patient', 'Pat', 'Ient', n || '@p.example.org',
       n || :slug || '@p.example.org',
       'Europe/London', :now from generate_series(1, :count) as n"""
RECORDS = """
insert into patient_record (service_id, id, born_on, contact_note)
select service_id, id, date '1980-01-01', '' from person where service_id = :s and kind = 'patient'"""
SERIES = """
insert into activity_series (service_id, id, patient_id, kind, title, place, company, source, made_at, changed_at,
                             version)
select service_id, gen_random_uuid(), id, 'activity', :sealed, :sealed, :sealed, 'patient', :now, :now, 1
from patient_record where service_id = :s"""
SEGMENTS = """
insert into activity_segment (service_id, id, series_id, from_on, freq, every, weekdays, phase_on, at, remind_before,
                              epoch)
select service_id, gen_random_uuid(), id, :day, 'once', 1, '{}', :day, time '09:00', 0, 0
from activity_series where service_id = :s"""

DUE = """
insert into reminder (service_id, id, person_id, kind, key, channel, about, due_at, expires_at, local_on, zone, state,
                      attempts, made_at)
select service_id, gen_random_uuid(), id, 'questionnaire', 'v1|ask|' || id || '|email', 'email', '{}', :due,
       :due + interval '5 hours', :day, 'Europe/London', 'pending', 0, :now
from patient_record where service_id = :s"""


@dataclass
class Crowd:
    """Many people who are due at once, and the processes that plan and send for them."""

    world: World
    url: str
    calls: Path
    size: int
    running: list[BaseProcess] = field(default_factory=list)
    killed: int = 0

    def start(self, what: str, moment: datetime) -> BaseProcess:
        said = (what, self.url, self.world.service_id, moment, self.calls)
        process = PROCESSES.Process(target=run, args=said)
        process.start()
        self.running.append(process)
        return process

    def together(self, what: str, count: int, moment: datetime, *, kills: int = 0) -> None:
        """So many at once until all have ended; some are killed at a moment of chance, each followed by another."""
        chance = random.Random(count)
        here = [self.start(what, moment) for _ in range(count)]
        while any(process.is_alive() for process in here):
            time.sleep(chance.uniform(0.02, 0.1))
            alive = [process for process in here if process.is_alive()]
            if kills and alive and self._at_work(what):
                victim = chance.choice(alive)
                victim.kill()
                victim.join()
                here.remove(victim)
                here.append(self.start(what, moment))
                kills -= 1
                self.killed += 1
        assert all(process.exitcode == 0 for process in here)

    def fall_due(self, due_at: datetime) -> None:
        """A reminder for each, of something that is not planned in the diary."""
        now = self.world.clock.now
        with self.world.founding() as work:
            told = {"s": self.world.service_id, "due": due_at, "day": due_at.date(), "now": now}
            work.session.execute(sa.text(DUE), told)

    def _at_work(self, what: str) -> bool:
        return len(self.keys()) > 0 if what == "send" else self.count() > 0

    def keys(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def count(self, *states: ReminderState) -> int:
        which = [Reminder.service_id == self.world.service_id, Reminder.channel == Channel.EMAIL]
        if states:
            which.append(Reminder.state.in_(states))
        with system_work(self.world.bind, self.world.service_id) as work:
            return work.session.scalar(sa.select(sa.func.count()).select_from(Reminder).where(*which)) or 0


@pytest.fixture
def crowd(engine: sa.Engine, database: str, tmp_path: Path) -> Iterator[Callable[[int], Crowd]]:
    made: list[Crowd] = []

    def gather(size: int) -> Crowd:
        world = World(engine)
        told = {
            "s": world.service_id,
            "slug": world.slug,
            "count": size,
            "now": world.clock.now,
            "day": NINE.date(),
            "sealed": crypto.sealer().seal(""),
        }
        with world.founding() as work:
            for statement in (PEOPLE, RECORDS, SERIES, SEGMENTS):
                work.session.execute(sa.text(statement), told)
            work.record("crowd.gathered")
        made.append(Crowd(world, at(os.environ["BRAID_TEST_APP"], database), tmp_path / "calls", size))
        return made[-1]

    yield gather
    for process in (process for crowd in made for process in crowd.running if process.is_alive()):
        process.kill()
        process.join()


@pytest.fixture
def diary(ash: Somebody) -> Diary:
    return Diary(ash)
