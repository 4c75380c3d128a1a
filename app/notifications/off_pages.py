"""Turning reminders off from a message, by whoever holds it and without signing in."""

from fastapi import APIRouter, Request, Response

from app.accounts.access import Anyone
from app.kit.forms import PostedFromAnywhere
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.notifications import forms, off_actions
from app.notifications.off_actions import What
from app.notifications.off_sending import off_link

router = APIRouter(route_class=Route)


@router.get("/reminders/off/{token}")
def turn_off(request: Request, door: Anyone, token: str) -> Response:
    link = off_link(token)
    with door.inside(link.service_id) as work:
        standing = off_actions.standing(work, link)
    return page(request, "notifications/off.html", link=link, standing=standing)


@router.post("/reminders/off/{token}")
def turn_off_now(request: Request, door: Anyone, token: str, posted: PostedFromAnywhere) -> Response:
    link = off_link(token)
    if posted.get("List-Unsubscribe") == "One-Click":
        with door.inside(link.service_id) as work:
            off_actions.turn_off(work, link=link, what=What.WAY, said_by="one-click")
        # A mail program asked, and it is to be sent nowhere else (RFC 8058, 3.1).
        return Response(status_code=200)
    form, _ = forms.OffForm.read(posted)
    if form is not None:
        with door.inside(link.service_id) as work:
            off_actions.turn_off(work, link=link, what=form.what)
    return see_other(f"/reminders/off/{token}")
