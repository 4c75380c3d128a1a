"""One's plans in one's own calendar: an address that it reads again and again, and a file of this moment."""

import hashlib
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import Anyone, Me, PatientWork
from app.accounts.queries import Patient
from app.diary import calendar_actions, calendar_queries, forms
from app.diary.access import PLACE
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work

router = APIRouter(route_class=Route)
HERE = "/my/diary/calendar"
ICS = "text/calendar; charset=utf-8"
SAID = {
    "made": "Your address is made. It is the only one that works.",
    "withdrawn": "The address is withdrawn. Nothing can be read from it any more.",
    "chosen": "Saved. A calendar that reads your address shows it when it next asks.",
}


@router.get("/my/diary/calendar")
def calendar(request: Request, work: PatientWork, patient: Me) -> Response:
    return _calendar(request, work, patient)


@router.post("/my/diary/calendar/address")
def make(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.AddressForm.read(posted)
    if form is None:
        return _calendar(request, work, patient, status=422, problems=problems)
    calendar_actions.make_address(work, patient=patient, feed_id=form.feed_id)
    return see_other(f"{HERE}?done=made#address-title")


@router.post("/my/diary/calendar/withdraw")
def withdraw(work: PatientWork, patient: Me, posted: Posted) -> Response:
    calendar_actions.withdraw_address(work, patient=patient)
    return see_other(f"{HERE}?done=withdrawn")


@router.post("/my/diary/calendar/choices")
def choose(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.CalendarForm.read(posted)
    if form is None:
        return _calendar(request, work, patient, status=422, problems=problems)
    calendar_actions.choose(work, patient=patient, titles=form.shows == "titles", alerts=form.alerts == "calendar")
    return see_other(f"{HERE}?done=chosen")


@router.get("/my/diary/calendar/plans.ics")
def download(work: PatientWork, patient: Me) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="plans.ics"'}
    return Response(calendar_queries.download(work, patient), headers=headers, media_type=ICS)


@router.get("/calendar/{token}")
def feed(request: Request, door: Anyone, token: str) -> Response:
    """For whoever holds the address, signed in or not."""
    found = calendar_queries.split(token)
    if found is None:
        raise NotFound
    service_id, secret = found
    with door.inside(service_id) as work:
        read = calendar_queries.read_by(work, secret)
        if read is None:
            raise NotFound
        body = calendar_queries.feed(work, read)
    return _unless_known(request, body)


def _unless_known(request: Request, body: bytes) -> Response:
    """The body, or only that it is the one the calendar has (RFC 9110, 13.1.2). It asks each time, so that an address
    that was withdrawn is over at once."""
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=ICS)


def _calendar(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    address = calendar_queries.address_of(work, patient)
    origin: str = request.app.state.origin
    return page(
        request,
        "diary/calendar.html",
        place=PLACE,
        patient=patient,
        address=address,
        url=f"{origin}{address.path}" if address else "",
        choices=calendar_queries.choices_of(work, patient),
        feed_id=uuid4(),
        said={"words": SAID[done]} if (done := request.query_params.get("done", "")) in SAID else None,
        **more,
    )
