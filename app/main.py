"""The application: the rooms put together, one handler for every refusal."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from urllib.parse import quote

import psycopg
import structlog
from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app import frame, scheduler, ways
from app.accounts import admin_pages
from app.accounts import pages as account_pages
from app.caseload import course_pages, leaver_pages, review_pages, together_pages
from app.caseload import pages as caseload_pages
from app.config import Settings
from app.diary import calendar_pages as diary_calendar_pages
from app.diary import pages as diary_pages
from app.diary import plan_pages as diary_plan_pages
from app.diary import staff_pages as diary_staff_pages
from app.diary import zone_pages as diary_zone_pages
from app.kit import crypto, db, logs, migrations, render, unsent
from app.kit.errors import NotFound, Refused, SignInNeeded
from app.kit.mail import Carrier
from app.kit.routes import Addresses, Route
from app.kit.web import Guarded
from app.kit.work import Clock, wall_clock
from app.mood import momentary_pages, momentary_staff_pages
from app.mood import pages as mood_pages
from app.mood import reminder_pages as mood_reminder_pages
from app.mood import shown_queries as mood_shown
from app.mood import staff_pages as mood_staff_pages
from app.notifications import device_pages, health_pages, health_queries, letter_pages, off_pages
from app.notifications import pages as notification_pages
from app.pathways import (
    arrange_pages,
    draft_pages,
    editor_pages,
    moving_pages,
    play_pages,
    publishing_pages,
    what_if_pages,
)
from app.pathways import pages as pathway_pages
from app.programme import (
    asking_queries,
    content,
    feedback_pages,
    guide_pages,
    incident_pages,
    offline_pages,
    plan_pages,
    reminder_pages,
    worksheet_pages,
)
from app.programme import pages as programme_pages
from app.programme.content import Library
from app.questionnaires import pages as questionnaire_pages
from app.questionnaires import schedule_pages as questionnaire_schedule_pages
from app.questionnaires import score_pages, sitting_pages, taking_pages, text_pages
from app.safety import duty_pages, lending_queries, queue_pages, settings_pages
from app.safety import pages as safety_pages

log = structlog.get_logger()

ROOMS = (
    account_pages,
    admin_pages,
    safety_pages,
    queue_pages,
    duty_pages,
    settings_pages,
    questionnaire_schedule_pages,
    sitting_pages,
    questionnaire_pages,
    score_pages,
    taking_pages,
    text_pages,
    diary_calendar_pages,
    diary_plan_pages,
    diary_pages,
    diary_staff_pages,
    diary_zone_pages,
    mood_reminder_pages,
    mood_pages,
    mood_staff_pages,
    momentary_pages,
    momentary_staff_pages,
    programme_pages,
    worksheet_pages,
    plan_pages,
    feedback_pages,
    guide_pages,
    incident_pages,
    reminder_pages,
    offline_pages,
    draft_pages,
    publishing_pages,
    what_if_pages,
    moving_pages,
    play_pages,
    editor_pages,
    arrange_pages,
    pathway_pages,
    together_pages,
    review_pages,
    course_pages,
    leaver_pages,
    caseload_pages,
    notification_pages,
    device_pages,
    letter_pages,
    off_pages,
    health_pages,
)


def create_app(
    settings: Settings,
    *,
    engine: Engine,
    clock: Clock = wall_clock,
    carrier: Carrier | None = None,
    library: Library | None = None,
    demo_codes: Callable[[datetime], list[tuple[str, str, str]]] | None = None,
) -> ASGIApp:
    """The whole application on an engine; the clock, the carrier of letters and the library can be lent by a test.

    `demo_codes` are the one-time codes of the demonstration's staff at a moment, where it is loaded.
    """
    logs.set_up()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    app.state.settings = settings
    app.state.engine = engine
    app.state.clock = clock
    app.state.carrier = carrier or ways.carrier_from(settings)
    app.state.library = library or content.read_library(settings.content_dir)
    app.state.mailbox = settings.mail == "mailbox" and settings.environment == "development"
    app.state.push = ways.push_from(settings)
    app.state.senders = ways.senders_from(settings, carrier=app.state.carrier, clock=clock)
    app.state.demo_codes = demo_codes
    app.state.offline = settings.offline
    app.state.leave_url = settings.leave_url
    app.state.help = render.still("safety/help.html")
    app.state.origin = settings.public_origin
    worker = offline_pages.WORKER if settings.offline else ""
    app.state.frame_for = partial(
        frame.framed, standstill=frame.Standstill(), leave_url=settings.leave_url, worker=worker
    )
    app.state.lends = lending_queries.why_lent
    app.state.felt = mood_shown.in_few_words
    app.state.course_of = asking_queries.course_of
    crypto.use(settings.key())
    app.mount("/static", _Static(directory=render.DIST, check_dir=False), name="static")
    own = [Route("/healthz", _healthy), Route("/readyz", _ready), Route("/health", _health)]
    app.router.routes.append(Addresses([*own, *(route for room in ROOMS for route in room.router.routes)]))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _refused_by_framework)
    app.add_exception_handler(RequestValidationError, _not_an_address)
    app.add_exception_handler(Exception, _broken)
    return Guarded(app, origin=settings.public_origin, secure=settings.secure, at_once=settings.pool_size)


def from_environment() -> ASGIApp:
    """The application as a server starts it."""
    settings = Settings()
    if not settings.database_url:
        raise RuntimeError("DATABASE_URL names no server. For an embedded one, start with: braid run")
    engine = db.connect(settings.database_url, pool_size=settings.pool_size)
    db.refuse_unguarded(engine)
    return create_app(settings, engine=engine)


class _Static(StaticFiles):
    """Assets whose names carry their content's hash: a browser may keep them for good."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # As many threads as `Guarded` lets requests in, so that each finds one.
    to_thread.current_default_thread_limiter().total_tokens = app.state.settings.pool_size
    ticking = None
    if app.state.settings.scheduler_in_web:
        state = app.state
        ticking = scheduler.start(
            state.engine,
            clock=state.clock,
            carrier=state.carrier,
            origin=state.origin,
            library=state.library,
            senders=ways.senders_from(state.settings, carrier=state.carrier, clock=state.clock),
        )
    # What is loaded by now stays for good: the collector need not walk through it again and again.
    gc.collect()
    gc.freeze()
    yield
    if ticking:
        ticking.shutdown(wait=False)


async def _healthy() -> Response:
    return Response('{"status":"up"}', media_type="application/json")


def _ready(request: Request) -> Response:
    with db.transaction(request.app.state.engine, None) as session:
        done = migrations.are_done(session.connection())
    return Response("ready" if done else "migrations wait", status_code=200 if done else 503)


def _health(request: Request) -> Response:
    """For whoever watches: 503 where a part has stopped, naming it and no more."""
    told, well = {"database": "no answer"}, False
    try:
        with db.transaction(request.app.state.engine, None) as session:
            found = health_queries.health(session, request.app.state.clock())
        told, well = {"database": "working"} | found.told(), found.well
    except (DBAPIError, psycopg.Error) as failed:
        log.warning("no health to tell", exc_info=failed)
    return JSONResponse({"status": "working" if well else "stopped", "parts": told}, status_code=200 if well else 503)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    if isinstance(refusal, SignInNeeded) and request.method == "GET":
        back = request.url.path if request.url.path != "/" else ""
        return render.see_other("/sign-in" + (f"?back={quote(back)}" if back else ""))
    return await unsent.page(request, refusal) or render.error_page(request, refusal)


def _refused_by_framework(request: Request, failed: Exception) -> Response:
    assert isinstance(failed, HTTPException)
    if failed.status_code == 404:
        return render.error_page(request, NotFound())
    if failed.status_code == 405 and (above := unsent.page_above(request)):
        return render.see_other(above)
    refusal = Refused("Go back and try again. If it keeps happening, tell us.")
    refusal.status = failed.status_code
    return render.error_page(request, refusal)


def _not_an_address(request: Request, failed: Exception) -> Response:
    if above := unsent.page_above(request):
        return render.see_other(above)
    # What does not even have the form of an id is nobody's; and a 422 of the framework's would echo it back.
    return render.error_page(request, NotFound())


def _broken(request: Request, failed: Exception) -> Response:
    if not isinstance(failed, ClientDisconnect):
        # The route and not the path, which may be a link that signs somebody in.
        route = getattr(request.scope.get("route"), "path", "")
        log.error("request failed", request_id=request.state.request_id, route=route, exc_info=failed)
    refusal = Refused("Something on our side went wrong and nothing was changed. Try again in a few minutes.")
    refusal.status, refusal.title = 500, "Sorry, that did not work"
    return render.error_page(request, refusal)
