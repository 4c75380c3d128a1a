"""What staff decided about when somebody is asked for which questionnaire."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.clinical.schedules import Timing
from app.kit.columns import FACT_SEQ, choice
from app.kit.crypto import SealedText
from app.questionnaires.schedule_kinds import Act


class ScheduleDecision(SQLModel, table=True):
    """Added and never changed: the last one about a questionnaire holds, and one that is withdrawn no more.

    `from_on` is the day from which it is asked so, or the day that one answer is asked for.
    """

    __tablename__ = "questionnaire_schedule"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.ForeignKeyConstraint(["service_id", "decided_by"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(
            ["service_id", "withdraws"], ["questionnaire_schedule.service_id", "questionnaire_schedule.id"]
        ),
        sa.CheckConstraint("(act = 'changed') = (timing is not null)", name="timed"),
        sa.CheckConstraint("(act = 'withdrawn') = (withdraws is not null)", name="withdrawn"),
        sa.Index("ix_questionnaire_schedule_patient", "service_id", "patient_id", "seq"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    act: Act = Field(sa_type=choice(Act))
    # Empty where it is about the whole treatment.
    instrument: str = Field(default="", max_length=40)
    timing: Timing | None = Field(default=None, sa_type=choice(Timing))
    from_on: date | None = None
    withdraws: UUID | None = None
    reason: str = Field(default="", sa_type=SealedText)
    decided_by: UUID
    decided_at: datetime
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})
