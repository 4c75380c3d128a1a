"""Short questions as a patient meets them: one that is open, and what they are asked and answered."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.momentary_protocols import read_answers
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.mood import momentary_actions as actions
from app.mood import momentary_queries as queries
from app.mood import momentary_shown_queries as shown_queries
from app.mood.momentary_forms import WaitedForm
from app.mood.momentary_queries import Asking
from app.notifications import switch_queries
from app.notifications.kinds import ReminderKind, SwitchScope

router = APIRouter(route_class=Route)


@router.get("/my/short-questions")
def mine(request: Request, work: PatientWork, patient: Me) -> Response:
    switches = switch_queries.switches_of(work, patient.id)
    return page(
        request,
        "mood/prompts.html",
        place="/my/more",
        patient=patient,
        shown=shown_queries.all_shown(work, patient),
        open=queries.open_now(work, patient),
        is_off=switches.find(SwitchScope.KIND, ReminderKind.MOMENTARY.value, work.now) is not None,
        settings=switch_queries.settings_of(work, patient.id),
        when_asked=shown_queries.when_asked,
        answers=shown_queries.answers_in_words,
    )


@router.get("/my/short-questions/{prompt_id}")
def prompt(request: Request, work: PatientWork, patient: Me, prompt_id: UUID) -> Response:
    asking = queries.asking(work, patient, prompt_id)
    actions.show(work, patient=patient, asking=asking)
    return _prompt(request, work, patient, asking)


@router.post("/my/short-questions/{prompt_id}")
def answer(request: Request, work: PatientWork, patient: Me, prompt_id: UUID, posted: Posted) -> Response:
    asking = queries.asking(work, patient, prompt_id)
    form, problems = WaitedForm.read(posted)
    answers, wrong = read_answers(asking.assigned.protocol, asking.prompted.slot, posted.raw())
    if form is None or wrong:
        return _prompt(request, work, patient, asking, status=422, posted=posted, problems=problems | wrong)
    actions.answer(work, patient=patient, asking=asking, answers=answers, waited=form.waited)
    return see_other("/my/today?done=short-question")


def _prompt(request: Request, work: Work, patient: Patient, asking: Asking, **more: Any) -> Response:
    facts = asking.prompted.facts
    return page(
        request,
        "mood/prompt.html",
        place="/my/today",
        patient=patient,
        asking=asking,
        is_open=facts.takes(work.now),
        in_time=work.now < facts.times.expires_at,
        **{"posted": None, "problems": {}} | more,
    )
