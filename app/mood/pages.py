"""A patient's mood: a number with what they add, and what they said so far as a drawing, a calendar and a table."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.mood import Scale
from app.diary import plan_queries
from app.diary.access import day_asked, today_of
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.mood import actions, queries, shown_queries
from app.mood.access import period_asked, scale_now, scale_shown
from app.mood.actions import BACKFILL
from app.mood.forms import NOT_PLANNED, RatingForm
from app.mood.queries import Rating
from app.mood.shown_queries import Span

router = APIRouter(route_class=Route)
PLACE = "/my/diary"
SAID = {
    "rated": "Your mood is saved.",
    "corrected": "Your change is saved. What you said before is kept.",
    "withdrawn": "That number is taken back.",
}


def said(request: Request) -> dict[str, str] | None:
    """What was just done, with the way to take it back where there is one."""
    words = SAID.get(request.query_params.get("done", ""))
    if words is None:
        return None
    try:
        return {"words": words, "undo": f"/my/mood/ratings/{UUID(request.query_params.get('undo', ''))}/withdraw"}
    except ValueError:
        return {"words": words}


@router.get("/my/mood")
def mood(request: Request, work: PatientWork, patient: Me) -> Response:
    period, asked, problems = period_asked(request, today_of(work, patient))
    return page(
        request,
        "mood/mood.html",
        status=422 if problems else 200,
        shown=shown_queries.shown(work, patient, period),
        spans=Span,
        asked=asked or {},
        problems=problems,
        said=said(request),
        **_form(work, patient, scale_now(request)),
    )


@router.post("/my/mood")
def rate(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = _read(work, patient, posted)
    if form is None:
        return _rating_page(request, work, patient, posted=posted, problems=problems, status=422)
    kept = actions.rate(work, patient=patient, rating_id=form.rating_id, said=form.said(work.now, patient.zone))
    if posted.get("back") == "today":
        return see_other(f"/my/today?done=mood&undo={kept.id}")
    return see_other(f"/my/mood?done=rated&undo={kept.id}")


@router.get("/my/mood/earlier")
def earlier(request: Request, work: PatientWork, patient: Me) -> Response:
    return _rating_page(request, work, patient)


@router.get("/my/mood/calendar")
def calendar(request: Request, work: PatientWork, patient: Me) -> Response:
    today = today_of(work, patient)
    asked = f"{request.query_params.get('month', '')}-01"
    try:
        about = date.fromisoformat(asked) if asked[:4].isdigit() and 2000 <= int(asked[:4]) <= 2100 else today
    except ValueError:
        about = today
    month = shown_queries.month(work, patient, about)
    return page(request, "mood/calendar.html", place=PLACE, patient=patient, month=month, today=today)


@router.get("/my/mood/table")
def table(request: Request, work: PatientWork, patient: Me) -> Response:
    period, asked, problems = period_asked(request, today_of(work, patient))
    return page(
        request,
        "mood/table.html",
        status=422 if problems else 200,
        place=PLACE,
        patient=patient,
        shown=shown_queries.shown(work, patient, period),
        spans=Span,
        asked=asked or {},
        problems=problems,
    )


@router.get("/my/mood/day")
def day(request: Request, work: PatientWork, patient: Me) -> Response:
    today = today_of(work, patient)
    on = day_asked(request, "on", today)
    moods = queries.moods(work, patient, on, on)
    return page(
        request,
        "mood/day.html",
        place=PLACE,
        patient=patient,
        on=on,
        today=today,
        moods=moods,
        day_long=timedelta(days=1),
        can_add=today - BACKFILL < on <= today,
        said=said(request),
    )


@router.get("/my/mood/ratings/{rating_id}")
def rating(request: Request, work: PatientWork, patient: Me, rating_id: UUID) -> Response:
    return _rating_page(request, work, patient, rating=queries.rating_of(work, patient, rating_id))


@router.post("/my/mood/ratings/{rating_id}")
def correct(request: Request, work: PatientWork, patient: Me, rating_id: UUID, posted: Posted) -> Response:
    kept = queries.kept_on(work, patient, posted.get("rating_id", ""))
    before = queries.standing(work, patient, rating_id) if kept else queries.rating_of(work, patient, rating_id)
    if before is None:
        # Sent once more, and taken back since.
        return see_other(f"/my/mood/day?on={kept}&done=corrected")
    form, problems = _read(work, patient, posted, before)
    if form is None:
        return _rating_page(request, work, patient, rating=before, posted=posted, problems=problems, status=422)
    told = form.said(work.now, before.zone, before.felt_at)
    kept_as = actions.correct(work, patient=patient, rating_id=form.rating_id, said=told, instead_of=before)
    return see_other(f"/my/mood/day?on={kept_as.on}&done=corrected")


@router.post("/my/mood/ratings/{rating_id}/withdraw")
def withdraw(request: Request, work: PatientWork, patient: Me, rating_id: UUID, posted: Posted) -> Response:
    actions.withdraw(work, patient=patient, rating_id=rating_id)
    return see_other(
        "/my/today?done=mood-withdrawn" if request.query_params.get("back") == "today" else "/my/mood?done=withdrawn"
    )


def _read(
    work: Work, patient: Patient, posted: PostedForm, before: Rating | None = None
) -> tuple[RatingForm | None, dict[str, str]]:
    form, problems = RatingForm.read(posted)
    if form is not None:
        zone, felt_at = (before.zone, before.felt_at) if before else (patient.zone, None)
        problems = form.out_of_reach(work.now, zone, felt_at)
    return (None, problems) if problems else (form, {})


def _rating_page(
    request: Request, work: Work, patient: Patient, *, rating: Rating | None = None, **more: Any
) -> Response:
    on = rating.on if rating else day_asked(request, "on", today_of(work, patient))
    scale = rating.scale if rating else scale_shown(request, more.get("posted", {}))
    return page(
        request, "mood/rating.html", rating=rating, on=on, **{**_form(work, patient, scale, on, rating), **more}
    )


def _form(
    work: Work, patient: Patient, scale: Scale, on: date | None = None, rating: Rating | None = None
) -> dict[str, Any]:
    """What the fields of a rating need."""
    today = today_of(work, patient)
    on = on or today
    with_it = [
        (f"{activity.id} {one.named_on}", activity.title)
        for activity in plan_queries.activities_between(work, patient, on, on)
        for one in activity.between(on, on)
    ]
    chosen = f"{rating.series_id} {rating.named_on}" if rating and rating.series_id else ""
    if chosen and chosen not in dict(with_it):
        with_it.insert(0, (chosen, "What you chose before"))
    return {
        "place": PLACE,
        "patient": patient,
        "scale": scale,
        "rating_id": uuid4(),
        "activities": with_it,
        "chosen": chosen or (NOT_PLANNED if rating and rating.doing else ""),
        "other": NOT_PLANNED,
        "today": today,
        "earliest": today - BACKFILL,
    }
