"""One questionnaire as it is being answered, by whomever: kept as a draft, or stored whole with its score.

Every way in comes through here, so that an answer to a risk item never exists without its alert.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical import instruments
from app.clinical.instruments import Instrument, Respondent
from app.kit import drafts
from app.kit.errors import NotFound, Refused
from app.kit.work import Work
from app.questionnaires import review_actions, text_queries
from app.questionnaires.kinds import Way
from app.questionnaires.tables import Response
from app.safety import actions as safety
from app.safety.tables import AlertKind


class Unfinished(Refused):
    title = "Some questions have no answer yet"
    words = "Go back and answer every question before you send it."


@dataclass(frozen=True)
class Sitting:
    """Which questionnaire is answered, by whom and how; `form` is the name its draft is kept under."""

    instrument: Instrument
    response_id: UUID
    form: str
    about: str = ""
    respondent: Respondent = Respondent.PATIENT
    way: Way = Way.ONLINE
    taken_by: UUID | None = None


@dataclass(frozen=True)
class Given:
    """What was answered: points, reasons for none, and the person's own words, each by question."""

    answers: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: drafts.Kept | None) -> "Given":
        """What a draft holds; nothing where there is none."""
        values: dict[str, Any] = kept.values if kept else {}
        return cls(values.get("answers", {}), values.get("reasons", {}), values.get("words", {}))

    def with_answer(self, key: str, other: "Given") -> "Given":
        """The same with one question answered as in another, or not any more."""
        mine, theirs = (self.answers, self.reasons, self.words), (other.answers, other.reasons, other.words)
        changed: list[dict[str, Any]] = [
            {name: value for name, value in (*before.items(), *_only(key, after)) if name != key or name in after}
            for before, after in zip(mine, theirs, strict=True)
        ]
        return Given(*changed)


def _only(key: str, given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, given[key])] if key in given else []


def keep(work: Work, patient: Patient, sitting: Sitting, given: Given) -> drafts.Kept | None:
    """Keep what has been answered so far, or nothing where this form was already sent.

    An answer to a risk item raises its alert already now.
    """
    # A double click, or an autosave still under way when the form is sent, would otherwise see neither the other's
    # response nor the other's alert, and one of them would fail.
    work.one_at_a_time("questionnaires", patient.id)
    return _keep(work, patient, sitting, given, sitting.response_id)


def keep_one(work: Work, patient: Patient, sitting: Sitting, key: str, given: Given) -> drafts.Kept | None:
    """Keep the answer to one question beside those already kept; the draft that is there keeps its id."""
    work.one_at_a_time("questionnaires", patient.id)
    kept = drafts.kept(work, form=sitting.form)
    response_id = UUID(kept.values["response_id"]) if kept else sitting.response_id
    return _keep(work, patient, sitting, Given.of(kept).with_answer(key, given), response_id)


def store(work: Work, patient: Patient, sitting: Sitting, given: Given) -> Response:
    """Store a whole questionnaire, its score and any alert in one transaction.

    The id came with the form, so a double click or a replay finds the first result.
    """
    instrument = sitting.instrument
    score = instruments.score(instrument, given.answers, given.reasons)
    if score is None:
        raise Unfinished
    work.one_at_a_time("questionnaires", patient.id)
    # Told before anything else: an answer that was changed on a form already sent is still an answer.
    _tell(work, patient, instrument, given, sitting.response_id)
    stored = _sent(work, patient, sitting)
    if stored:
        return stored
    row = work.add(
        Response(
            id=sitting.response_id,
            patient_id=patient.id,
            instrument=instrument.key,
            instrument_version=instrument.version,
            answers=dict(given.answers),
            reasons=dict(given.reasons),
            words=dict(given.words) or None,
            respondent=sitting.respondent,
            about=sitting.about,
            way=sitting.way,
            taken_by=sitting.taken_by,
            instrument_text_id=text_queries.row(work, instrument.key).id if instrument.needs_text else None,
            total=score.total,
            band=score.band,
            submitted_at=work.now,
        )
    )
    work.record(
        "questionnaire.submitted", patient=patient.id, instrument=instrument.key, response=row.id,
        respondent=sitting.respondent.value, way=sitting.way.value,
    )  # fmt: skip
    if sitting.respondent is Respondent.PATIENT:
        review_actions.review_if_worse(work, patient=patient, instrument=instrument, response=row)
    drafts.drop(work, form=sitting.form)
    return row


def _keep(work: Work, patient: Patient, sitting: Sitting, given: Given, response_id: UUID) -> drafts.Kept | None:
    _tell(work, patient, sitting.instrument, given, response_id)
    if _sent(work, patient, sitting):
        # An autosave that arrives late would otherwise come back as next week's half-filled form.
        return None
    values = {
        "answers": dict(given.answers),
        "reasons": dict(given.reasons),
        "words": dict(given.words),
        "response_id": str(response_id),
        "way": sitting.way.value,
    }
    return drafts.keep(work, form=sitting.form, values=values)


def _sent(work: Work, patient: Patient, sitting: Sitting) -> Response | None:
    """The response this form was already sent as; refuses an id that is another form's or another person's."""
    stored = work.session.get(Response, (work.service_id, sitting.response_id))
    mine = (patient.id, sitting.instrument.key, sitting.respondent, sitting.about)
    if stored and (stored.patient_id, stored.instrument, stored.respondent, stored.about) != mine:
        raise NotFound
    return stored


def _tell(work: Work, patient: Patient, instrument: Instrument, given: Given, response_id: UUID) -> None:
    for item, value in instruments.risk_answers(instrument, given.answers).items():
        source = f"{instrument.key}:{item}:{value}:{response_id}"
        safety.raise_alert(work, patient=patient, kind=AlertKind.RISK_ANSWER, source=source)
