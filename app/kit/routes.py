"""How a request is answered: its questions, its page and its commit one after the other, in one thread.

FastAPI reads the signatures and says what depends on what. Left to itself it sends each dependency to a thread of its
own and back, which took longer than most pages; and what is still open in one thread cannot be closed in another.
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette._exception_handler import wrap_app_handling_exceptions
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True)
class _Asked:
    """One function of a signature: what it is given, and how what it gives is had."""

    call: Callable[..., Any]
    given: tuple[tuple[str, Callable[..., Any]], ...]
    request: str | None
    address: list[ModelField]
    opens: Callable[..., Any] | None
    waits: bool

    def answer(self, request: Request, found: dict[Callable[..., Any], Any], stack: ExitStack) -> Any:
        values = {name: found[call] for name, call in self.given}
        if self.request:
            values[self.request] = request
        if self.address:
            read, wrong = request_params_to_args(self.address, request.path_params)
            if wrong:
                raise RequestValidationError(wrong)
            values.update(read)
        instead = request.app.dependency_overrides.get(self.call)
        if instead:
            return instead(**values)
        if self.opens:
            return stack.enter_context(self.opens(**values))
        return finished(self.call(**values)) if self.waits else self.call(**values)


class Route(APIRoute):
    """A route of ours. Its signature may ask for the request, parts of its address, and what those depend on.

    What a dependency opens with `yield` is closed before the answer is sent: a commit that fails is never shown as
    success. A dependency may be `async` as long as it waits for nothing: a body has arrived before a route is asked.
    A route that is `async` throughout is answered where it stands, for what must work with no thread to be had.
    A function in FastAPI's `dependency_overrides` stands in with the same parameters: tests take guards away with it.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        super().__init__(path, endpoint, **how)
        answer = self.get_route_handler()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)

            async def answered(scope: Scope, receive: Receive, send: Send) -> None:
                response = await answer(request)
                await response(scope, receive, send)

            # With the request itself, so that a refusal can still read what was posted.
            await wrap_app_handling_exceptions(answered, request)(scope, receive, send)

        self.app = app

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        self._asked = _in_order(self.dependant, self.path)
        if all(one.waits for one in self._asked):

            async def at_once(request: Request) -> Response:
                return self.answer(request)

            return at_once

        async def in_one_thread(request: Request) -> Response:
            return await run_in_threadpool(self.answer, request)

        return in_one_thread

    def answer(self, request: Request) -> Response:
        """The response, with everything that was opened for it closed; raises what any part of it raises."""
        found: dict[Callable[..., Any], Any] = {}
        with ExitStack() as stack:
            for one in self._asked:
                found[one.call] = one.answer(request, found, stack)
            response = found[self._asked[-1].call]
        assert isinstance(response, Response), f"{self.path} answered with {type(response).__name__}"
        return response


class Addresses(BaseRoute):
    """All routes behind one: found by the shape of the address, so that a hundred of them cost as much as five.

    Where several routes answer to an address the first of them does, as anywhere.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._of_shape: dict[tuple[int, str], list[Route]] = defaultdict(list)
        for route in routes:
            assert isinstance(route, Route), f"{route} is not a route of ours"
            self._of_shape[_shape(route.path)].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        half: tuple[Match, Scope] = (Match.NONE, {})
        if scope["type"] != "http":
            return half
        for route in self._of_shape.get(_shape(scope["path"]), ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, found
            if match is Match.PARTIAL and half[0] is Match.NONE:
                half = match, found
        return half

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def _shape(path: str) -> tuple[int, str]:
    """How many parts an address has, and its first; no address of ours begins with a part that varies."""
    return path.count("/"), path.removeprefix("/").partition("/")[0]


def _in_order(dependant: Dependant, path: str) -> list[_Asked]:
    """What a signature asks, each thing once and after all it needs itself; the page comes last."""
    found: dict[Callable[..., Any], _Asked] = {}

    def visit(one: Dependant) -> Callable[..., Any]:
        assert one.call is not None
        refused = (one.query_params, one.header_params, one.cookie_params, one.body_params, one.response_param_name)
        if any(refused) or one.background_tasks_param_name or one.security_scopes_param_name:
            raise TypeError(f"{path}: {one.call} asks for what only a form or the request itself may give")
        given = tuple((str(needed.name), visit(needed)) for needed in one.dependencies)
        if one.call not in found:
            found[one.call] = _asked(one, one.call, given)
        return one.call

    visit(dependant)
    return list(found.values())


def _asked(one: Dependant, call: Callable[..., Any], given: tuple[tuple[str, Callable[..., Any]], ...]) -> _Asked:
    plain = call if inspect.isroutine(call) else type(call).__call__
    opens = contextmanager(call) if inspect.isgeneratorfunction(plain) else None
    return _Asked(call, given, one.request_param_name, one.path_params, opens, inspect.iscoroutinefunction(plain))


def finished(asked: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that never waits; raises RuntimeError for one that does."""
    try:
        asked.send(None)
    except StopIteration as done:
        return done.value
    asked.close()
    raise RuntimeError(f"{asked!r} waits: what a route asks for must not")
