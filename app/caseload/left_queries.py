"""Patients whose practitioner has left, and what of theirs waits for somebody."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.accounts.roles import Scope
from app.caseload import known_queries, need_queries
from app.caseload.need_queries import Need, Reason
from app.kit.work import Work
from app.programme.content import Library

# What somebody is waited for to do; of the rest, such as being quiet for a while, nobody is kept waiting.
WAITED_FOR = (Need.ALERT, Need.WORSE, Need.STUCK, Need.ASKED, Need.TO_READ)


@dataclass(frozen=True)
class Left:
    """A patient whose practitioner has left."""

    id: UUID
    name: str
    born_on: date
    practitioner: str
    left_at: datetime
    waits: tuple[Reason, ...]


@dataclass(frozen=True)
class Leaving:
    """Those whose practitioner has left; `total` of them, of whom no more than a page takes are read."""

    patients: list[Left]
    total: int

    @property
    def waiting(self) -> int:
        return sum(bool(one.waits) for one in self.patients)


def left(work: Work, scope: Scope, library: Library) -> Leaving:
    """Everybody the scope reaches whose practitioner has left, by what is most pressing and has waited longest."""
    rows, total = known_queries.of_whoever_left(work, scope, library)
    found = []
    for row, known in rows:
        # The page says of all of them that they need a practitioner.
        looked_after = known._replace(practitioner_left=False)
        reasons = need_queries.reasons(work, looked_after, library.instruments)
        waits = tuple(one for one in reasons if one.need in WAITED_FOR)
        name = f"{row.given_name} {row.family_name}"
        found.append(Left(row.id, name, row.born_on, row.practitioner, row.left_at, waits))
    return Leaving(sorted(found, key=lambda one: _pressing(one, work.now)), total)


def _pressing(one: Left, now: datetime) -> tuple[int, datetime]:
    if not one.waits:
        return len(WAITED_FOR), now
    return WAITED_FOR.index(one.waits[0].need), one.waits[0].since
