"""Submitted questionnaires as they were answered, question by question, also those that do not count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical.instruments import Instrument, Kind, Question, Respondent, form_for
from app.kit.work import Work
from app.questionnaires.kinds import WAY_LABELS, VoidReason, Way
from app.questionnaires.queries import SUBMITTED, Answered, as_answered
from app.questionnaires.tables import Response, ResponseVoid
from app.questionnaires.void_queries import Voided


@dataclass(frozen=True)
class Chosen:
    """One question with the answer that was chosen, the reason it has none, or what was written.

    Without any of them `points` and `words` are empty.
    """

    question: str
    label: str
    number: int | None
    points: str
    words: str
    is_risk: bool
    in_words: bool


@dataclass(frozen=True)
class Sheet:
    """One submitted questionnaire, question by question. `taken` says how and by whom, empty where typed online."""

    id: UUID
    submitted_at: datetime
    total: int | None
    band: str | None
    chosen: tuple[Chosen, ...]
    taken: str = ""
    about: str = ""
    void: Voided | None = None


@dataclass(frozen=True)
class Recorded:
    """A submitted questionnaire, and whether it was made void."""

    answered: Answered
    void: Voided | None

    @property
    def counts(self) -> bool:
        """Whether it is one of the patient's own that stands."""
        return self.void is None and self.answered.respondent is Respondent.PATIENT


_by = aliased(Person, name="voided_by_person")
_EVERYTHING = (
    SUBMITTED.add_columns(
        ResponseVoid.reason,
        ResponseVoid.words.label("void_words"),
        ResponseVoid.voided_at,
        sa.func.concat_ws(" ", _by.given_name, _by.family_name).label("voided_by"),
    )
    .outerjoin(
        ResponseVoid,
        sa.and_(ResponseVoid.service_id == Response.service_id, ResponseVoid.response_id == Response.id),
    )
    .outerjoin(_by, sa.and_(_by.service_id == ResponseVoid.service_id, _by.id == ResponseVoid.voided_by))
)


def recorded(work: Work, patient: Patient) -> list[Recorded]:
    """All that was ever submitted by or about a patient, oldest first, with what was made void."""
    found = []
    for row in work.read(_EVERYTHING, {"service": work.service_id, "patient": patient.id}):
        void = None
        if row.reason is not None:
            void = Voided(
                row.id,
                row.instrument,
                row.submitted_at,
                VoidReason(row.reason),
                row.void_words,
                row.voided_by,
                row.voided_at,
            )
        found.append(Recorded(as_answered(row, patient), void))
    return found


def sheet(response: Answered, instrument: Instrument, void: Voided | None = None) -> Sheet:
    """A submitted questionnaire with the wording of each question and of each answer."""
    asked = form_for(instrument, response.respondent)
    chosen = tuple(_chosen(response, question) for question in asked.questions)
    return Sheet(
        response.id,
        response.submitted_at,
        response.total,
        response.band,
        chosen,
        taken=taken(response),
        about=response.about,
        void=void,
    )


def sheets(given: list[Recorded], instruments: Mapping[str, Instrument], of: Respondent) -> dict[str, list[Sheet]]:
    """What one side answered, by instrument in the order given, the newest first."""
    return {
        key: [
            sheet(one.answered, instrument, one.void)
            for one in reversed(given)
            if one.answered.instrument == key and one.answered.respondent is of
        ]
        for key, instrument in instruments.items()
    }


def taken(response: Answered) -> str:
    """How and by whom the answers were taken down, such as “by phone, by Robin Hale”; empty where typed online."""
    if response.respondent is Respondent.PRACTITIONER:
        return f"by {response.taken_by}"
    return "" if response.way is Way.ONLINE else f"{WAY_LABELS[response.way]}, by {response.taken_by}"


def _chosen(response: Answered, question: Question) -> Chosen:
    points = response.answers.get(question.key)
    words = next((choice.label for choice in question.choices if choice.value == points), "")
    if question.kind is Kind.WORDS:
        words = response.words.get(question.key, "")
    if reason := response.reasons.get(question.key):
        words = next((known.label for known in question.reasons if known.key == reason), "Does not apply")
    return Chosen(
        # Words of others that a service has no longer leave the few words for the question.
        question=question.text or question.label,
        label=question.label,
        number=question.number,
        points="" if points is None else str(points),
        words=words,
        is_risk=question.is_risk,
        in_words=question.kind is Kind.WORDS,
    )
