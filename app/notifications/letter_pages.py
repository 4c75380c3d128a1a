"""The letters to staff that nobody asked for: which of them can be turned off, and which somebody has to have."""

from fastapi import APIRouter, Request, Response

from app.accounts.access import StaffWork
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.notifications import forms, switch_actions, switch_queries
from app.notifications.kinds import LetterKind, SwitchScope

router = APIRouter(route_class=Route)
SAID = {"on": "They come again.", "off": "They are off. Allow a minute."}


@router.get("/account/e-mails")
def letters(request: Request, work: StaffWork) -> Response:
    done = request.query_params.get("done", "")
    return page(
        request,
        "notifications/letters.html",
        wanted=switch_queries.wants_letters(work, work.actor.id, LetterKind.WAITS),
        said={"words": SAID[done]} if done in SAID else None,
    )


@router.post("/account/e-mails")
def switch(work: StaffWork, posted: Posted) -> Response:
    form, _ = forms.LettersForm.read(posted)
    if form is None:
        return see_other("/account/e-mails")
    switch = switch_actions.switch_on if form.on == "yes" else switch_actions.switch_off
    switch(work, person_id=work.actor.id, scope=SwitchScope.LETTER, which=LetterKind.WAITS.value)
    return see_other(f"/account/e-mails?done={'on' if form.on == 'yes' else 'off'}")
