"""Planning an activity, changing what is planned, and taking it out of the diary."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical import recurrence_words
from app.clinical.planning import Scope, When, taken_until
from app.clinical.recurrence import Freq, Occurrence, Rule, first_on
from app.diary import forms, plan_actions, plan_queries, reminder_queries, scope_queries
from app.diary.access import PLACE, MyActivity, MyOccurrence, day_asked, my_occurrence, today_of
from app.diary.kinds import Category, SeriesKind
from app.diary.plan_actions import Stale
from app.diary.plan_queries import Activity
from app.kit import drafts, say
from app.kit.errors import Conflict
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work

router = APIRouter(route_class=Route)
BEGUN = "diary-begun"


class AlreadySaid(Conflict):
    title = "You have already said how this went"
    words = "What was planned for it stays as it was. You can change what you said, or plan the next one otherwise."


@router.get("/my/diary/new")
def new(request: Request, work: PatientWork, patient: Me) -> Response:
    on = day_asked(request, "on", today_of(work, patient))
    return _plan(request, patient, values=_as_typed({}, on))


@router.post("/my/diary/begin")
def begin(work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, _ = forms.BeginForm.read(posted)
    today = today_of(work, patient)
    # What cannot be read is said when the plan is sent, beside the field it is in.
    values: dict[str, Any] = _day("on", today) | posted.raw()
    if form is not None:
        given = form.model_dump(mode="json", exclude_none=True, exclude={"on", "weekday", "at"})
        values = _day("on", form.first_day(today)) | given | {"at": _clock(form.at)}
    # Kept, so that who goes back to the form finds it: an address must not hold words.
    drafts.keep(work, form=BEGUN, values=values)
    return see_other("/my/diary/begin")


@router.get("/my/diary/begin")
def begun(request: Request, work: PatientWork, patient: Me) -> Response:
    kept = drafts.kept(work, form=BEGUN)
    return _plan(request, patient, values=_as_typed(kept.values if kept else {}, today_of(work, patient)))


@router.post("/my/diary/new")
def plan_it(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.PlanForm.read(posted)
    if form is None:
        return _plan(request, patient, status=422, values=posted.raw(), problems=problems)
    when = form.when()
    disturbs = _to_ask(work, patient, when)
    if disturbs is not None:
        return _anyway(request, patient, "/my/diary/new", disturbs, posted.raw())
    activity = plan_actions.plan_activity(
        work,
        patient=patient,
        series_id=form.series_id,
        about=form.about(),
        when=when,
        source=form.source,
        source_id=form.source_id,
    )
    drafts.drop(work, form=BEGUN)
    begins = first_on(when.rule, when.on)
    noted = f"&begins={begins}" if begins != when.on else ""
    if when.rule.freq is Freq.ONCE and begins < today_of(work, patient):
        noted += f"&past={begins}"
    return see_other(f"/my/diary?week={begins}&done=planned{noted}{_quiet(work, patient, activity.id, begins)}")


@router.get("/my/diary/{series_id}/{named_on}/change")
def change(
    request: Request, work: PatientWork, patient: Me, activity: MyActivity, occurrence: MyOccurrence
) -> Response:
    _may_change(work, patient, activity, occurrence)
    return _change(request, activity, occurrence, values=_as_planned(activity, occurrence))


@router.post("/my/diary/{series_id}/{named_on}/change")
def change_it(
    request: Request,
    work: PatientWork,
    patient: Me,
    activity: MyActivity,
    named_on: date,
    posted: Posted,
) -> Response:
    if _was_sent(work, activity, posted):
        return see_other(f"/my/diary?week={named_on}&done=changed")
    occurrence = my_occurrence(activity, named_on)
    _may_change(work, patient, activity, occurrence)
    form, problems = forms.ChangeForm.read(posted)
    problems |= _not_yet(form, activity, named_on)
    if form is None or problems:
        return _change(request, activity, occurrence, status=422, values=posted.raw(), problems=problems)
    if form.version != activity.version:
        return _stale(request, activity, occurrence, posted.raw())
    was = scope_queries.now_planned(activity, occurrence)
    when = form.when_instead_of(was.rule)
    if when == was or not scope_queries.does_repeat(activity, occurrence.named_on):
        scope = None if when == was else Scope.ALL
    elif (scope := form.scope) is None:
        reaches = scope_queries.to_change(work, patient, activity, occurrence, when)
        problems = {"scope": "Choose which to change"} if "asked" in posted else {}
        return _which(request, activity, occurrence, was, when, reaches, posted.raw(), problems)
    # One alone has no reminder of its own: it is reminded of as the others are.
    disturbs = _to_ask(work, patient, when) if scope in (Scope.LATER, Scope.ALL) else None
    if disturbs is not None:
        return _anyway(request, patient, request.url.path, disturbs, posted.raw())
    try:
        plan_actions.change_activity(
            work,
            patient=patient,
            activity=activity,
            named_on=occurrence.named_on,
            scope=scope,
            about=form.about(),
            when=when,
            version=form.version,
            edit_id=form.edit_id,
        )
    except Stale:
        return _stale(request, activity, occurrence, posted.raw())
    undo = f"&undo={form.edit_id}{_quiet(work, patient, activity.id, when.on)}"
    return see_other(f"/my/diary?week={when.on}&done=changed{undo}")


@router.get("/my/diary/{series_id}/{named_on}/stop")
def stop(request: Request, work: PatientWork, patient: Me, activity: MyActivity, occurrence: MyOccurrence) -> Response:
    _may_change(work, patient, activity, occurrence)
    return _stop(request, work, patient, activity, occurrence)


@router.post("/my/diary/{series_id}/{named_on}/stop")
def stop_it(
    request: Request,
    work: PatientWork,
    patient: Me,
    activity: MyActivity,
    named_on: date,
    posted: Posted,
) -> Response:
    if _was_sent(work, activity, posted):
        return see_other(f"/my/diary?week={named_on}&done=stopped")
    occurrence = my_occurrence(activity, named_on)
    _may_change(work, patient, activity, occurrence)
    form, problems = forms.StopForm.read(posted)
    if form is None:
        return _stop(request, work, patient, activity, occurrence, status=422, posted=posted, problems=problems)
    plan_actions.stop_activity(
        work,
        patient=patient,
        activity=activity,
        named_on=occurrence.named_on,
        scope=form.scope,
        version=form.version,
        edit_id=form.edit_id,
    )
    return see_other(f"/my/diary?week={occurrence.on}&done=stopped&undo={form.edit_id}")


@router.post("/my/diary/undo/{edit_id}")
def put_back(request: Request, work: PatientWork, patient: Me, edit_id: UUID, posted: Posted) -> Response:
    week = day_asked(request, "week", today_of(work, patient))
    try:
        plan_actions.undo_edit(work, patient=patient, edit_id=edit_id)
    except Stale:
        return see_other(f"/my/diary?week={week}&done=not-put-back")
    return see_other(f"/my/diary?week={week}&done=put-back")


def _quiet(work: Work, patient: Patient, series_id: UUID, on: date) -> str:
    """What the next page is told where the reminder of that day is not sent."""
    activity = plan_queries.activity(work, patient, series_id)
    return "&quiet=yes" if reminder_queries.comes_in_quiet_hours(work, patient, activity, on) else ""


def _was_sent(work: Work, activity: Activity, posted: PostedForm) -> bool:
    """Whether this form arrived before. What it said is done, and the occurrence it was about may be gone with it."""
    try:
        return plan_actions.was_made(work, activity, UUID(posted.get("edit_id", "")))
    except ValueError:
        return False


def _not_yet(form: forms.ChangeForm | None, activity: Activity, named_on: date) -> dict[str, str]:
    """The mistake of letting something planned once repeat from a day on which an older plan still goes on."""
    when = form and form.when_instead_of(activity.segment(named_on).rule)
    if when is None or when.rule.freq is Freq.ONCE:
        return {}
    taken = taken_until(activity.series, named_on, when)
    words = "it is planned as before. Choose a later day, or take those out first"
    return {"on": f"Until {say.day(taken)} {words}"} if taken else {}


def _may_change(work: Work, patient: Patient, activity: Activity, occurrence: Occurrence) -> None:
    if not scope_queries.may_change(work, patient, activity, occurrence):
        raise AlreadySaid


def _plan(request: Request, patient: Patient, *, values: Mapping[str, Any], **more: Any) -> Response:
    return page(
        request,
        "diary/plan.html",
        place=PLACE,
        patient=patient,
        values=values,
        categories=Category,
        kinds=SeriesKind,
        **more,
    )


def _change(
    request: Request, activity: Activity, occurrence: Occurrence, *, values: Mapping[str, Any], **more: Any
) -> Response:
    return page(
        request,
        "diary/change.html",
        place=PLACE,
        activity=activity,
        occurrence=occurrence,
        values=values,
        categories=Category,
        kinds=SeriesKind,
        **more,
    )


def _which(
    request: Request,
    activity: Activity,
    occurrence: Occurrence,
    was: When,
    when: When,
    reaches: scope_queries.Reaches,
    values: Mapping[str, Any],
    problems: dict[str, str],
) -> Response:
    return page(
        request,
        "diary/which.html",
        status=422 if problems else 200,
        place=PLACE,
        activity=activity,
        occurrence=occurrence,
        was=was,
        when=when,
        was_rule=recurrence_words.told(was.rule),
        new_rule=recurrence_words.told(when.rule),
        reaches=reaches,
        values={name: value for name, value in values.items() if name not in ("scope", "asked")},
        problems=problems,
    )


def _to_ask(work: Work, patient: Patient, when: When) -> reminder_queries.QuietReminder | None:
    """The reminder in quiet hours that nobody has said about yet whether it should disturb."""
    return reminder_queries.in_quiet_hours(work, patient, when) if when.remind_anyway is None else None


def _anyway(
    request: Request,
    patient: Patient,
    address: str,
    quiet: reminder_queries.QuietReminder,
    values: Mapping[str, Any],
) -> Response:
    return page(
        request,
        "diary/anyway.html",
        place=PLACE,
        patient=patient,
        address=address,
        quiet=quiet,
        values={name: value for name, value in values.items() if name != "anyway"},
    )


def _stop(
    request: Request, work: Work, patient: Patient, activity: Activity, occurrence: Occurrence, **more: Any
) -> Response:
    return page(
        request,
        "diary/stop.html",
        place=PLACE,
        activity=activity,
        occurrence=occurrence,
        reaches=scope_queries.to_stop(work, patient, activity, occurrence),
        edit_id=uuid4(),
        **more,
    )


def _stale(request: Request, activity: Activity, occurrence: Occurrence, values: Mapping[str, Any]) -> Response:
    """What was typed, beside what is saved now; sending it again is on top of that."""
    fresh = {**values, "version": str(activity.version), "edit_id": str(uuid4())}
    return _change(
        request,
        activity,
        occurrence,
        status=409,
        values={name: value for name, value in fresh.items() if name != "scope"},
        saved=_as_planned(activity, occurrence),
        saved_words=recurrence_words.told(activity.segment(occurrence.named_on).rule),
    )


def _as_typed(given: Mapping[str, Any], on: date) -> dict[str, Any]:
    """An empty form, with what is known of it already."""
    values = {
        "series_id": str(uuid4()),
        "repeat": "once",
        "every": "1",
        "ends": "never",
        "remind": "none",
        "kind": SeriesKind.ACTIVITY.value,
    }
    return values | _day("on", on) | dict(given)


def _as_planned(activity: Activity, occurrence: Occurrence) -> dict[str, Any]:
    """What is planned, as the form would have been filled in."""
    segment = activity.segment(occurrence.named_on)
    remind = "at" if segment.remind_at else "none" if segment.remind_before is None else str(segment.remind_before)
    values: dict[str, Any] = {
        "series_id": str(activity.id),
        "edit_id": str(uuid4()),
        "version": str(activity.version),
        "title": activity.title,
        "kind": activity.kind.value,
        "category": activity.category.value if activity.category else "",
        "place": activity.place,
        "company": activity.company,
        "at": _clock(occurrence.at),
        "minutes": _text(occurrence.minutes),
        "repeat": _repeat(segment.rule),
        "every": str(segment.rule.every),
        "weekdays": [str(day) for day in segment.rule.weekdays],
        "ends": "on" if segment.until_on and segment.rule.freq is not Freq.ONCE else "never",
        "remind": remind,
        "remind_at": _clock(segment.remind_at),
        "anyway": {None: "", True: "yes", False: "no"}[segment.remind_anyway],
    }
    for rating in ("difficulty", "expected_pleasure", "expected_mastery"):
        values[rating] = _text(getattr(activity, rating))
    if segment.until_on and segment.rule.freq is not Freq.ONCE:
        values |= _day("until_on", segment.until_on)
    return values | _day("on", occurrence.on)


def _repeat(rule: Rule) -> str:
    if rule.freq is Freq.MONTHLY:
        return forms.Repeat.MONTH_DAY if rule.month_day else forms.Repeat.MONTH_WEEKDAY
    return rule.freq.value


def _day(name: str, on: date) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def _clock(at: time | None) -> str:
    return say.time(at).replace("midday", "12:00pm").replace("midnight", "12:00am") if at else ""


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
