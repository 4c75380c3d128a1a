"""The pages of a step, and the worksheets on them: read, write, keep a draft, change, take off a list."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from pydantic import JsonValue
from starlette.responses import JSONResponse

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.containers import Worksheet
from app.clinical.modules import Page
from app.diary import plan_queries
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.work import Work
from app.programme import actions, answers, entry_queries, module_queries, worksheet_forms
from app.programme.access import OpenStep, StepRoute, open_step
from app.programme.answers import Entry
from app.programme.entry_queries import EntryForm
from app.programme.module_queries import ModulePage
from app.programme.worksheet_forms import WorksheetForm

router = APIRouter(route_class=StepRoute)


def enter(request: Request, work: PatientWork, patient: Me, step: str) -> OpenStep:
    return open_step(request, work, patient, step)


Entered = Annotated[OpenStep, Depends(enter)]


def sheet_in(at: Entered, worksheet: str) -> Worksheet:
    found = entry_queries.worksheet_of(at.module, worksheet)
    if found is None:
        raise NotFound
    return found


Sheet = Annotated[Worksheet, Depends(sheet_in)]


@dataclass(frozen=True)
class Writing:
    """Who writes on which worksheet of which step: what each of these pages is about."""

    work: Work
    patient: Patient
    at: OpenStep
    sheet: Worksheet

    def given(self) -> list[Entry]:
        return answers.entries(self.work, self.patient, module=self.at.module.key)

    def kept(self) -> dict[str, drafts.Kept]:
        return drafts.kept_under(self.work, prefix=answers.drafts_of(self.at.module))

    def form(self, entry_id: UUID | None, *, typed: WorksheetForm | None = None) -> EntryForm:
        """The form of an entry, with what was sent where that is given, else with its draft."""
        kept = {} if typed else self.kept()
        form = entry_queries.entry_form(self.patient, self.at.module, self.sheet, self.given(), kept, entry_id=entry_id)
        if typed is None:
            return form
        return replace(form, typed=typed.typed, suggested=frozenset(), draft_at=self.work.now)

    def keep_draft(self, form: WorksheetForm) -> actions.DraftKept:
        return actions.keep_draft(
            self.work,
            patient=self.patient,
            module=self.at.module,
            worksheet=self.sheet,
            entry_id=form.entry_id,
            base=form.base,
            typed=form.typed,
        )

    def save(self, form: WorksheetForm, values: dict[str, JsonValue]) -> None:
        actions.save_entry(
            self.work,
            patient=self.patient,
            standing=self.at.standing,
            module=self.at.module,
            worksheet=self.sheet,
            entry_id=form.entry_id,
            base=form.base,
            values=values,
        )


def writing(work: PatientWork, patient: Me, at: Entered, sheet: Sheet) -> Writing:
    return Writing(work, patient, at, sheet)


MyWriting = Annotated[Writing, Depends(writing)]


@router.get("/my/steps/{step}/pages/{page_key}")
def step_page(request: Request, work: PatientWork, patient: Me, at: Entered, page_key: str) -> Response:
    return _page(request, work, patient, at, at.page(page_key))


@router.post("/my/steps/{step}/pages/{page_key}")
def move_on(request: Request, work: PatientWork, patient: Me, at: Entered, page_key: str, posted: Posted) -> Response:
    here = at.page(page_key)
    sheet = entry_queries.worksheet_of(at.module, posted.get("worksheet", ""))
    along = _take_along(Writing(work, patient, at, sheet), posted) if sheet else ""
    actions.move_on(work, patient=patient, plan=at.plan, step=at.key, module=at.module, page=here)
    after = at.module.next_page(here.key)
    path = at.path_of(after) if after else f"{at.path}/finish"
    return see_other(f"{path}?{along}={here.key}" if along else path)


@router.get("/my/steps/{step}/worksheets/{worksheet}/again")
def again(request: Request, patient: Me, writing: MyWriting) -> Response:
    if not writing.sheet.repeat:
        raise NotFound
    mine = answers.of_worksheet(writing.given(), writing.at.module, writing.sheet)
    begun = entry_queries.new_draft(writing.at.module, writing.sheet, mine, writing.kept())
    return _entry_page(request, writing, writing.form(begun or uuid4()))


@router.get("/my/steps/{step}/worksheets/{worksheet}/{entry_id}")
def entry(request: Request, patient: Me, writing: MyWriting, entry_id: UUID) -> Response:
    form = writing.form(entry_id)
    if form.saved_at is None and form.draft_at is None:
        raise NotFound
    return _entry_page(request, writing, entry_queries.to_change(form))


@router.post("/my/steps/{step}/worksheets/{worksheet}/draft")
def keep_draft(patient: Me, writing: MyWriting, posted: Posted) -> Response:
    kept = writing.keep_draft(WorksheetForm.of(writing.sheet, posted))
    return JSONResponse({"saved_at": kept.saved_at.isoformat()}, status_code=409 if kept.behind else 200)


@router.post("/my/steps/{step}/worksheets/{worksheet}")
def save_entry(request: Request, patient: Me, writing: MyWriting, posted: Posted) -> Response:
    form = WorksheetForm.of(writing.sheet, posted)
    values, problems = form.answers()
    if problems and form.goes_on(problems):
        writing.keep_draft(form)
        return see_other(_back_to(writing, form))
    if problems:
        writing.keep_draft(form)
        shown = replace(writing.form(form.entry_id, typed=form), base=form.base, problems=problems)
        return _again(request, writing, form, shown)
    try:
        writing.save(form, values)
    except actions.NewerVersion:
        writing.keep_draft(form)
        shown = entry_queries.in_conflict(writing.form(form.entry_id, typed=form), form.base)
        return _entry_page(request, writing, shown, on_page=form.on_page, status=409)
    return see_other(_back_to(writing, form, saved=writing.sheet.key))


@router.post("/my/steps/{step}/worksheets/{worksheet}/{entry_id}/remove")
def remove_entry(patient: Me, writing: MyWriting, entry_id: UUID, posted: Posted) -> Response:
    sheet, module = writing.sheet, writing.at.module
    actions.take_back_entry(writing.work, patient=patient, module=module, worksheet=sheet, entry_id=entry_id)
    form = WorksheetForm.of(sheet, posted, entry_id)
    return see_other(_back_to(writing, form, removed=str(entry_id), worksheet=sheet.key))


@router.post("/my/steps/{step}/worksheets/{worksheet}/{entry_id}/put-back")
def put_back_entry(patient: Me, writing: MyWriting, entry_id: UUID, posted: Posted) -> Response:
    actions.put_back_entry(
        writing.work, patient=patient, module=writing.at.module, worksheet=writing.sheet, entry_id=entry_id
    )
    return see_other(_back_to(writing, WorksheetForm.of(writing.sheet, posted, entry_id)))


@router.post("/my/steps/{step}/worksheets/{worksheet}/{entry_id}/throw-draft-away")
def throw_draft_away(patient: Me, writing: MyWriting, entry_id: UUID, posted: Posted) -> Response:
    actions.throw_draft_away(writing.work, module=writing.at.module, worksheet=writing.sheet, entry_id=entry_id)
    return see_other(_back_to(writing, WorksheetForm.of(writing.sheet, posted, entry_id)))


def _take_along(writing: Writing, posted: PostedForm) -> str:
    """Save what stands in a page's form as its reader moves on; keep as a draft what cannot be saved as it is.

    What was only suggested is nobody's answer yet and is left.
    """
    form = WorksheetForm.of(writing.sheet, posted)
    values, problems = form.answers()
    suggested = answers.suggestions(writing.at.module, writing.sheet, writing.given())
    if not form.filled or (form.base == 0 and form.is_only(suggested)):
        return ""
    if not problems:
        try:
            writing.save(form, values)
            return ""
        except actions.NewerVersion:
            pass
    writing.keep_draft(form)
    return "unfinished"


def _page(
    request: Request,
    work: Work,
    patient: Patient,
    at: OpenStep,
    here: Page,
    *,
    form: EntryForm | None = None,
    status: int = 200,
) -> Response:
    given = answers.entries(work, patient, module=at.module.key)
    kept = drafts.kept_under(work, prefix=answers.drafts_of(at.module))
    shown = module_queries.module_page(
        patient,
        at.standing,
        at.module,
        here,
        given,
        kept,
        passed=here.key in at.passed,
        picked=worksheet_forms.picked(request.query_params),
        form=form,
    )
    return page(
        request,
        "programme/page.html",
        status=status,
        place="/my/programme",
        patient=patient,
        at=at,
        shown=shown,
        placed=_placed(work, patient, shown),
        problems=form.problems if form else {},
        problems_in=form.worksheet.key if form else "",
        done=worksheet_forms.done(at.module, request.query_params),
    )


def _placed(work: Work, patient: Patient, shown: ModulePage) -> dict[UUID, date]:
    """Which of the entries that make a plan are in the diary already; nothing is asked where none does."""
    return plan_queries.placed(plan_queries.activities(work, patient), work.today) if shown.makes_plans else {}


def _entry_page(
    request: Request, writing: Writing, form: EntryForm, *, on_page: str = "", status: int = 200
) -> Response:
    return page(
        request,
        "programme/entry.html",
        status=status,
        place="/my/programme",
        patient=writing.patient,
        at=writing.at,
        form=form,
        on_page=on_page or request.query_params.get("on-page", ""),
        back=_back_to(writing, None, on_page=on_page or request.query_params.get("on-page", "")),
        problems=form.problems,
    )


def _again(request: Request, writing: Writing, form: WorksheetForm, shown: EntryForm) -> Response:
    """The page the form was on, with what was typed."""
    if writing.at.module.has_page(form.on_page):
        here = writing.at.module.page(form.on_page)
        return _page(request, writing.work, writing.patient, writing.at, here, form=shown, status=422)
    return _entry_page(request, writing, shown, on_page=form.on_page, status=422)


def _back_to(writing: Writing, form: WorksheetForm | None, *, on_page: str = "", **said: str) -> str:
    """Back to the page the form was on, at the worksheet; after the last check to the programme."""
    at, sheet = writing.at, writing.sheet
    on = on_page or (form.on_page if form else "")
    if on == "answers":
        return "/my/answers"
    if sheet is entry_queries.UNDERSTANDING:
        return "/my/programme?done=step" if said else f"{at.path}/finish"
    here = at.module.page(on) if at.module.has_page(on) else at.module.page_with(sheet.key)
    if here is None:
        return at.path
    query = "&".join(f"{name}={value}" for name, value in said.items())
    return f"{at.path_of(here)}{'?' if query else ''}{query}#sheet-{sheet.key}"
