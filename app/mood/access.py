"""What an address or a form says of the days and of the scale that are meant."""

from collections.abc import Mapping
from datetime import date, timedelta

from fastapi import Request

from app.clinical.mood import SCALES, Scale
from app.kit.forms import PostedForm
from app.mood import queries, shown_queries
from app.mood.forms import PeriodForm
from app.mood.shown_queries import Period, Span


def period_asked(request: Request, today: date) -> tuple[Period, PostedForm | None, dict[str, str]]:
    """The period in the address, the last two weeks where there is none; what was typed, and what is wrong with it."""
    asked = PostedForm(request.query_params.multi_items())
    if "first-year" in asked:
        form, problems = PeriodForm.read(asked)
        if form is None:
            return _period(Span.TWO_WEEKS, today), asked, problems
        return Period(form.first, min(form.last, max(today, form.first))), asked, {}
    span = asked.get("period")
    return _period(Span(span) if span in list(Span) else Span.TWO_WEEKS, today), None, {}


def _period(span: Span, today: date) -> Period:
    if span is Span.ALL:
        return Period(shown_queries.EARLIEST, today, span)
    return Period(today - timedelta(days=int(span) - 1), today, span)


def scale_now(request: Request) -> Scale:
    """The scale that the signed-in person's service rates on."""
    return queries.scale_in(request.state.principal.service.settings)


def scale_shown(request: Request, posted: Mapping[str, str]) -> Scale:
    """The scale that a form was filled in on: the service's may be another by the time it is sent."""
    return next((one for one in SCALES.values() if str(one.low) == posted.get("low")), scale_now(request))
