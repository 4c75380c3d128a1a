"""The review list, and the page on which somebody looks at an entry and records what was decided."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import roles
from app.accounts.access import StaffWork, may, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role, Scope
from app.caseload import cause_queries, review_queries
from app.caseload.forms import ReviewForm
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import void_queries
from app.questionnaires.void_queries import Voided
from app.safety import review_actions as safety_actions
from app.safety import review_queries as safety
from app.safety.banner import banner

router = APIRouter(route_class=Route)

ReviewingWork = Annotated[Work, may(Capability.HANDLE_REVIEWS)]
ReviewedPatient = Annotated[Patient, whose(Capability.HANDLE_REVIEWS)]


@router.get("/caseload/reviews")
def reviews(request: Request, work: ReviewingWork) -> Response:
    scope = roles.scope(Role(work.actor.role), Capability.HANDLE_REVIEWS)
    assert scope is not None
    return page(
        request,
        "caseload/reviews.html",
        place="/caseload",
        shown=review_queries.review_list(work, scope, request.app.state.library.instruments),
        others=scope is not Scope.ASSIGNED,
        zone=work.actor.zone,
    )


@router.get("/patients/{patient_id}/reviews/{review_id}")
def review(request: Request, work: StaffWork, patient: ReviewedPatient, review_id: UUID) -> Response:
    return _review_page(request, work, patient, review_id, saved=request.query_params.get("done") == "saved")


@router.post("/patients/{patient_id}/reviews/{review_id}")
def record(request: Request, work: StaffWork, patient: ReviewedPatient, review_id: UUID, posted: Posted) -> Response:
    form, problems = ReviewForm.read(posted)
    if form is None:
        return _review_page(request, work, patient, review_id, status=422, posted=posted, problems=problems)
    try:
        safety_actions.record_review(
            work, patient=patient, review_id=review_id, words=form.words, newest=form.newest_id
        )
    except (safety_actions.AlreadyReviewed, safety_actions.CameSince) as changed:
        return _review_page(request, work, patient, review_id, status=409, unsaved=form.words, changed=changed.words)
    drafts.drop_posted(work, name=f"review-{review_id}")
    return see_other(f"/patients/{patient.id}/reviews/{review_id}?done=saved")


def _review_page(request: Request, work: Work, patient: Patient, review_id: UUID, **more: object) -> Response:
    history = safety.review(work, patient, review_id)
    if history is None:
        raise NotFound
    instruments = request.app.state.library.instruments
    void = void_queries.voided(work, patient).values()
    return page(
        request,
        "caseload/review.html",
        place="/caseload",
        banner=banner(work, patient, instruments),
        patient=patient,
        history=history,
        title=review_queries.TITLES[history.kind],
        causes=[
            (
                one,
                cause_queries.told(history.kind, one.about, instruments, patient.zone),
                _void(one.about, void, patient),
            )
            for one in history.causes
        ],
        since=review_queries.since(work, patient, history, instruments),
        zone=work.actor.zone,
        **drafts.put_back(work, name=f"review-{review_id}", shown=more),
    )


def _void(about: Mapping[str, Any], void: Iterable[Voided], patient: Patient) -> str:
    gone = [one.submitted_at for one in void if one.instrument == about.get("measure")]
    return cause_queries.void_since(about, gone, patient.zone)
