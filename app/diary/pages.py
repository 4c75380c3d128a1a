"""A patient's diary: the week, a day, and what became of each thing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.lifts import ENOUGH
from app.clinical.recurrence import Occurrence
from app.diary import forms, lift_queries, log_actions, log_queries, week_queries
from app.diary.access import PLACE, ZONE_SAID, MyActivity, MyOccurrence, day_asked, today_of
from app.diary.kinds import Category, Outcome
from app.diary.log_actions import BACKFILL, OutOfReach
from app.diary.log_queries import Logged
from app.diary.plan_queries import Activity
from app.kit import say
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work

router = APIRouter(route_class=Route)
# Where an entry may lead back to; anything else leads to its day.
BACK = {"today": "/my/today", "week": "/my/diary"}
SAID = {
    "planned": "It is in your diary.",
    "changed": "Your change is saved.",
    "stopped": "It is out of your diary. What you wrote about it is kept.",
    "put-back": "It is as it was before.",
    "not-put-back": "It was not put back: it has been changed again since. Below is how it is planned now.",
    "logged": "Saved. Thank you for saying.",
    "withdrawn": "That entry is taken back.",
} | ZONE_SAID

QUIET = " Its reminder falls in your quiet hours: it is shown here in Braid, and nothing is sent to you then."


def said(request: Request) -> dict[str, str] | None:
    """What was just done, with the way to take it back where there is one."""
    done = request.query_params.get("done", "")
    if done not in SAID:
        return None
    words = SAID[done]
    if done == "planned" and "begins" in request.query_params:
        begins = day_asked(request, "begins", date.min)
        words += f" It begins on {say.day(begins)}, the first day that fits."
    if done == "planned" and "past" in request.query_params:
        words += f" {say.day(day_asked(request, 'past', date.min))} is past. If you meant another day, tap its name."
    if "quiet" in request.query_params:
        words += QUIET
    undo = request.query_params.get("undo", "")
    week = day_asked(request, "week", date.min)
    back = f"?week={week}" if week != date.min else ""
    try:
        return {"words": words, "undo": f"/my/diary/undo/{UUID(undo)}{back}"}
    except ValueError:
        return {"words": words}


@router.get("/my/diary")
def week(request: Request, work: PatientWork, patient: Me) -> Response:
    today = today_of(work, patient)
    shown = week_queries.week(work, patient, day_asked(request, "week", today))
    return page(
        request,
        "diary/week.html",
        patient=patient,
        week=shown,
        felt=request.app.state.felt(work, patient, shown.first, shown.last),
        today=today,
        said=said(request),
    )


@router.get("/my/diary/day")
def day(request: Request, work: PatientWork, patient: Me) -> Response:
    today = today_of(work, patient)
    on = day_asked(request, "on", today)
    return page(
        request,
        "diary/day.html",
        place=PLACE,
        patient=patient,
        day=week_queries.days(work, patient, on, on)[0],
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        within_reach=today - BACKFILL <= on <= today,
        said=said(request),
    )


@router.get("/my/diary/lifts")
def what_lifts_me(request: Request, work: PatientWork, patient: Me) -> Response:
    shown = lift_queries.what_lifts(work, patient)
    return page(
        request,
        "diary/lifts.html",
        place=PLACE,
        patient=patient,
        lifts=shown,
        change=lift_queries.change,
        enough=ENOUGH,
    )


@router.get("/my/diary/ideas")
def ideas(request: Request, patient: Me) -> Response:
    ideas = request.app.state.library.ideas
    return page(
        request,
        "diary/ideas.html",
        place=PLACE,
        patient=patient,
        ideas=[(kind, getattr(ideas, kind.value)) for kind in Category] if ideas else [],
    )


@router.get("/my/diary/happened")
def happened(request: Request, work: PatientWork, patient: Me) -> Response:
    return _happened(request, work, patient, on=day_asked(request, "on", today_of(work, patient)))


@router.post("/my/diary/happened")
def say_what_happened(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.HappenedForm.read(posted)
    if form is None:
        return _happened(request, work, patient, status=422, posted=posted, problems=problems)
    try:
        _write_down(work, patient, form)
    except OutOfReach as refused:
        problems = {"on": refused.mistake}
        return _happened(request, work, patient, status=422, posted=posted, problems=problems)
    return see_other(f"/my/diary/day?on={form.on}&done=logged")


@router.get("/my/diary/said/{log_id}")
def entry(request: Request, work: PatientWork, patient: Me, log_id: UUID) -> Response:
    log = log_queries.log_of(work, patient, log_id)
    if log.id != log_id:
        return see_other(f"/my/diary/said/{log.id}")
    return _happened(request, work, patient, log=log, on=log.done_on)


@router.post("/my/diary/said/{log_id}")
def correct(request: Request, work: PatientWork, patient: Me, log_id: UUID, posted: Posted) -> Response:
    form, problems = forms.HappenedForm.read(posted)
    # Sent before: it may be taken back since, and what is to be shown for it is what was said then.
    came_before = form is not None and log_queries.kept_on(work, patient, form.log_id) is not None
    log = None if came_before else log_queries.log_of(work, patient, log_id)
    if form is None:
        return _happened(request, work, patient, status=422, log=log, posted=posted, problems=problems)
    try:
        _write_down(work, patient, form, instead_of=log)
    except OutOfReach as refused:
        problems = {"on": refused.mistake}
        return _happened(request, work, patient, status=422, log=log, posted=posted, problems=problems)
    return see_other(f"/my/diary/day?on={form.on}&done=logged")


@router.post("/my/diary/said/{log_id}/withdraw")
def withdraw(work: PatientWork, patient: Me, log_id: UUID, posted: Posted) -> Response:
    form, _ = forms.WithdrawForm.read(posted)
    on = log_queries.kept_on(work, patient, form.log_id) if form else None
    if on is None:
        log = log_queries.log_of(work, patient, log_id)
        log_actions.withdraw(work, patient=patient, entry=log, log_id=form.log_id if form else uuid4())
        on = log.done_on
    return see_other(_back(posted, on, "withdrawn"))


@router.get("/my/diary/{series_id}/{named_on}")
def occurrence(
    request: Request, work: PatientWork, patient: Me, activity: MyActivity, occurrence: MyOccurrence
) -> Response:
    return _occurrence(request, work, patient, activity, occurrence)


@router.post("/my/diary/{series_id}/{named_on}")
def say_how_it_went(
    request: Request,
    work: PatientWork,
    patient: Me,
    activity: MyActivity,
    occurrence: MyOccurrence,
    posted: Posted,
) -> Response:
    form, problems = forms.LogForm.read(posted)
    if form is None:
        return _occurrence(request, work, patient, activity, occurrence, status=422, posted=posted, problems=problems)
    log_actions.log_occurrence(
        work, patient=patient, activity=activity, occurrence=occurrence, log_id=form.log_id, said=form.said()
    )
    return see_other(_back(posted, occurrence.on, "logged"))


def _back(posted: PostedForm, on: date, done: str) -> str:
    back = BACK.get(posted.get("back", ""))
    if back == "/my/diary":
        return f"{back}?week={on}&done={done}"
    return f"{back}?done=diary-{done}" if back else f"/my/diary/day?on={on}&done={done}"


def _occurrence(
    request: Request, work: Work, patient: Patient, activity: Activity, occurrence: Occurrence, **more: Any
) -> Response:
    log = log_queries.about(work, patient, activity.id, occurrence.named_on)
    today = today_of(work, patient)
    return page(
        request,
        "diary/occurrence.html",
        place=PLACE,
        patient=patient,
        activity=activity,
        item=week_queries.item_of(activity, occurrence, log, patient),
        segment=activity.segment(occurrence.named_on),
        outcomes=(Outcome.DONE, Outcome.PARTLY, Outcome.NOT_DONE),
        log=log,
        log_id=uuid4(),
        can_say=today - BACKFILL <= occurrence.on <= today,
        is_ahead=occurrence.on > today,
        **more,
    )


def _write_down(work: Work, patient: Patient, form: forms.HappenedForm, instead_of: Logged | None = None) -> None:
    log_actions.log_unplanned(
        work,
        patient=patient,
        log_id=form.log_id,
        said=form.said(),
        done_on=form.on,
        title=form.title,
        category=form.category,
        instead_of=instead_of,
    )


def _happened(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    context = {"log": None, "on": today_of(work, patient)} | more
    return page(
        request,
        "diary/happened.html",
        place=PLACE,
        patient=patient,
        categories=Category,
        log_id=uuid4(),
        earliest=today_of(work, patient) - BACKFILL,
        **context,
    )
