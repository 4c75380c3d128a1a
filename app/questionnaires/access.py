"""Which questionnaire an address opens, to whom, in whose words, and about which module."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import Depends, Request

from app.accounts.access import PatientWork, StaffWork
from app.clinical.instruments import Instrument, Respondent, When, form_for
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.work import Work
from app.questionnaires import actions, text_queries
from app.questionnaires.sitting_actions import Given
from app.questionnaires.taking_actions import Taking


@dataclass(frozen=True)
class Opened:
    """A questionnaire that is open to the patient, the module it is about where there is one, and their draft of it."""

    instrument: Instrument
    about: str
    about_title: str
    kept: drafts.Kept | None

    def now(self, kept: drafts.Kept | None) -> "Opened":
        """The same with another draft."""
        return replace(self, kept=kept)

    @property
    def given(self) -> Given:
        return Given.of(self.kept)

    @property
    def response_id(self) -> UUID:
        return UUID(self.kept.values["response_id"]) if self.kept else uuid4()

    def path(self, *more: object) -> str:
        """The address of the questionnaire, or of one of its pages."""
        parts = ["/my/questionnaires", self.instrument.key, *more]
        return "/".join(str(part) for part in parts) + (f"?about={quote(self.about)}" if self.about else "")

    def step(self, number: int, came_from: str = "") -> str:
        """The address of one question, from which the patient goes on or back to the check."""
        at = self.path("questions", number)
        return at + (("&" if self.about else "?") + "from=check" if came_from == "check" else "")


def called(request: Request, work: Work, key: str) -> Instrument:
    """The questionnaire of this name in the words the service has for it; refuses with NotFound what is not asked."""
    known: Mapping[str, Instrument] = request.app.state.library.instruments
    instrument = known.get(key)
    if instrument is None or instrument.per:
        raise NotFound
    if not instrument.needs_text:
        return instrument
    offered = text_queries.offered(work, known)
    if key not in offered:
        raise NotFound
    return offered[key]


def about(request: Request, instrument: Instrument, named: str) -> tuple[str, str]:
    """The key and title of the module a questionnaire is about, which one that is asked after a module has to name."""
    if instrument.when is not When.AFTER_MODULE:
        return "", ""
    module = request.app.state.library.modules.get(named)
    if module is None:
        raise NotFound
    return named, module.title


def opened(request: Request, work: PatientWork, key: str) -> Opened:
    instrument = called(request, work, key)
    actions.require_open(work)
    of, title = about(request, instrument, request.query_params.get("about", ""))
    return Opened(instrument, of, title, drafts.kept(work, form=actions.form_name(instrument, of)))


def taken_from(request: Request, work: StaffWork, key: str) -> Taking:
    """The patient's own form, which staff read out."""
    instrument = called(request, work, key)
    of, _ = about(request, instrument, request.query_params.get("about", ""))
    return Taking(instrument, Respondent.PATIENT, of)


def own_view(request: Request, work: StaffWork, form: str) -> Taking:
    """The practitioner's own form of a questionnaire that has one."""
    instrument = called(request, work, form)
    if Respondent.PRACTITIONER not in instrument.respondents:
        raise NotFound
    return Taking(form_for(instrument, Respondent.PRACTITIONER), Respondent.PRACTITIONER)


Sat = Annotated[Opened, Depends(opened)]
TakenFrom = Annotated[Taking, Depends(taken_from)]
OwnView = Annotated[Taking, Depends(own_view)]
