"""Braid on somebody's device: the worker its browser keeps, the page for when nothing can be reached, what is kept."""

from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from app.accounts.access import Me
from app.diary.kinds import Outcome
from app.kit import render
from app.kit.render import page
from app.kit.routes import Route

router = APIRouter(route_class=Route)
WORKER = "/sw.js"


# These two ask for nobody and for no database: a browser fetches them when it has a moment, and keeps them.
@router.get("/sw.js")
async def worker(request: Request) -> Response:
    name = "worker.js" if request.app.state.offline else "no-worker.js"
    # Asked for anew each time, so that a change to it, or its end, reaches every browser at its next page.
    return FileResponse(render.DIST / name, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/offline")
async def offline(request: Request) -> Response:
    return page(request, "programme/offline.html", outcomes=(Outcome.DONE, Outcome.PARTLY))


@router.get("/my/device")
def device(request: Request, patient: Me) -> Response:
    return page(request, "programme/device.html", place="/my/more", patient=patient)
