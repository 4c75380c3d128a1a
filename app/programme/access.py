"""The door of a step: what is open to this patient, and the page that says why the rest is not."""

from dataclasses import dataclass

from fastapi import Request, Response

from app.accounts.access import Me, PatientWork
from app.clinical.modules import Module, Page
from app.clinical.sequencing import decisions
from app.clinical.sequencing.decisions import Answer
from app.clinical.sequencing.standing import Standing
from app.kit import unsent
from app.kit.errors import NotFound
from app.kit.forms import read_posted
from app.kit.render import page
from app.kit.routes import Route, finished
from app.kit.unsent import Typed
from app.programme import course_queries, module_queries, queries
from app.programme.course_queries import StepShown
from app.programme.queries import Plan


@dataclass(frozen=True)
class OpenStep:
    """A step the patient may enter, with its text as they began it."""

    plan: Plan
    standing: Standing
    module: Module

    @property
    def key(self) -> str:
        return self.standing.step

    @property
    def path(self) -> str:
        return f"/my/steps/{self.key}"

    @property
    def passed(self) -> set[str]:
        """The pages the patient has moved on from."""
        return self.plan.passed.get(self.key, set())

    @property
    def here(self) -> Page:
        """The page to carry on from; the first again when all are behind."""
        return module_queries.resume_at(self.module, self.passed, self.standing) or self.module.first_page

    def page(self, key: str) -> Page:
        if not self.module.has_page(key):
            raise NotFound
        return self.module.page(key)

    def path_of(self, page: Page) -> str:
        return f"{self.path}/pages/{page.key}"


class NotOpen(NotFound):
    """A step that is closed to this patient now; what it waits for is told, nothing of what is in it."""

    title = "This step is not open yet"

    def __init__(self, refusal: Answer, shown: StepShown) -> None:
        super().__init__(refusal.words)
        self.shown = shown
        self.title = {
            "waived": "You agreed to skip this step",
            "on-hold": "This step is paused",
        }.get(refusal.code, self.title)


def open_step(request: Request, work: PatientWork, patient: Me, step: str) -> OpenStep:
    """The step in the address; refuses with NotOpen where it is closed, and as nobody's where it has no pages."""
    plan = queries.plan(work, patient)
    standing = plan[step]
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    may = decisions.can_open(standing)
    if not may:
        raise NotOpen(may, course_queries.step_shown(standing, plan, modules, patient))
    if standing.module not in modules:
        raise NotFound
    return OpenStep(plan, standing, modules[standing.module])


class StepRoute(Route):
    """A route behind whose door a step may be closed."""

    def answer(self, request: Request) -> Response:
        try:
            return super().answer(request)
        except NotOpen as closed:
            return page(
                request,
                "programme/not-open.html",
                status=closed.status,
                title=closed.title,
                words=closed.words,
                step=closed.shown,
                typed=_typed(request),
            )


def _typed(request: Request) -> list[Typed]:
    """What was sent to a door that had closed meanwhile, to be handed back; refuses a form that is not ours."""
    if request.method != "POST":
        return []
    finished(read_posted(request))
    found: list[Typed] = finished(unsent.typed(request))
    return found
