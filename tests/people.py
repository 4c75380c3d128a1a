"""People of a small service, and how a test acts as them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import actions, queries, roles
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role, Scope
from app.accounts.tables import Person
from app.kit import db
from app.kit.work import Actor, Work

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
FOUNDER = Actor(None, "Founder", Role.CLINICAL_LEAD.value, LONDON, frozenset(Capability))


@dataclass
class Clock:
    """A clock that stands still until a test moves it on."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> datetime:
        """Move on by so many days, hours, minutes or seconds."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class Somebody:
    """A person of the service, in one role."""

    world: "World"
    person: Person
    role: Role

    @property
    def id(self) -> UUID:
        return self.person.id

    def actor(self) -> Actor:
        may = roles.capabilities(self.role)
        return Actor(
            self.id,
            f"{self.person.given_name} {self.person.family_name}",
            self.role.value,
            LONDON,
            may,
            self.person.given_name,
        )

    def work(self) -> Work:
        """Work as this person that is written at once and never committed: the test is rolled back."""
        return self.world.open_work(self.actor())

    @contextmanager
    def working(self) -> Iterator[Work]:
        """Work as this person that is committed, with all that committing checks."""
        with db.transaction(self.world.bind, self.world.service_id) as session:
            yield Work(session, self.world.service_id, self.actor(), self.world.clock.now)

    def patient(self) -> Patient:
        """This patient's record as `access` would hand it out."""
        found = queries.patient_within(self.work(), Scope.SERVICE, self.id)
        assert found is not None
        return found


@dataclass
class World:
    """One service in a database, with the people a test asks for."""

    bind: sa.Connection | sa.Engine
    clock: Clock = field(default_factory=Clock)
    service_id: UUID = field(default_factory=uuid4)
    slug: str = field(default_factory=lambda: f"service-{uuid4().hex[:8]}")
    _open: list[Session] = field(default_factory=list)
    _known: dict[str, Somebody] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.founding() as work:
            actions.found_service(
                work, slug=self.slug, name="Northmoor Talking Therapies", zone="Europe/London", settings={}
            )

    @contextmanager
    def founding(self) -> Iterator[Work]:
        """Committed work by somebody who may do everything, for setting the scene."""
        with db.transaction(self.bind, self.service_id) as session:
            yield Work(session, self.service_id, FOUNDER, self.clock.now)

    def open_work(self, actor: Actor) -> Work:
        session = db.session_for(self.bind, self.service_id)
        # Held and never closed: closing one would roll back savepoints that others have been released into.
        self._open.append(session)
        return Work(session, self.service_id, actor, self.clock.now)

    def close(self) -> None:
        """Give back the connections of all open work, where each has one of its own."""
        while self._open:
            self._open.pop().close()

    def staff(self, name: str, role: Role = Role.PRACTITIONER) -> Somebody:
        """A member of staff, added on first mention: `world.staff("Robin Hale")`."""
        if name not in self._known:
            given, family = name.split()
            with self.founding() as work:
                person = actions.add_staff(
                    work, given_name=given, family_name=family, email=self.email(name), staff_roles=[role]
                )
            self._known[name] = Somebody(self, person, role)
        return self._known[name]

    def patient(self, name: str, *, of: Somebody | None = None, nhs_number: str | None = None) -> Somebody:
        """A patient on somebody's caseload, added on first mention."""
        if name not in self._known:
            practitioner = of or self.staff("Robin Hale")
            given, family = name.split()
            with self.founding() as work:
                person = actions.invite_patient(
                    work,
                    given_name=given,
                    family_name=family,
                    email=self.email(name),
                    born_on=date(1989, 3, 14),
                    practitioner_id=practitioner.id,
                    nhs_number=nhs_number,
                )
            self._known[name] = Somebody(self, person, Role.PATIENT)
        return self._known[name]

    def email(self, name: str) -> str:
        return f"{name.replace(' ', '.').lower()}@{self.slug}.example.org"
