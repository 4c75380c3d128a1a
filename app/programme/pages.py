"""The patient's own pages: Today, the programme, a step's pages and worksheets, and their answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import JSONResponse

from app.accounts.access import Me, PatientWork
from app.clinical import worksheets
from app.clinical.containers import Worksheet
from app.clinical.modules import Module, Page
from app.clinical.sequencing import decisions, explain
from app.clinical.sequencing.standing import Standing
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.programme import actions, answers, course_queries, module_queries, queries
from app.programme.module_queries import EntryForm
from app.programme.queries import Plan
from app.questionnaires import queries as questionnaires

router = APIRouter()


def my_plan(work: PatientWork, patient: Me) -> Plan:
    return queries.plan(work, patient)


MyPlan = Annotated[Plan, Depends(my_plan)]


def my_step(plan: MyPlan, step: str) -> Standing:
    return plan[step]


MyStep = Annotated[Standing, Depends(my_step)]


def my_module(request: Request, work: PatientWork, patient: Me, standing: MyStep) -> Module:
    """The module of an open step, as this patient has it; a closed step's door is shut here for every page of it."""
    if not decisions.can_open(standing):
        raise NotOpen(standing.step)
    modules = queries.pinned_modules(work, patient, request.app.state.library.modules)
    if standing.module not in modules:
        raise NotFound
    return modules[standing.module]


MyModule = Annotated[Module, Depends(my_module)]


class NotOpen(NotFound):
    title = "This step is not open yet"
    words = "Your programme says what opens it, and you can ask for it there."

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step


@router.get("/my/today")
def today(request: Request, work: PatientWork, patient: Me) -> Response:
    plan = queries.plan_or_none(work, patient)
    asked = questionnaires.asked(questionnaires.answered(work, patient), request.app.state.library.instruments)
    return page(
        request,
        "programme/today.html",
        patient=patient,
        today=work.today,
        next=course_queries.next_step(plan, request.app.state.library.modules) if plan else None,
        plan=plan,
        homework=[row for row in plan.homework if not row.body["done_at"]] if plan else [],
        news=course_queries.news(plan, request.app.state.library.modules) if plan else [],
        due=[one for one in asked if one.is_due(work.now)],
        done=request.query_params.get("done", ""),
    )


@router.get("/my/programme")
def programme(request: Request, work: PatientWork, patient: Me, plan: MyPlan) -> Response:
    modules = queries.pinned_modules(work, patient, request.app.state.library.modules)
    return page(
        request,
        "programme/programme.html",
        patient=patient,
        shown=course_queries.programme(plan, modules, patient),
        done=request.query_params.get("done", ""),
    )


@router.post("/my/programme/{step}/ask")
def ask(request: Request, work: PatientWork, patient: Me, standing: MyStep, posted: Posted) -> Response:
    actions.ask_for_step(work, patient=patient, standing=standing)
    return see_other(f"/my/programme?done=asked#{standing.step}")


@router.post("/my/programme/{step}/stop-asking")
def stop_asking(request: Request, work: PatientWork, patient: Me, standing: MyStep, posted: Posted) -> Response:
    actions.stop_asking(work, patient=patient, standing=standing)
    return see_other(f"/my/programme#{standing.step}")


@router.post("/my/homework/{homework_id}/done")
def homework_done(request: Request, work: PatientWork, patient: Me, homework_id: UUID, posted: Posted) -> Response:
    actions.do_homework(work, patient=patient, homework_id=homework_id)
    return see_other("/my/today?done=homework")


@router.get("/my/steps/{step}")
def step_overview(request: Request, plan: MyPlan, standing: MyStep, module: MyModule, patient: Me) -> Response:
    passed = plan.passed.get(standing.step, set())
    return page(
        request,
        "programme/step.html",
        standing=standing,
        module=module,
        patient=patient,
        pages=module_queries.page_marks(module, passed),
        here=module_queries.resume_at(module, passed),
        minutes_left=module_queries.minutes_left(module, passed),
        told=explain.for_patient(standing, patient.practitioner_given_name or None),
    )


@router.post("/my/steps/{step}/start")
def start(
    request: Request, work: PatientWork, patient: Me, plan: MyPlan, standing: MyStep, module: MyModule, posted: Posted
) -> Response:
    actions.start_step(work, patient=patient, standing=standing, module=module)
    here = module_queries.resume_at(module, plan.passed.get(standing.step, set())) or module.first_page
    return see_other(_page_path(standing, here))


@router.get("/my/steps/{step}/pages/{page_key}")
def step_page(
    request: Request,
    work: PatientWork,
    patient: Me,
    plan: MyPlan,
    standing: MyStep,
    module: MyModule,
    page_key: str,
) -> Response:
    picked = _picked(request)
    return _page(request, work, patient, plan, standing, module, _page_of(module, page_key), picked=picked)


@router.post("/my/steps/{step}/pages/{page_key}")
def move_on(
    request: Request,
    work: PatientWork,
    patient: Me,
    standing: MyStep,
    module: MyModule,
    page_key: str,
    posted: Posted,
) -> Response:
    here = _page_of(module, page_key)
    actions.start_step(work, patient=patient, standing=standing, module=module)
    actions.move_on(work, patient=patient, standing=standing, module=module, page=here)
    after = module.next_page(here.key)
    return see_other(_page_path(standing, after) if after else f"/my/steps/{standing.step}/finish")


@router.get("/my/steps/{step}/finish")
def finish(
    request: Request, work: PatientWork, patient: Me, plan: MyPlan, standing: MyStep, module: MyModule
) -> Response:
    form = _form(work, patient, module, module_queries.UNDERSTANDING)
    return page(
        request,
        "programme/finish.html",
        standing=standing,
        module=module,
        patient=patient,
        form=form,
        opened=course_queries.opened_by(plan, standing.step),
    )


@router.get("/my/steps/{step}/print")
def printed(
    request: Request, work: PatientWork, patient: Me, plan: MyPlan, standing: MyStep, module: MyModule
) -> Response:
    given = answers.entries(work, patient, modules=[module.key])
    pages = [module_queries.module_page(patient, standing, module, one, given, {}, passed=True) for one in module.pages]
    return page(
        request, "programme/print.html", standing=standing, module=module, pages=pages, patient=patient, now=work.now
    )


@router.get("/my/steps/{step}/worksheets/{worksheet}/{entry_id}")
def entry(
    request: Request,
    work: PatientWork,
    patient: Me,
    standing: MyStep,
    module: MyModule,
    worksheet: str,
    entry_id: UUID,
) -> Response:
    sheet = _sheet_of(module, worksheet)
    return _entry_page(request, patient, standing, module, _form(work, patient, module, sheet, entry_id))


@router.post("/my/steps/{step}/worksheets/{worksheet}/draft")
def keep_draft(
    request: Request, work: PatientWork, standing: MyStep, module: MyModule, worksheet: str, posted: Posted
) -> Response:
    sheet = _sheet_of(module, worksheet)
    entry_id, base = _identity(posted)
    kept = actions.keep_draft(work, module=module, worksheet=sheet, entry_id=entry_id, base=base, typed=_typed(posted))
    return JSONResponse({"saved_at": kept.saved_at.isoformat()})


@router.post("/my/steps/{step}/worksheets/{worksheet}")
def save_entry(
    request: Request,
    work: PatientWork,
    patient: Me,
    plan: MyPlan,
    standing: MyStep,
    module: MyModule,
    worksheet: str,
    posted: Posted,
) -> Response:
    sheet = _sheet_of(module, worksheet)
    entry_id, base = _identity(posted)
    typed = _typed(posted)
    values, problems = worksheets.read(sheet, typed)
    if not problems and worksheets.is_empty(values):
        problems = {sheet.entry_fields[0].key: "Write something first, or leave it and move on"}
    if problems:
        form = module_queries.typed_form(sheet, entry_id, base, typed, problems=problems)
        return _back_with(request, work, patient, plan, standing, module, form, posted)
    actions.start_step(work, patient=patient, standing=standing, module=module)
    try:
        actions.save_entry(
            work,
            patient=patient,
            standing=standing,
            module=module,
            worksheet=sheet,
            entry_id=entry_id,
            base=base,
            values=values,
        )
    except actions.NewerVersion as newer:
        told = worksheets.in_words(sheet, newer.saved.values or {})
        form = module_queries.typed_form(sheet, entry_id, newer.saved.version, typed, newer=told)
        return _back_with(request, work, patient, plan, standing, module, form, posted, status=409)
    return see_other(_after_save(standing, module, sheet, posted))


@router.post("/my/steps/{step}/worksheets/{worksheet}/{entry_id}/remove")
def remove_entry(
    request: Request,
    work: PatientWork,
    patient: Me,
    standing: MyStep,
    module: MyModule,
    worksheet: str,
    entry_id: UUID,
    posted: Posted,
) -> Response:
    actions.take_back_entry(work, patient=patient, entry_id=entry_id)
    path = _after_save(standing, module, _sheet_of(module, worksheet), posted).partition("?")[0]
    return see_other(f"{path}?removed={entry_id}")


@router.post("/my/steps/{step}/worksheets/{worksheet}/{entry_id}/put-back")
def put_back_entry(
    request: Request,
    work: PatientWork,
    patient: Me,
    standing: MyStep,
    module: MyModule,
    worksheet: str,
    entry_id: UUID,
    posted: Posted,
) -> Response:
    actions.put_back_entry(work, patient=patient, entry_id=entry_id)
    return see_other(_after_save(standing, module, _sheet_of(module, worksheet), posted).partition("?")[0])


@router.get("/my/answers")
def my_answers(request: Request, work: PatientWork, patient: Me) -> Response:
    given = answers.entries(work, patient)
    modules = queries.pinned_modules(work, patient, request.app.state.library.modules)
    return page(
        request,
        "programme/answers.html",
        patient=patient,
        shown=course_queries.answers_by_step(given, modules),
    )


def _page(
    request: Request,
    work: PatientWork,
    patient: Me,
    plan: Plan,
    standing: Standing,
    module: Module,
    here: Page,
    *,
    status: int = 200,
    picked: tuple[int, int] | None = None,
    form: EntryForm | None = None,
) -> Response:
    given = answers.entries(work, patient, modules=[module.key])
    kept = drafts.kept_under(work, prefix=f"answer:{module.key}/")
    passed = here.key in plan.passed.get(standing.step, set())
    shown = module_queries.module_page(
        patient, standing, module, here, given, kept, passed=passed, picked=picked, form=form
    )
    return page(
        request,
        "programme/page.html",
        status=status,
        shown=shown,
        patient=patient,
        problems=form.problems if form else {},
        saved=request.query_params.get("saved", ""),
        removed=request.query_params.get("removed", ""),
    )


def _back_with(
    request: Request,
    work: PatientWork,
    patient: Me,
    plan: Plan,
    standing: Standing,
    module: Module,
    form: EntryForm,
    posted: PostedForm,
    *,
    status: int = 422,
) -> Response:
    """The page the form was on, with what was typed; what was typed is kept as a draft as well."""
    actions.keep_draft(
        work,
        module=module,
        worksheet=form.worksheet,
        entry_id=form.entry_id,
        base=form.base,
        typed=_typed(posted),
    )
    on = posted.get("on-page", "")
    if module.has_page(on):
        return _page(request, work, patient, plan, standing, module, module.page(on), status=status, form=form)
    return _entry_page(request, patient, standing, module, form, status=status)


def _entry_page(
    request: Request, patient: Me, standing: Standing, module: Module, form: EntryForm, *, status: int = 200
) -> Response:
    return page(
        request,
        "programme/entry.html",
        status=status,
        standing=standing,
        module=module,
        form=form,
        patient=patient,
        problems=form.problems,
        on_page=module.page_with(form.worksheet.key),
    )


def _form(work: PatientWork, patient: Me, module: Module, sheet: Worksheet, entry_id: UUID | None = None) -> EntryForm:
    given = answers.entries(work, patient, modules=[module.key])
    if entry_id is not None and all(one.id != entry_id for one in given):
        raise NotFound
    kept = drafts.kept_under(work, prefix=f"answer:{module.key}/{sheet.key}")
    return module_queries.entry_form(patient, module, sheet, given, kept, entry_id=entry_id)


def _page_of(module: Module, key: str) -> Page:
    if not module.has_page(key):
        raise NotFound
    return module.page(key)


def _sheet_of(module: Module, key: str) -> Worksheet:
    found = module_queries.worksheet_of(module, key)
    if found is None:
        raise NotFound
    return found


def _page_path(standing: Standing, here: Page) -> str:
    return f"/my/steps/{standing.step}/pages/{here.key}"


def _after_save(standing: Standing, module: Module, sheet: Worksheet, posted: PostedForm) -> str:
    """Back to the page the form was on, at the worksheet; after the last check, to the programme."""
    if sheet is module_queries.UNDERSTANDING:
        return "/my/programme?done=step"
    on = posted.get("on-page", "")
    here = module.page(on) if module.has_page(on) else module.page_with(sheet.key)
    return f"{_page_path(standing, here)}?saved={sheet.key}#{sheet.key}" if here else f"/my/steps/{standing.step}"


def _identity(posted: PostedForm) -> tuple[UUID, int]:
    """Which entry a form is about and from which version it was begun; both travel with the form."""
    base = posted.get("base-version", "0")
    try:
        return UUID(posted.get("entry-id", "")), int(base) if base.isdigit() and len(base) < 9 else 0
    except ValueError:
        raise NotFound from None


def _typed(posted: PostedForm) -> dict[str, str | list[str]]:
    own = ("entry-id", "base-version", "on-page")
    return {name: value for name, value in posted.raw().items() if name not in own}


def _picked(request: Request) -> tuple[int, int] | None:
    """Which option of which quick check was picked; anything else in the address is nothing."""
    check, option = request.query_params.get("check", ""), request.query_params.get("option", "")
    short = all(part.isascii() and part.isdigit() and len(part) < 3 for part in (check, option))
    return (int(check), int(option)) if short else None
