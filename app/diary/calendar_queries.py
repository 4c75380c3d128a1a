"""What a patient's own calendar reads: the address there is, what they chose to show, and the plans themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical import recurrence_ical
from app.clinical.recurrence_ical import Entry
from app.diary import plan_queries
from app.diary.plan_queries import Activity
from app.diary.tables import CalendarChoices, CalendarFeed
from app.kit import crypto
from app.kit.work import Work

# All that a calendar says unless somebody chose more: it may hang in a kitchen or be shared at work.
NAME = "My plans"
NEUTRAL = "Something planned"


@dataclass(frozen=True)
class Choices:
    """What a calendar shows besides when, and since when it does."""

    titles: bool = False
    alerts: bool = False
    chosen_at: datetime | None = None


@dataclass(frozen=True)
class Address:
    """Where a calendar reads, as the part behind our own name."""

    path: str
    made_at: datetime


@dataclass(frozen=True)
class Read:
    """Whose plans an address leads to, and how they are shown."""

    patient_id: UUID
    zone: str
    choices: Choices


def secret_of(work: Work, patient: Patient, feed_id: UUID) -> str:
    """256 bits that are kept nowhere: with the key they can be said again, from the database alone they cannot."""
    return crypto.sealer().sign(f"calendar:{work.service_id}:{patient.id}:{feed_id}")


def address_of(work: Work, patient: Patient) -> Address | None:
    """The address a patient's calendar reads from; None where there is none or it was withdrawn."""
    row = work.session.execute(
        sa.select(CalendarFeed.id, CalendarFeed.made_at).where(
            CalendarFeed.service_id == work.service_id,
            CalendarFeed.patient_id == patient.id,
            CalendarFeed.withdrawn_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Address(f"/calendar/{work.service_id}.{secret_of(work, patient, row.id)}.ics", row.made_at)


def choices_of(work: Work, patient: Patient) -> Choices:
    """What a patient chose, or the least there is."""
    row = work.session.get(CalendarChoices, (work.service_id, patient.id))
    return Choices(row.titles, row.alerts, row.chosen_at) if row else Choices()


def split(address: str) -> tuple[UUID, str] | None:
    """The service and the secret in an address; the service is only a claim until the secret is found in it."""
    service, _, rest = address.partition(".")
    secret, dot, ending = rest.partition(".")
    try:
        return (UUID(service), secret) if dot and ending == "ics" else None
    except ValueError:
        return None


_READ = (
    sa.select(
        CalendarFeed.patient_id, Person.zone, CalendarChoices.titles, CalendarChoices.alerts, CalendarChoices.chosen_at
    )
    .join(Person, sa.and_(Person.service_id == CalendarFeed.service_id, Person.id == CalendarFeed.patient_id))
    .outerjoin(
        CalendarChoices,
        sa.and_(
            CalendarChoices.service_id == CalendarFeed.service_id,
            CalendarChoices.patient_id == CalendarFeed.patient_id,
        ),
    )
    .where(
        CalendarFeed.service_id == sa.bindparam("service"),
        CalendarFeed.fingerprint == sa.bindparam("fingerprint"),
        CalendarFeed.withdrawn_at.is_(None),
        Person.deactivated_at.is_(None),
    )
)


def read_by(work: Work, secret: str) -> Read | None:
    """What the secret of an address opens; None for one that is withdrawn or nobody's."""
    found = work.read(_READ, {"service": work.service_id, "fingerprint": crypto.fingerprint(secret)}).one_or_none()
    if found is None:
        return None
    choices = Choices(bool(found.titles), bool(found.alerts), found.chosen_at)
    return Read(found.patient_id, found.zone, choices)


def feed(work: Work, read: Read) -> bytes:
    """The plans as a calendar that asks again finds them: the same bytes until something changes."""
    body: bytes = recurrence_ical.calendar(_entries(work, read), name=NAME, zone=read.zone).to_ical()
    return body


def download(work: Work, patient: Patient) -> bytes:
    """The plans as a file of this moment."""
    read = Read(patient.id, patient.zone.key, choices_of(work, patient))
    entries = _entries(work, read)
    body: bytes = recurrence_ical.published(entries, name=NAME, zone=read.zone, now=work.now).to_ical()
    return body


def _entries(work: Work, read: Read) -> list[Entry]:
    rows = work.read(plan_queries.PLANNED, {"service": work.service_id, "patient": read.patient_id})
    return [_entry(plan_queries.of_row(row), read.choices) for row in rows]


def _entry(activity: Activity, choices: Choices) -> Entry:
    return Entry(
        key=str(activity.id),
        series=activity.series,
        summary=activity.title if choices.titles else NEUTRAL,
        sequence=activity.version - 1,
        changed_at=max(activity.changed_at, choices.chosen_at or activity.changed_at),
        alerts=choices.alerts,
    )
