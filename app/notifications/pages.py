"""The developers' mailbox: letters that a real service would have sent by e-mail."""

from fastapi import APIRouter, Request, Response

from app.accounts.access import Anyone
from app.accounts.queries import services
from app.kit.errors import NotFound
from app.kit.mail import Mailbox
from app.kit.render import page
from app.kit.routes import Route
from app.notifications import queries

router = APIRouter(route_class=Route)


@router.get("/dev/mailbox")
def mailbox(request: Request, door: Anyone) -> Response:
    if not request.app.state.mailbox:
        raise NotFound
    with door.lookup("") as session:
        known = services(session)
    found = []
    for service in known:
        with door.inside(service.id) as work:
            found += queries.letters(work.session, service.zone)
    found.sort(key=lambda letter: letter.made_at, reverse=True)
    # What stands in the outbox is not shown a second time.
    shown = {letter.body for letter in found}
    codes, carrier = request.app.state.demo_codes, request.app.state.carrier
    return page(
        request,
        "notifications/mailbox.html",
        letters=found[:50],
        reminders=[one for one in carrier.reminders if one.body not in shown] if isinstance(carrier, Mailbox) else (),
        codes=codes(door.now) if codes else [],
    )
