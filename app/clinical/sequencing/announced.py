"""A course as it was announced, kept to be proved: the same facts must give the same states, times and causes again.

Everything said of a version before anybody is moved to it rests on this: replay is only to be believed of a pathway
that does not exist yet if it gives, of the one in use, just what people were told.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.clinical.sequencing.standing import Course, Standing


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A step that does not come out again as it was announced. `told` and `found` are a state, or the cause or moment
    of an opening, as text; empty where there was or is none."""

    step: str
    part: str
    told: str
    found: str

    def as_data(self) -> dict[str, str]:
        """As plain JSON."""
        return asdict(self)


def announced(course: Course, *, at: datetime, version: str) -> dict[str, Any]:
    """What a replay at a moment says, as plain JSON; `version` names the version it was made through."""
    return {
        "at": at.isoformat(),
        "version": version,
        "steps": {one.step: _told(one) for one in course.standings},
    }


def _told(one: Standing) -> dict[str, str]:
    return {
        "state": one.state.value,
        "since": one.since.isoformat() if one.since else "",
        "cause": one.cause or "",
    }


def moment(told: Mapping[str, Any]) -> datetime:
    """When it was announced."""
    return datetime.fromisoformat(told["at"])


def mismatches(told: Mapping[str, Any], course: Course) -> tuple[Mismatch, ...]:
    """In what a replay at the same moment differs from what was announced, step by step; nothing where it does not."""
    found = {one.step: _told(one) for one in course.standings}
    before: Mapping[str, Mapping[str, str]] = told["steps"]
    nothing = {"state": "", "since": "", "cause": ""}
    return tuple(
        Mismatch(step, part, before.get(step, nothing)[part], found.get(step, nothing)[part])
        for step in dict.fromkeys((*before, *found))
        for part in nothing
        if before.get(step, nothing)[part] != found.get(step, nothing)[part]
    )
