"""Telling staff that a patient waits for them, and those above when nobody acts or the practitioner has left."""

from app.kit.work import Work
from app.notifications import actions as notifications
from app.notifications.kinds import LetterKind
from app.programme.wait_queries import Wait
from app.safety import reader_queries


def remind(work: Work, *, wait: Wait, origin: str) -> None:
    """Write to whoever is to act on a wait; those that became due on one day are one letter, which names nobody."""
    above = wait.why in ("left", "cover")
    readers = reader_queries.readers_above(work, wait.patient_id) if above else None
    # Whom it climbs to has to have it: nobody comes after them.
    about = LetterKind.DUTY if above else LetterKind.WAITS
    for reader in readers or reader_queries.readers(work, wait.patient_id):
        key = f"waits:{reader.id}:{wait.due_on}"
        notifications.tell_something_new(work, person_id=reader.id, about=about, origin=origin, dedupe_key=key)
