"""Somebody goes on duty or on leave, and every alert that changes hands with it is passed on at once."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from app.accounts import queries as people
from app.accounts.roles import Capability
from app.kit import say
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.work import Work
from app.safety import climb_actions, duty_queries, roster_queries
from app.safety.duty_queries import Leave
from app.safety.duty_tables import DutyShift, StaffLeave

LOCK = "duty"
# Longer than this is a slip of the pen, and nobody is on duty for a month.
SHIFT_AT_MOST, LEAVE_AT_MOST = timedelta(days=14), timedelta(days=366)


class CannotBe(Conflict):
    """What somebody was to be put on does not go with what is known; `field` is where the page says so."""

    title = "That does not go together"

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


def put_on_duty(work: Work, *, person_id: UUID, from_at: datetime, until_at: datetime) -> None:
    """Lend somebody every open alert of the service from one moment until another."""
    work.require(Capability.MANAGE_DUTY)
    work.one_at_a_time(LOCK, work.service_id)
    team = roster_queries.team(work)
    if person_id not in {one.id for one in duty_queries.can_take_duty(team)}:
        raise CannotBe("person_id", "Choose a practitioner or supervisor who has access.")
    if until_at <= max(from_at, work.now):
        raise CannotBe("until_time", "The shift must end after it begins, and later than now.")
    if until_at - from_at > SHIFT_AT_MOST:
        raise CannotBe("until_on", "A shift is at most 14 days long.")
    zone = people.service(work).zone
    first, last = from_at.astimezone(zone).date(), (until_at - timedelta(seconds=1)).astimezone(zone).date()
    away = _one(one for one in duty_queries.leaves(work) if one.person_id == person_id and one.meets(first, last))
    if away:
        raise CannotBe("person_id", f"{away.name} is away {_span(away)}.")
    shift = work.add(
        DutyShift(person_id=person_id, from_at=from_at, until_at=until_at, made_at=work.now, made_by=work.actor.id)
    )
    work.record(
        "duty.set", person=person_id, shift=shift.id, from_at=from_at.isoformat(), until_at=until_at.isoformat()
    )
    climb_actions.hand_over(work)


def end_duty(work: Work, *, shift_id: UUID) -> None:
    """Take somebody off duty now, or take back a shift that has not begun."""
    work.require(Capability.MANAGE_DUTY)
    work.one_at_a_time(LOCK, work.service_id)
    shift = work.session.get(DutyShift, (work.service_id, shift_id))
    if shift is None:
        raise NotFound
    if shift.ended_at is not None:
        return
    shift.ended_at, shift.ended_by = work.now, work.actor.id
    work.session.add(shift)
    work.session.flush()
    work.record("duty.ended", person=shift.person_id, shift=shift.id)
    climb_actions.hand_over(work)


def begin_leave(work: Work, *, person_id: UUID, cover_id: UUID, from_on: date, until_on: date) -> None:
    """Say that somebody is away on these days, the last of them too, and who has their alerts meanwhile."""
    _require_say(work, person_id)
    work.one_at_a_time(LOCK, work.service_id)
    _require_days(work, from_on, until_on)
    team = roster_queries.team(work)
    if person_id not in team.colleagues:
        raise CannotBe("person_id", "Choose somebody who has access.")
    known = duty_queries.leaves(work)
    _require_free(work, person_id, from_on, until_on, known)
    _require_cover(work, person_id, cover_id, from_on, until_on, known)
    leave = work.add(
        StaffLeave(
            person_id=person_id,
            cover_id=cover_id,
            from_on=from_on,
            until_on=until_on,
            made_at=work.now,
            made_by=work.actor.id,
        )
    )
    work.record(
        "leave.entered", person=person_id, leave=leave.id, cover=cover_id, from_on=str(from_on), until_on=str(until_on)
    )
    climb_actions.hand_over(work)


def change_cover(work: Work, *, leave_id: UUID, cover_id: UUID) -> None:
    """Let somebody else cover for the rest of a leave."""
    leave = _open_leave(work, leave_id)
    others = [one for one in duty_queries.leaves(work) if one.id != leave_id]
    from_on = max(leave.from_on, people.local_today(work))
    _require_cover(work, leave.person_id, cover_id, from_on, leave.until_on, others)
    leave.cover_id = cover_id
    work.session.add(leave)
    work.session.flush()
    work.record("leave.cover-changed", person=leave.person_id, leave=leave.id, cover=cover_id)
    climb_actions.hand_over(work)


def end_leave(work: Work, *, leave_id: UUID) -> None:
    """Somebody is back before the day that was said, or does not go."""
    leave = _open_leave(work, leave_id)
    leave.ended_at, leave.ended_by = work.now, work.actor.id
    work.session.add(leave)
    work.session.flush()
    work.record("leave.ended", person=leave.person_id, leave=leave.id)
    climb_actions.hand_over(work)


def leave_to_change(work: Work, leave_id: UUID) -> Leave:
    """A leave that is on or to come, for whoever has a say in it."""
    found = _one(one for one in duty_queries.leaves(work) if one.id == leave_id and _has_say(work, one.person_id))
    if found is None:
        raise NotFound
    return found


def _open_leave(work: Work, leave_id: UUID) -> StaffLeave:
    work.one_at_a_time(LOCK, work.service_id)
    leave = work.session.get(StaffLeave, (work.service_id, leave_id))
    if leave is None or leave.ended_at is not None or not _has_say(work, leave.person_id):
        raise NotFound
    return leave


def _has_say(work: Work, person_id: UUID) -> bool:
    own = Capability.TAKE_LEAVE in work.actor.may and person_id == work.actor.id
    return own or Capability.MANAGE_DUTY in work.actor.may


def _require_say(work: Work, person_id: UUID) -> None:
    if not _has_say(work, person_id):
        raise Forbidden("Your supervisor or clinical lead enters other people’s leave.")


def _require_days(work: Work, from_on: date, until_on: date) -> None:
    today = people.local_today(work)
    if from_on < today:
        raise CannotBe("from_on", "Leave begins today at the earliest.")
    if until_on < from_on:
        raise CannotBe("until_on", "The last day must not be before the first.")
    if until_on - from_on > LEAVE_AT_MOST:
        raise CannotBe("until_on", "Enter at most a year. Somebody who does not come back has their access ended.")


def _require_free(work: Work, person_id: UUID, from_on: date, until_on: date, known: list[Leave]) -> None:
    """Refuse leave on days on which somebody is away already, covers for a colleague, or is on duty."""
    meeting = [one for one in known if one.meets(from_on, until_on)]
    twice = _one(one for one in meeting if one.person_id == person_id)
    if twice:
        raise CannotBe("from_on", f"{twice.name} is already away {_span(twice)}.")
    covers = _one(one for one in meeting if one.cover_id == person_id)
    if covers:
        raise CannotBe(
            "from_on",
            f"{covers.cover} covers for {covers.name} {_span(covers)}. Choose somebody else to cover for"
            f" {covers.name} first.",
        )
    zone = people.service(work).zone
    for shift in duty_queries.shifts(work):
        first, last = shift.from_at.astimezone(zone).date(), shift.until_at.astimezone(zone).date()
        if shift.person_id == person_id and first <= until_on and from_on <= last:
            raise CannotBe(
                "from_on", f"{shift.name} is on duty from {say.staff_moment(shift.from_at, zone)}. End that first."
            )


def _require_cover(
    work: Work, person_id: UUID, cover_id: UUID, from_on: date, until_on: date, known: list[Leave]
) -> None:
    """Refuse a cover who has no access, has other work to do, or is away on any of the days."""
    if cover_id == person_id:
        raise CannotBe("cover_id", "Choose somebody else to cover.")
    if cover_id not in {one.id for one in duty_queries.can_cover(roster_queries.team(work), person_id)}:
        raise CannotBe("cover_id", "Choose somebody who has access and can do their work.")
    away = _one(one for one in known if one.person_id == cover_id and one.meets(from_on, until_on))
    if away:
        raise CannotBe("cover_id", f"{away.name} is away {_span(away)} and cannot cover then.")


def _one(found: Iterable[Leave]) -> Leave | None:
    return next(iter(found), None)


def _span(leave: Leave) -> str:
    return f"from {say.day(leave.from_on)} to {say.day(leave.until_on)}"
