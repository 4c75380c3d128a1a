"""What somebody gets in with: links, passwords, one-time codes and devices of their own."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from app.accounts import queries
from app.accounts.roles import Capability
from app.accounts.tables import KnownDevice, LinkPurpose, Person, PersonKind, SignInLink
from app.kit import crypto, passwords
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.work import Work

LINK_LASTS = {LinkPurpose.SIGN_IN: timedelta(minutes=15), LinkPurpose.INVITATION: timedelta(days=14)}


def make_link(work: Work, *, person: Person, purpose: LinkPurpose) -> None:
    """Make a link that signs somebody in once. It leaves by post, so nobody here ever sees it."""
    secret = crypto.new_secret()
    work.add(
        SignInLink(
            person_id=person.id,
            purpose=purpose,
            token_hash=crypto.fingerprint(secret),
            secret=secret,
            made_at=work.now,
            expires_at=work.now + LINK_LASTS[purpose],
        )
    )
    work.record("sign-in-link.made", person=person.id, purpose=purpose.value)


def link_for(person: Person) -> LinkPurpose:
    """What a link to somebody is for: staff who have no authenticator yet set themselves up, all others sign in."""
    unfinished = person.kind is PersonKind.STAFF and not person.totp_secret
    return LinkPurpose.INVITATION if unfinished else LinkPurpose.SIGN_IN


def help_sign_in(work: Work, *, person_id: UUID) -> None:
    """Send somebody a new link because they asked for help."""
    work.require(Capability.HELP_SIGN_IN)
    person = _active(work, person_id)
    make_link(work, person=person, purpose=link_for(person))


def forget_codes(work: Work, *, person_id: UUID) -> None:
    """Let a member of staff who lost their authenticator set up another, by a link to their own address."""
    work.require(Capability.HELP_SIGN_IN)
    if person_id == work.actor.id:
        raise Forbidden("You cannot do this for yourself. Ask a colleague.")
    person = _active(work, person_id)
    if person.kind is not PersonKind.STAFF:
        raise NotFound
    person.totp_secret = person.totp_used_step = None
    work.session.add(person)
    work.record("one-time-codes.forgotten", person=person_id)
    make_link(work, person=person, purpose=LinkPurpose.INVITATION)


def _active(work: Work, person_id: UUID) -> Person:
    person = queries.person(work, person_id)
    if person is None:
        raise NotFound
    return person


def use_link(work: Work, *, link: SignInLink) -> None:
    """Use a link up, and with it every other that was sent to this person; a second use finds it used."""
    won = work.session.execute(
        sa.update(SignInLink)
        .where(
            SignInLink.service_id == link.service_id,
            SignInLink.id == link.id,
            SignInLink.used_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(SignInLink.id)
    ).first()
    if won is None:
        raise Conflict("That link has been used. Ask for a new one: it takes a minute.")
    # Those still lying in a mailbox would otherwise let somebody in who finds them later.
    work.session.execute(
        sa.update(SignInLink)
        .where(
            SignInLink.service_id == work.service_id,
            SignInLink.person_id == link.person_id,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > work.now,
        )
        .values(expires_at=work.now)
    )
    work.record("sign-in-link.used", person=link.person_id, purpose=link.purpose.value)


def set_password(work: Work, *, person: Person, password: str) -> None:
    """Set somebody's own password."""
    person.password_hash = passwords.hashed(password)
    work.session.add(person)
    work.record("password.set", person=person.id)


def set_up_codes(work: Work, *, person: Person, secret: str, step: int) -> None:
    """Keep the secret of somebody's authenticator app, once a code from it was right."""
    person.totp_secret = secret
    person.totp_used_step = step
    work.session.add(person)
    work.record("one-time-codes.set-up", person=person.id)


def accept_code(work: Work, *, person: Person, code: str) -> bool:
    """Whether a one-time code is right and new; an accepted code is used up."""
    if not person.totp_secret:
        return False
    step = passwords.totp_step(person.totp_secret, code, now=work.now, after=person.totp_used_step)
    if step is None:
        return False
    # Decided by the database, so that one code sent twice at the same moment is accepted once.
    won = work.session.execute(
        sa.update(Person)
        .where(
            Person.service_id == work.service_id,
            Person.id == person.id,
            sa.or_(Person.totp_used_step.is_(None), Person.totp_used_step < step),
        )
        .values(totp_used_step=step)
        .returning(Person.id)
    ).first()
    if won is None:
        return False
    work.record("one-time-code.accepted", person=person.id)
    return True


def remember_device(work: Work, *, person: Person) -> str:
    """Remember that only this person uses this device; returns the secret for its cookie."""
    secret = crypto.new_secret()
    work.add(KnownDevice(person_id=person.id, token_hash=crypto.fingerprint(secret), known_at=work.now))
    work.record("device.remembered", person=person.id)
    return secret


def forget_devices(work: Work, *, person_id: UUID) -> None:
    """Forget every device somebody said was theirs alone."""
    work.session.execute(
        sa.update(KnownDevice)
        .where(
            KnownDevice.service_id == work.service_id,
            KnownDevice.person_id == person_id,
            KnownDevice.forgotten_at.is_(None),
        )
        .values(forgotten_at=work.now)
    )
    work.record("device.forgotten", person=person_id)
