"""One decision for several patients of the caseload: looked at first, made once, told for each, taken back."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.caseload import together_actions, together_queries
from app.caseload.forms import TogetherForm
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.wording import WAIVER_REASONS
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import many_actions, many_queries
from app.programme.many_queries import About

router = APIRouter(route_class=Route)

Deciding = Annotated[Work, may(Capability.TAILOR_PROGRAMME)]
REASONS = [(one.value, WAIVER_REASONS[one][:1].upper() + WAIVER_REASONS[one][1:]) for one in WaiverReason]


@router.post("/caseload/together")
def choose(work: Deciding, posted: Posted) -> Response:
    ids = _ids(posted)
    if not ids:
        return see_other("/caseload?done=nobody")
    if len(ids) > many_queries.AT_MOST:
        raise many_actions.TooMany
    many_id = _id(posted.get("many_id", "")) or uuid4()
    together_actions.keep_look(work, many_id=many_id, posted=posted)
    return see_other(f"/caseload/together/{many_id}")


@router.post("/caseload/together/decide")
def decide(request: Request, work: Deciding, posted: Posted) -> Response:
    ids = _ids(posted)
    form, problems = TogetherForm.read(posted)
    if form is None or not ids:
        return _look(request, work, posted, problems, status=422)
    many_actions.decide_for_many(
        work, many_id=form.many_id, about=_about(form), patient_ids=ids, told=form.told if form.act == "release" else ""
    )
    together_actions.drop_look(work, many_id=form.many_id)
    return see_other(f"/caseload/together/{form.many_id}")


@router.get("/caseload/together/{many_id}")
def look_or_summary(request: Request, work: Deciding, many_id: UUID) -> Response:
    looked = together_queries.look(work, many_id)
    if looked is not None:
        form, problems = TogetherForm.read(looked)
        # Nothing is wrong yet with a form that has only just been opened.
        return _look(request, work, looked, problems if "step" in looked else {}, form)
    return page(
        request,
        "caseload/together-done.html",
        place="/caseload",
        many=many_queries.many(work, many_id),
        zone=work.actor.zone,
    )


@router.post("/caseload/together/{many_id}/undo")
def undo(work: Deciding, many_id: UUID, posted: Posted) -> Response:
    many_actions.undo_for_many(work, many_id=many_id)
    return see_other(f"/caseload/together/{many_id}")


def _ids(posted: PostedForm) -> list[UUID]:
    return [one for typed in dict.fromkeys(posted.every("patients")) if (one := _id(typed))]


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _about(form: TogetherForm) -> About:
    return About(form.act, form.step, form.reason if form.act == "waive" else None, form.note)


def _look(
    request: Request,
    work: Work,
    posted: PostedForm,
    problems: Problems,
    form: TogetherForm | None = None,
    status: int = 200,
) -> Response:
    ids = _ids(posted)
    several = many_queries.chosen(work, ids)
    act = posted.get("act", "")
    more: dict[str, Any] = {"lines": [], "remarks": {}}
    if form:
        more = {
            "lines": many_queries.preview(work, several, _about(form)),
            "remarks": together_queries.remarks(work, several, form.step, request.app.state.library),
        }
    return page(
        request,
        "caseload/together.html",
        status=status,
        place="/caseload",
        act=act if act in many_queries.ACTS else "release",
        ids=ids,
        known=[one.patient for one in several if one.patient],
        steps=many_queries.steps_of(several),
        reasons=REASONS,
        many_id=_id(posted.get("many_id", "")) or uuid4(),
        problems=problems,
        posted=posted,
        **more,
    )
