"""The patient's own pages: Today, the programme, a step from its overview to its end, and their answers."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.access import Me, PatientWork
from app.clinical.sequencing import explain
from app.clinical.sequencing.standing import Standing
from app.diary import week_queries
from app.diary.access import ZONE_SAID
from app.kit import drafts
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.mood.access import scale_now
from app.programme import (
    actions,
    answers,
    asking_queries,
    course_queries,
    entry_queries,
    history,
    module_queries,
    queries,
    today_queries,
)
from app.programme.access import OpenStep, StepRoute, open_step
from app.safety import queries as safety

router = APIRouter(route_class=StepRoute)


def my_step(work: PatientWork, patient: Me, step: str) -> Standing:
    return queries.plan(work, patient)[step]


def enter(request: Request, work: PatientWork, patient: Me, step: str) -> OpenStep:
    return open_step(request, work, patient, step)


MyStep = Annotated[Standing, Depends(my_step)]
Entered = Annotated[OpenStep, Depends(enter)]


@router.get("/my/today")
def today(request: Request, work: PatientWork, patient: Me) -> Response:
    first = (history.STAMP, today_queries.ASKED, safety.IS_OPEN, week_queries.todays(work, patient))
    work.ahead(*first, service=work.service_id, patient=patient.id)
    plan = queries.plan_or_none(work, patient)
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    upcoming = course_queries.next_step(plan, modules) if plan else None
    course = asking_queries.of_plan(plan, patient.zone)
    titles = {key: one.title for key, one in modules.items()}
    asked = today_queries.asked(work, patient, course, request.app.state.library.instruments, titles)
    return page(
        request,
        "programme/today.html",
        patient=patient,
        today=work.today,
        plan=plan,
        next=upcoming,
        waiting=course_queries.programme(plan, modules, patient).waiting if plan and not upcoming else [],
        agreed=course_queries.agreed(plan) if plan else [],
        news=course_queries.news(plan, modules, patient, work.now) if plan else [],
        mood=asked.mood,
        prompted=asked.prompted,
        short_question=asked.short_question,
        mood_scale=scale_now(request),
        rating_id=uuid4(),
        due=asked.due,
        alert=safety.has_open_alert(work, patient),
        diary=week_queries.for_today(work, patient),
        done=request.query_params.get("done", ""),
        zone_said=ZONE_SAID.get(request.query_params.get("done", "")),
        just_done=course_queries.just_done(plan, work.now) if plan else None,
    )


@router.get("/my/more")
def more(request: Request, patient: Me) -> Response:
    return page(request, "programme/more.html", patient=patient)


@router.get("/my/programme")
def programme(request: Request, work: PatientWork, patient: Me) -> Response:
    plan = queries.plan_or_none(work, patient)
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    return page(
        request,
        "programme/programme.html",
        patient=patient,
        shown=course_queries.programme(plan, modules, patient) if plan else None,
        done=request.query_params.get("done", ""),
    )


@router.post("/my/programme/{step}/ask")
def ask(work: PatientWork, patient: Me, standing: MyStep, posted: Posted) -> Response:
    opens = course_queries.opens_when_asked(standing)
    actions.ask_for_step(work, patient=patient, standing=standing)
    return see_other(f"/my/programme?done={'opened' if opens else 'asked'}#{standing.step}")


@router.post("/my/programme/{step}/stop-asking")
def stop_asking(work: PatientWork, patient: Me, standing: MyStep, posted: Posted) -> Response:
    actions.stop_asking(work, patient=patient, standing=standing)
    done = "skipped-again" if standing.waiver else "no-longer-asked"
    return see_other(f"/my/programme?done={done}#{standing.step}")


@router.post("/my/homework/{homework_id}/done")
def homework_done(work: PatientWork, patient: Me, homework_id: UUID, posted: Posted) -> Response:
    actions.do_homework(work, patient=patient, homework_id=homework_id)
    return see_other("/my/today?done=homework")


@router.post("/my/homework/{homework_id}/not-done")
def homework_not_done(work: PatientWork, patient: Me, homework_id: UUID, posted: Posted) -> Response:
    actions.undo_homework(work, patient=patient, homework_id=homework_id)
    return see_other("/my/today?done=not-homework")


@router.get("/my/steps/{step}")
def step_overview(request: Request, patient: Me, at: Entered) -> Response:
    told = explain.for_patient(at.standing, patient.practitioner_given_name or None)
    return page(
        request,
        "programme/step.html",
        place="/my/programme",
        patient=patient,
        at=at,
        pages=module_queries.page_marks(at.module, at.passed, at.standing),
        minutes_left=module_queries.minutes_left(at.module, at.passed, at.standing),
        told=told,
        why=course_queries.nested(told.lines),
    )


@router.post("/my/steps/{step}/start")
def start(work: PatientWork, patient: Me, at: Entered, posted: Posted) -> Response:
    actions.start_step(work, patient=patient, standing=at.standing, module=at.module)
    return see_other(at.path_of(at.here))


@router.get("/my/steps/{step}/finish")
def finish(request: Request, work: PatientWork, patient: Me, at: Entered) -> Response:
    given = answers.entries(work, patient, module=at.module.key)
    kept = drafts.kept_under(work, prefix=answers.drafts_of(at.module))
    return page(
        request,
        "programme/finish.html",
        place="/my/programme",
        patient=patient,
        at=at,
        form=entry_queries.entry_form(patient, at.module, entry_queries.UNDERSTANDING, given, kept),
        left=module_queries.left(at.module, at.standing),
        opened=course_queries.opened_by(at.plan, at.key),
        sheets=entry_queries.filled_in(at.module, given),
    )


@router.get("/my/steps/{step}/print")
def printed(request: Request, work: PatientWork, patient: Me, at: Entered) -> Response:
    given = answers.entries(work, patient, module=at.module.key)
    pages = [
        module_queries.module_page(patient, at.standing, at.module, one, given, {}, passed=True)
        for one in at.module.pages
    ]
    return page(
        request,
        "programme/print.html",
        patient=patient,
        at=at,
        pages=[module_queries.on_paper(one) for one in pages],
        now=work.now,
    )


@router.get("/my/answers")
def my_answers(request: Request, work: PatientWork, patient: Me) -> Response:
    plan = queries.plan_or_none(work, patient)
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    given = answers.entries(work, patient)
    return page(
        request,
        "programme/answers.html",
        patient=patient,
        shown=course_queries.answers_by_step(given, modules, plan.course if plan else None),
    )
