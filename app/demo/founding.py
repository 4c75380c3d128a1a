"""How a service begins: its row, and the first people invited into it, who then invite the rest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.engine import Connection, Engine

from app.accounts import actions as accounts
from app.accounts.roles import Capability, Role
from app.accounts.tables import Service
from app.kit import db, zones
from app.kit.errors import Conflict, Refused
from app.kit.work import Actor, Work

LONDON = ZoneInfo("Europe/London")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Whoever has the database may begin a service in it. They act as a clinical lead does, who may give every role.
FOUNDER = Actor(None, "Founder", Role.CLINICAL_LEAD.value, LONDON, frozenset({Capability.MANAGE_STAFF}))


class Unfounded(Refused):
    title = "The service was not begun"


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to be invited, with the roles they will act in."""

    given_name: str
    family_name: str
    email: str
    roles: tuple[Role, ...]


def newcomer(text: str, *roles: Role) -> Newcomer:
    """Somebody from `Helen Marsh <helen.marsh@example.org>`; refuses with Unfounded where that cannot be read."""
    name, address = parseaddr(text)
    given, _, family = name.strip().partition(" ")
    if not given or not family.strip():
        raise Unfounded(f"“{text}” needs a first name, a last name and an address: Helen Marsh <helen@example.org>")
    try:
        checked = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as wrong:
        raise Unfounded(f"“{address}” is not an e-mail address. {wrong}") from None
    return Newcomer(given, family.strip(), checked, roles)


def is_founded(bind: Engine | Connection, slug: str) -> bool:
    """Whether there is a service with this short name."""
    with db.transaction(bind, None) as session:
        return session.execute(sa.select(Service.id).where(Service.slug == slug)).first() is not None


def found(
    bind: Engine | Connection,
    *,
    slug: str,
    name: str,
    people: Sequence[Newcomer],
    now: datetime,
    zone: str = "Europe/London",
    settings: dict[str, Any] | None = None,
) -> UUID:
    """Begin a service and invite its first people, all or nothing; returns the service's id."""
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        raise Unfounded(f"“{slug}” is no short name for a service: use small letters, numbers and hyphens.")
    if not name.strip() or len(name) > 120:
        raise Unfounded("Give the service a name of up to 120 letters.")
    if zone not in zones.known():
        raise Unfounded(f"“{zone}” is not a time zone, such as Europe/London.")
    if is_founded(bind, slug):
        raise Conflict(f"There is a service called “{slug}” already.")
    service_id = accounts.new_service_id()
    with db.transaction(bind, service_id) as session:
        work = Work(session, service_id, FOUNDER, now)
        accounts.found_service(work, slug=slug, name=name.strip(), zone=zone, settings=settings or {})
        for one in people:
            accounts.add_staff(
                work,
                given_name=one.given_name,
                family_name=one.family_name,
                email=one.email,
                staff_roles=list(one.roles),
            )
    return service_id
