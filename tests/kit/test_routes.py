"""A request's questions, its page and its commit, one after the other in one thread."""

import asyncio
import threading
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.testclient import TestClient

from app.kit.routes import Addresses, Route


class Told(RuntimeError):
    """What a page of these tests raises."""


@pytest.fixture
def seen():
    return []


@pytest.fixture
def browser(seen):
    router = APIRouter(route_class=Route)

    def opened(request: Request):
        seen.append(("opened", threading.get_ident()))
        try:
            yield "work"
            seen.append(("closed", threading.get_ident()))
        except Told:
            seen.append(("taken back", threading.get_ident()))
            raise

    Opened = Annotated[str, Depends(opened, scope="function")]

    async def looked_at(work: Opened):
        return work.upper()

    @router.get("/things/{number}")
    def page(work: Opened, looked: Annotated[str, Depends(looked_at)], number: int):
        seen.append(("page", threading.get_ident()))
        if number == 13:
            raise Told
        return Response(f"{work} {looked} {number}")

    @router.post("/things/{number}")
    async def sent(number: int):
        seen.append(("sent in the loop", asyncio.get_running_loop().is_running()))
        return Response("sent")

    @router.get("/things/first")
    def shadowed():
        return Response("never")

    app = FastAPI(openapi_url=None)
    app.router.routes.append(Addresses(router.routes))
    return TestClient(app, raise_server_exceptions=False)


def test_everything_of_a_page_happens_once_in_order_and_in_one_thread(browser, seen):
    assert browser.get("/things/7").text == "work WORK 7"

    assert [what for what, _ in seen] == ["opened", "page", "closed"]
    assert len({where for _, where in seen}) == 1


def test_what_was_opened_is_taken_back_where_the_page_raises(browser, seen):
    assert browser.get("/things/13").status_code == 500

    assert [what for what, _ in seen] == ["opened", "page", "taken back"]


def test_an_address_of_another_form_opens_nothing_it_does_not_have_to(browser, seen):
    assert browser.get("/things/seven").status_code == 422
    assert "page" not in [what for what, _ in seen]


def test_the_first_of_several_routes_answers_and_the_method_decides(browser):
    assert browser.get("/things/first").status_code == 422
    assert browser.post("/things/7").text == "sent"
    assert browser.put("/things/7").status_code == 405
    assert browser.get("/things").status_code == 404
    assert browser.get("/elsewhere/7").status_code == 404


def test_a_route_that_waits_for_nothing_needs_no_thread(browser, seen):
    browser.post("/things/7")

    assert seen == [("sent in the loop", True)]


def test_a_dependency_that_waits_is_found():
    async def waits():
        await asyncio.sleep(0)

    router = APIRouter(route_class=Route)

    @router.get("/slow")
    def slow(said: Annotated[None, Depends(waits)]):
        return Response("never")

    app = FastAPI(openapi_url=None)
    app.router.routes.append(Addresses(router.routes))
    with pytest.raises(RuntimeError, match="must not"):
        TestClient(app).get("/slow")


def test_a_signature_that_asks_for_what_only_a_form_gives_is_refused_when_it_is_written():
    router = APIRouter(route_class=Route)

    with pytest.raises(TypeError, match="asks for what only a form"):

        @router.get("/found")
        def found(word: str = ""):
            return Response(word)
