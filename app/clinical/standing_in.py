"""Whose an open alert is, and who is told of it: whoever has the patient, and who stands in where they cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.clinical.escalation import Level


class Through(StrEnum):
    """Why an alert is somebody's."""

    OWN = "own"
    COVER = "cover"
    DUTY = "duty"
    SUPERVISOR = "supervisor"
    LEAD = "clinical-lead"


@dataclass(frozen=True)
class Colleague:
    """Somebody who works for the service now, with a clinical role, and where they stand at this moment."""

    id: UUID
    given_name: str
    family_name: str
    sees_patients: bool = False
    supervises: bool = False
    leads: bool = False
    away_until: date | None = None
    cover: UUID | None = None
    on_duty_until: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_here(self) -> bool:
        return self.away_until is None


@dataclass(frozen=True)
class Team:
    """Everybody of a service with a clinical role, by name; `above` are a practitioner's supervisors."""

    colleagues: Mapping[UUID, Colleague]
    above: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)

    def on_duty(self) -> tuple[Colleague, ...]:
        """Those who are on duty now and here, whose shift ends first before the others."""
        found = [one for one in self.colleagues.values() if one.on_duty_until and one.is_here and _takes_alerts(one)]
        return tuple(sorted(found, key=lambda one: (one.on_duty_until, one.family_name, one.id)))

    def supervisors(self, practitioner: UUID | None) -> tuple[Colleague, ...]:
        """A practitioner's supervisors who are here, or those who cover for them."""
        known = [self.colleagues.get(one) for one in self.above.get(practitioner, ())] if practitioner else []
        return self._here(one for one in known if one and one.supervises)

    def leads(self) -> tuple[Colleague, ...]:
        """The clinical leads who are here, or those who cover for them; where there is none of either, all leads.

        Somebody on leave who is told is better than nobody.
        """
        known = [one for one in self.colleagues.values() if one.leads]
        return tuple(one for one in self._here(known) if one.leads) or tuple(known)

    def _here(self, known: Iterable[Colleague]) -> tuple[Colleague, ...]:
        stand = [one if one.is_here else self._cover_of(one) for one in known]
        return tuple(dict.fromkeys(one for one in stand if one))

    def _cover_of(self, one: Colleague) -> Colleague | None:
        cover = self.colleagues.get(one.cover) if one.cover else None
        return cover if cover and cover.is_here else None


@dataclass(frozen=True)
class Owner:
    """The one person whose alert it is, and through what."""

    colleague: Colleague
    through: Through


def owner(team: Team, practitioner: UUID | None) -> Owner | None:
    """Whose the alerts of a practitioner's patients are at this moment.

    Theirs; their cover's while they are away; else whoever is on duty, a supervisor of theirs, or a clinical lead.
    None only where the service has no clinical lead, which it refuses to be without.
    """
    theirs = team.colleagues.get(practitioner) if practitioner else None
    if theirs and theirs.sees_patients:
        if theirs.is_here:
            return Owner(theirs, Through.OWN)
        cover = team._cover_of(theirs)
        if cover and _takes_alerts(cover):
            return Owner(cover, Through.COVER)
    stands_in = (
        (team.on_duty(), Through.DUTY),
        (team.supervisors(practitioner), Through.SUPERVISOR),
        (team.leads(), Through.LEAD),
    )
    return next((Owner(people[0], through) for people, through in stands_in if people), None)


def told_at(team: Team, practitioner: UUID | None, level: Level) -> tuple[Colleague, ...]:
    """Who is told when an alert reaches a level: those of the next one up where there is nobody at it."""
    by_level = {
        Level.DUTY: team.on_duty(),
        Level.SUPERVISOR: team.supervisors(practitioner),
        Level.LEAD: team.leads(),
    }
    order = list(Level)
    return next((by_level[one] for one in order[order.index(level) :] if by_level[one]), ())


def may_work_on(team: Team, practitioner: UUID | None) -> frozenset[UUID]:
    """Everybody to whom an alert about this practitioner's patient is lent at this moment, or whose it is."""
    found = {one.id for one in (*team.on_duty(), *team.supervisors(practitioner), *team.leads())}
    found |= set(team.above.get(practitioner, ())) & set(team.colleagues) if practitioner else set()
    theirs = owner(team, practitioner)
    return frozenset(found | ({theirs.colleague.id} if theirs else set()))


def _takes_alerts(one: Colleague) -> bool:
    return one.sees_patients or one.supervises
