"""Putting letters in the outbox and sending them on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.dialects.postgresql import insert

from app.accounts.tables import LinkPurpose, PatientRecord, Person, SignInLink
from app.kit.mail import Letter
from app.kit.render import draw
from app.kit.work import Work
from app.notifications import fence_queries, off_sending, switch_queries
from app.notifications.kinds import CAN_BE_OFF, TURNED_OFF, Channel, LetterKind
from app.notifications.off_sending import Link
from app.notifications.tables import Outbox

# Subjects say nothing: they are read on lock screens and over shoulders.
NOTICE = "something-new"
SUBJECTS = {"sign-in": "Your link", "invitation": "Your invitation", NOTICE: "Something new for you"}
RETRY_AFTER, RETRY_AT_LEAST_EVERY = timedelta(minutes=5), timedelta(hours=4)
# A link to sign in is dead after 15 minutes: a letter with one that comes later would only puzzle.
GIVE_UP_AFTER = {"sign-in": timedelta(minutes=15)}
GIVE_UP_IN_THE_END = timedelta(days=3)


def write_letter(work: Work, *, person: Person, kind: str, dedupe_key: str, off: str = "", **words: str) -> None:
    """Put a letter to somebody in the outbox; a second with the same key is dropped.

    `off` is where its reader turns such letters off.
    """
    if _written(work, dedupe_key):
        return
    row = {
        "service_id": work.service_id,
        "person_id": person.id,
        "kind": kind,
        "dedupe_key": dedupe_key,
        "address": person.email,
        "subject": SUBJECTS[kind],
        "body": draw(f"email/{kind}.txt", given_name=person.given_name, off=off, **words),
        "off": off or None,
        "made_at": work.now,
        "due_at": work.now,
    }
    # Two at the same moment both find no letter; the key still lets in only one.
    work.session.execute(insert(Outbox).values(row).on_conflict_do_nothing())
    work.record("letter.written", person=person.id, kind=kind)


def _written(work: Work, dedupe_key: str) -> bool:
    found = work.session.execute(
        sa.select(Outbox.id).where(Outbox.service_id == work.service_id, Outbox.dedupe_key == dedupe_key)
    )
    return found.first() is not None


def tell_something_new(work: Work, *, person_id: UUID, about: LetterKind, origin: str, dedupe_key: str) -> None:
    """Tell somebody that there is something new for them, unless they turned that off; what it is stays inside."""
    if not switch_queries.wants_letters(work, person_id, about):
        return
    person = work.session.get_one(Person, (work.service_id, person_id))
    off = ""
    if about in CAN_BE_OFF:
        off = off_sending.off_address(origin, Link(work.service_id, person_id, about, Channel.EMAIL))
    write_letter(work, person=person, kind=NOTICE, dedupe_key=dedupe_key, origin=origin, off=off)


def post_next_link(work: Work, *, origin: str) -> bool:
    """Turn one waiting sign-in link into a letter; False where none waits. One that has run out is not sent."""
    row = work.session.execute(
        sa.select(SignInLink, Person)
        .join(Person, sa.and_(Person.service_id == SignInLink.service_id, Person.id == SignInLink.person_id))
        .where(SignInLink.service_id == work.service_id, SignInLink.posted_at.is_(None))
        .order_by(SignInLink.made_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=SignInLink)
    ).one_or_none()
    if row is None:
        return False
    link, person = row
    if link.expires_at > work.now:
        kind = "invitation" if link.purpose is LinkPurpose.INVITATION else "sign-in"
        address = f"{origin}/sign-in/link/{work.service_id}.{link.secret}"
        write_letter(work, person=person, kind=kind, dedupe_key=f"link:{link.id}", link=address, origin=origin)
    link.posted_at, link.secret = work.now, None
    work.session.add(link)
    work.record("sign-in-link.posted", person=person.id, purpose=link.purpose.value)
    return True


@dataclass(frozen=True)
class Claimed:
    """A letter that is ours to try, and nobody else's until its next try is due; without `letter` none is to leave."""

    id: UUID
    person_id: UUID
    kind: str
    made_at: datetime
    next_try_at: datetime
    letter: Letter | None


def _may_leave(work: Work) -> sa.ColumnElement[bool]:
    """What may leave a copy restored from a backup before somebody has set the fence, and everything elsewhere.

    Staff must be able to sign in and must hear of an alert. What the copy brought along was probably sent already.
    """
    fence = fence_queries.fence(work.session)
    if not fence.up:
        return sa.true()
    return sa.and_(Outbox.made_at > (fence.as_of_at or work.now), sa.not_(_is_notice_to_patient(work)))


def _is_notice_to_patient(work: Work) -> sa.ColumnElement[bool]:
    patients = sa.select(PatientRecord.id).where(PatientRecord.service_id == work.service_id)
    return sa.and_(Outbox.kind == NOTICE, Outbox.person_id.in_(patients))


def give_up_notices(work: Work, *, made_before: datetime) -> int:
    """Give up every notice to a patient made before a moment; returns how many. Other letters still go."""
    waiting = sa.and_(
        Outbox.service_id == work.service_id,
        Outbox.sent_at.is_(None),
        Outbox.given_up_at.is_(None),
        Outbox.made_at < made_before,
        _is_notice_to_patient(work),
    )
    gone = work.session.execute(sa.select(Outbox.id, Outbox.person_id, Outbox.kind).where(waiting)).all()
    for row in gone:
        _give_up(work, row, "Restored")
    return len(gone)


def claim_next(work: Work) -> Claimed | None:
    """Claim one due letter; None where none is due.

    The next try is set before sending, so that a letter that cannot go never holds up the others; a letter
    sent and not marked is sent again, for twice is better than never.
    """
    row = work.session.execute(
        sa.select(
            Outbox.id, Outbox.person_id, Outbox.kind, Outbox.dedupe_key, Outbox.subject, Outbox.made_at, Outbox.attempts
        )
        .where(
            Outbox.service_id == work.service_id,
            Outbox.sent_at.is_(None),
            Outbox.given_up_at.is_(None),
            Outbox.due_at <= work.now,
            _may_leave(work),
        )
        .order_by(Outbox.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    next_try_at = work.now + min(RETRY_AFTER * 2 ** min(row.attempts, 10), RETRY_AT_LEAST_EVERY)
    _change(work, row.id, attempts=row.attempts + 1, due_at=next_try_at)
    work.record("letter.tried", person=row.person_id, kind=row.kind)
    letter, why = _unsealed(work, row)
    claimed = Claimed(row.id, row.person_id, row.kind, row.made_at, next_try_at, letter)
    if why:
        _give_up(work, claimed, why)
    return claimed


def _unsealed(work: Work, row: Any) -> tuple[Letter | None, str]:
    """The letter, or why there is nothing to send."""
    if _link_ran_out(work, row.dedupe_key):
        return None, "LinkRanOut"
    sealed = sa.select(Outbox.address, Outbox.body, Outbox.off).where(
        Outbox.service_id == work.service_id, Outbox.id == row.id
    )
    try:
        address, body, off = work.session.execute(sealed).one()
    except (InvalidTag, ValueError) as failed:
        return None, type(failed).__name__
    if off and _is_off(work, off):
        return None, TURNED_OFF
    return Letter(address, row.subject, body, key=row.id.hex, off=off or ""), ""


def _is_off(work: Work, off: str) -> bool:
    """Whether somebody turned off letters like the one with this address, since it was written."""
    link = off_sending.off_link(off.rpartition("/")[2])
    return isinstance(link.kind, LetterKind) and not switch_queries.wants_letters(work, link.person_id, link.kind)


def _link_ran_out(work: Work, dedupe_key: str) -> bool:
    about, _, link_id = dedupe_key.partition(":")
    if about != "link":
        return False
    expires_at = work.session.execute(
        sa.select(SignInLink.expires_at).where(SignInLink.service_id == work.service_id, SignInLink.id == UUID(link_id))
    ).scalar_one_or_none()
    return expires_at is not None and expires_at <= work.now


def mark_sent(work: Work, claimed: Claimed) -> None:
    """Say that a letter left."""
    _change(work, claimed.id, sent_at=work.now)
    work.record("letter.sent", person=claimed.person_id, kind=claimed.kind)


def mark_not_sent(work: Work, claimed: Claimed, *, why: str) -> None:
    """Say that a letter could not leave, and which class of fault kept it; after long enough it is given up."""
    work.record("letter.not-sent", person=claimed.person_id, kind=claimed.kind, why=why)
    if claimed.next_try_at - claimed.made_at >= GIVE_UP_AFTER.get(claimed.kind, GIVE_UP_IN_THE_END):
        _give_up(work, claimed, why)


def _give_up(work: Work, letter: Any, why: str) -> None:
    _change(work, letter.id, given_up_at=work.now, given_up_why=why)
    work.record("letter.given-up", person=letter.person_id, kind=letter.kind, why=why)


def _change(work: Work, letter_id: UUID, **values: Any) -> None:
    # Past the model, which would unseal the letter to change a time.
    work.session.execute(
        sa.update(Outbox).where(Outbox.service_id == work.service_id, Outbox.id == letter_id).values(**values)
    )
