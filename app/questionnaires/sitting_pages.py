"""A patient answers a questionnaire: one question at a time or all on one page, checks the answers, sends them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical import instruments
from app.kit import drafts, say
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import actions, forms, paging_queries
from app.questionnaires.access import Opened, Sat, called
from app.questionnaires.forms import Asked
from app.questionnaires.kinds import Paging
from app.questionnaires.sitting_actions import Given
from app.safety.promise_queries import read_by

router = APIRouter(route_class=Route)


@router.get("/my/questionnaires/{key}")
def questionnaire(request: Request, work: PatientWork, patient: Me, sat: Sat) -> Response:
    if paging_queries.paging(work, patient) is Paging.ONE:
        return see_other(sat.path("questions"))
    return _form(request, work, patient, sat)


@router.get("/my/questionnaires/{key}/questions")
def go_on(request: Request, work: PatientWork, patient: Me, sat: Sat) -> Response:
    if paging_queries.paging(work, patient) is Paging.ALL:
        return see_other(sat.path())
    return see_other(_resumed(sat))


@router.get("/my/questionnaires/{key}/questions/{number}")
def question(request: Request, work: PatientWork, patient: Me, sat: Sat, number: int) -> Response:
    return _question(request, work, patient, sat, number, came_from=request.query_params.get("from", ""))


@router.post("/my/questionnaires/{key}/questions/{number}")
def answer(request: Request, work: PatientWork, patient: Me, sat: Sat, number: int, posted: Posted) -> Response:
    asked = _asked(sat, number)
    given, problems = forms.read(posted, sat.instrument)
    mine = {key: words for key, words in problems.items() if key == asked.key}
    # Stored before anything else, so that an answer to a risk item is never lost with a mistake.
    kept = _keep_one(work, patient, sat, asked.key, given, posted)
    if kept is None:
        return see_other(_result(sat, forms.read_id(posted)))
    if posted.get("paging") == Paging.ALL:
        actions.choose_paging(work, patient=patient, paging=Paging.ALL)
        return see_other(sat.path())
    now, came_from = sat.now(kept), posted.get("from", "")
    if mine:
        return _question(request, work, patient, now, number, came_from=came_from, status=422, problems=mine)
    return see_other(now.path("check") if came_from == "check" else _after(now, number))


@router.post("/my/questionnaires/{key}/draft")
def keep_draft(request: Request, work: PatientWork, patient: Me, sat: Sat, posted: Posted) -> Response:
    given, _ = forms.read(posted, sat.instrument)
    if (only := posted.get("only", "")) in sat.instrument.by_key:
        kept = _keep_one(work, patient, sat, only, given, posted)
    else:
        kept = _keep(work, patient, sat, given, posted)
    if kept is None:
        return JSONResponse({"saved": "You have already sent this. Reload the page to fill it in again."})
    return JSONResponse({"saved": f"Draft saved at {say.time(kept.saved_at, patient.zone)}."})


@router.post("/my/questionnaires/{key}/check")
def to_check(request: Request, work: PatientWork, patient: Me, sat: Sat, posted: Posted) -> Response:
    given, problems = forms.read(posted, sat.instrument)
    # Stored before the page goes back, so that an answer to a risk item is never lost with an unfinished form.
    kept = _keep(work, patient, sat, given, posted)
    if kept is None:
        return see_other(_result(sat, forms.read_id(posted)))
    now = sat.now(kept)
    if posted.get("paging") == Paging.ONE:
        actions.choose_paging(work, patient=patient, paging=Paging.ONE)
        return see_other(_resumed(now))
    if problems:
        return _form(request, work, patient, now, status=422, problems=problems)
    return see_other(now.path("check"))


@router.get("/my/questionnaires/{key}/check")
def check(request: Request, work: PatientWork, patient: Me, sat: Sat) -> Response:
    if sat.kept is None:
        return see_other(sat.path())
    given = sat.given
    missing = {one.key for one in instruments.missing(sat.instrument, given.answers, given.reasons)}
    return _page(
        request,
        "questionnaires/check.html",
        work,
        patient,
        sat,
        missing=[place for place, one in enumerate(sat.instrument.questions, 1) if one.key in missing],
    )


@router.post("/my/questionnaires/{key}")
def submit(request: Request, work: PatientWork, patient: Me, sat: Sat, posted: Posted) -> Response:
    given, problems = forms.read(posted, sat.instrument)
    if problems:
        kept = _keep(work, patient, sat, given, posted)
        now = sat.now(kept)
        return _form(request, work, patient, now, status=422, problems=problems, given=given)
    response = actions.submit(
        work,
        patient=patient,
        instrument=sat.instrument,
        answers=given.answers,
        reasons=given.reasons,
        words=given.words,
        about=sat.about,
        response_id=forms.read_id(posted),
    )
    if instruments.risk_answers(sat.instrument, given.answers):
        return see_other("/my/support")
    path = f"/my/questionnaires/{sat.instrument.key}/{response.id}"
    same = (response.answers, response.reasons, response.words or {}) == (given.answers, given.reasons, given.words)
    return see_other(path if same else f"{path}?sent-before=1")


@router.get("/my/questionnaires/{key}/print")
def printed(request: Request, work: PatientWork, patient: Me, key: str) -> Response:
    instrument = called(request, work, key)
    return page(
        request,
        "questionnaires/print.html",
        instrument=instrument,
        questions=forms.questions(instrument),
        chosen={},
        sent=None,
        back="/my/questionnaires",
        patient=patient,
    )


def _keep(work: Work, patient: Patient, sat: Opened, given: Given, posted: PostedForm) -> drafts.Kept | None:
    return actions.keep_draft(
        work,
        patient=patient,
        instrument=sat.instrument,
        answers=given.answers,
        reasons=given.reasons,
        words=given.words,
        about=sat.about,
        response_id=forms.read_id(posted),
    )


def _keep_one(
    work: Work, patient: Patient, sat: Opened, key: str, given: Given, posted: PostedForm
) -> drafts.Kept | None:
    return actions.keep_answer(
        work,
        patient=patient,
        instrument=sat.instrument,
        key=key,
        given=given,
        about=sat.about,
        response_id=forms.read_id(posted),
    )


def _resumed(sat: Opened) -> str:
    """The first question that must be answered and is not, or the check where there is none."""
    missing = instruments.missing(sat.instrument, sat.given.answers, sat.given.reasons)
    return sat.step(sat.instrument.questions.index(missing[0]) + 1) if missing else sat.path("check")


def _after(sat: Opened, number: int) -> str:
    return sat.step(number + 1) if number < len(sat.instrument.questions) else sat.path("check")


def _asked(sat: Opened, number: int) -> Asked:
    questions = forms.questions(sat.instrument)
    if not 1 <= number <= len(questions):
        raise NotFound
    return questions[number - 1]


def _result(sat: Opened, response_id: UUID) -> str:
    return f"/my/questionnaires/{sat.instrument.key}/{response_id}?sent-before=1"


def _question(
    request: Request, work: Work, patient: Patient, sat: Opened, number: int, *, came_from: str, **more: Any
) -> Response:
    return _page(
        request,
        "questionnaires/question.html",
        work,
        patient,
        sat,
        question=_asked(sat, number),
        at=number,
        came_from="check" if came_from == "check" else "",
        **more,
    )


def _form(request: Request, work: Work, patient: Patient, sat: Opened, **more: Any) -> Response:
    return _page(request, "questionnaires/form.html", work, patient, sat, **more)


def _page(
    request: Request,
    template: str,
    work: Work,
    patient: Patient,
    sat: Opened,
    *,
    given: Given | None = None,
    problems: Problems | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    given = given or sat.given
    return page(
        request,
        template,
        status=status,
        instrument=sat.instrument,
        sat=sat,
        questions=forms.questions(sat.instrument),
        risk_numbers=forms.risk_numbers(sat.instrument),
        chosen=forms.chosen(given),
        response_id=sat.response_id,
        saved_at=sat.kept.saved_at if sat.kept else None,
        told=bool(instruments.risk_answers(sat.instrument, given.answers)),
        read_by=read_by(request.state.principal.service, work.now),
        today=work.today,
        problems=problems or {},
        patient=patient,
        **more,
    )
