"""Putting letters in the outbox and sending them on."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.tables import LinkPurpose, Person, SignInLink
from app.kit.mail import Carrier, Letter
from app.kit.render import draw
from app.kit.work import Work
from app.notifications.tables import Outbox

# Subjects say nothing: they are read on lock screens and over shoulders.
SUBJECTS = {"sign-in": "Your link", "invitation": "Your invitation", "something-new": "Something new for you"}
RETRY_AFTER, RETRY_AT_LEAST_EVERY = timedelta(minutes=5), timedelta(hours=4)
# A link to sign in is dead after 15 minutes: a letter with one that comes later would only puzzle.
GIVE_UP_AFTER = {"sign-in": timedelta(minutes=15)}
GIVE_UP_IN_THE_END = timedelta(days=3)


def write_letter(work: Work, *, person: Person, kind: str, dedupe_key: str, **words: str) -> None:
    """Put a letter to somebody in the outbox; a second with the same key is dropped."""
    if _written(work, dedupe_key):
        return
    row = {
        "service_id": work.service_id,
        "person_id": person.id,
        "kind": kind,
        "dedupe_key": dedupe_key,
        "address": person.email,
        "subject": SUBJECTS[kind],
        "body": draw(f"email/{kind}.txt", given_name=person.given_name, **words),
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


def tell_something_new(work: Work, *, person_id: UUID, origin: str, dedupe_key: str) -> None:
    """Tell somebody that there is something new for them; what it is stays inside."""
    person = work.session.get_one(Person, (work.service_id, person_id))
    write_letter(work, person=person, kind="something-new", dedupe_key=dedupe_key, origin=origin)


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


def send_next(work: Work, *, carrier: Carrier) -> bool:
    """Send one due letter; False where none is due.

    The next try is set before sending, so that a letter that cannot go never holds up the others; a letter
    sent and not marked is sent again, for twice is better than never.
    """
    letter = work.session.execute(
        sa.select(Outbox)
        .where(
            Outbox.service_id == work.service_id,
            Outbox.sent_at.is_(None),
            Outbox.given_up_at.is_(None),
            Outbox.due_at <= work.now,
        )
        .order_by(Outbox.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if letter is None:
        return False
    letter.attempts += 1
    letter.due_at = work.now + min(RETRY_AFTER * 2 ** min(letter.attempts - 1, 10), RETRY_AT_LEAST_EVERY)
    try:
        carrier.send(Letter(letter.address, letter.subject, letter.body))
        letter.sent_at = work.now
        work.record("letter.sent", person=letter.person_id, kind=letter.kind)
    except (OSError, ValueError) as failed:
        # A ValueError is an address or a word that cannot be put into a letter at all.
        _not_sent(work, letter, failed)
    work.session.add(letter)
    return True


def _not_sent(work: Work, letter: Outbox, failed: Exception) -> None:
    why = type(failed).__name__
    work.record("letter.not-sent", person=letter.person_id, kind=letter.kind, why=why)
    if letter.due_at - letter.made_at >= GIVE_UP_AFTER.get(letter.kind, GIVE_UP_IN_THE_END):
        letter.given_up_at = work.now
        work.record("letter.given-up", person=letter.person_id, kind=letter.kind, why=why)
