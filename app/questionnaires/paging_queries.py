"""Whether somebody answers one question at a time or all on one page, where they chose."""

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.kit.work import Work
from app.questionnaires.kinds import Paging
from app.questionnaires.tables import SittingPaging

_CHOSEN = sa.select(SittingPaging.paging).where(
    SittingPaging.service_id == sa.bindparam("service"), SittingPaging.person_id == sa.bindparam("person")
)


def paging(work: Work, patient: Patient) -> Paging | None:
    """What the patient chose, or None where it goes by the width of their screen."""
    row = work.read(_CHOSEN, {"service": work.service_id, "person": patient.id}).first()
    return Paging(row.paging) if row else None
