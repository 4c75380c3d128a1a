"""Running a draft through days with an invented patient, and watching what opens, when and why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical.sequencing import play
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.play import Ready
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import draft_queries, editor_forms, editor_queries, play_actions, play_queries
from app.pathways.draft_queries import Draft
from app.pathways.play_actions import CannotHappen
from app.pathways.play_forms import READY, HappeningForm

router = APIRouter(route_class=Route)

PathwayEditor = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


@router.get("/pathways/drafts/{draft_id}/play")
def play_on(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    return _page(request, work, draft_queries.draft(work, draft_id))


@router.post("/pathways/drafts/{draft_id}/play")
def add(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    pathway = editor_queries.readable(draft.body, "", request.app.state.library)
    form, problems = HappeningForm.read(posted)
    if form is None or pathway is None:
        return _page(request, work, draft, problems, posted)
    wrong = play.mistake(form.happening(), pathway)
    if wrong:
        return _page(request, work, draft, {wrong.field: wrong.words}, posted)
    number = editor_forms.read_number(posted, "number")
    try:
        play_actions.add(work, draft_id=draft_id, pathway=pathway, number=number, happening=form.happening())
    except CannotHappen as refused:
        return _page(request, work, draft, {refused.mistake.field: refused.mistake.words}, posted)
    return see_other(f"{draft.base}/play?day={form.day}&did=added")


@router.post("/pathways/drafts/{draft_id}/play/remove")
def remove(work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    place = posted.get("place", "")
    if place.isascii() and place.isdigit() and len(place) < 5:
        number = editor_forms.read_number(posted, "number")
        play_actions.remove(work, draft_id=draft_id, number=number, place=int(place))
    return see_other(f"{draft.base}/play?day={_day(posted.get('day', ''))}&did=removed")


@router.post("/pathways/drafts/{draft_id}/play/ready")
def begin(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    pathway = editor_queries.readable(draft.body, "", request.app.state.library)
    which = posted.get("which", "")
    if which and which not in {one.value for one in Ready}:
        raise NotFound
    if pathway is None:
        return _page(request, work, draft)
    script = play.ready(Ready(which), pathway, work.today, work.actor.zone) if which else ()
    number = editor_forms.read_number(posted, "number")
    play_actions.begin(work, draft_id=draft_id, number=number, which=which, happenings=script)
    return see_other(f"{draft.base}/play?did=begun")


@router.post("/pathways/drafts/{draft_id}/play/undo")
def undo(work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    play_actions.undo(work, draft_id=draft_id, number=editor_forms.read_number(posted, "number"))
    return see_other(f"{draft.base}/play?day={_day(posted.get('day', ''))}&did=undo")


def _day(typed: str) -> int:
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1


def _page(
    request: Request, work: Work, draft: Draft, problems: Problems | None = None, posted: PostedForm | None = None
) -> Response:
    library = request.app.state.library
    pathway = editor_queries.readable(draft.body, "", library)
    kept = play_queries.script(work, draft.id)
    asked = request.query_params
    day = _day(posted.get("day", "1") if posted else asked.get("day", "1"))
    zone = work.actor.zone
    return page(
        request,
        "pathways/play.html",
        status=422 if problems else 200,
        around=editor_queries.around(work, draft, library, tab="play"),
        pathway=pathway,
        played=play_queries.played(pathway, kept, zone, day=day, step=asked.get("step", "")) if pathway else None,
        script=kept,
        choices=play_queries.CHOICES,
        measures=[("", "None"), *((key, one.name) for key, one in MEASURES.items())],
        ready=READY,
        done=asked.get("did", ""),
        problems=problems or {},
        posted=posted or {},
        place="/pathways",
    )
