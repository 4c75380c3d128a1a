"""A pathway that is being written, read as far as it can be: what is broken in it is taken as open from the start.

So one unfinished step does not keep the others from being tried and checked.
"""

from dataclasses import dataclass
from typing import Any

from app.clinical.sequencing import arranging
from app.clinical.sequencing.arranging import Body
from app.clinical.sequencing.pathway import Mistake, Pathway, PathwayRefused, read

_WHOLE: dict[str, Any] = {"key": "draft", "title": "Untitled", "version": 1, "programme_days": 730, "sessions": 100}


@dataclass(frozen=True, slots=True)
class Readable:
    """What could be read, and the steps (by key) that were taken as open from the start for it; None for nothing."""

    pathway: Pathway | None
    opened: frozenset[str]


def readable(body: Body, trying: str = "") -> Readable:
    """The draft as a pathway. The step that is being tried is never taken as another than it is."""
    opened: set[str] = set()
    # Each round finds what the one before was hidden by; a pathway has no more of them than it has parts.
    for _ in range(len(arranging.steps(body)) + len(_WHOLE) + 2):
        try:
            return Readable(read(body), frozenset(opened))
        except PathwayRefused as refused:
            mended = _mended(body, trying, refused.mistakes, opened)
            if mended is None:
                break
            body = mended
    return Readable(None, frozenset())


def _mended(body: Body, trying: str, found: tuple[Mistake, ...], opened: set[str]) -> Body | None:
    """The draft with what is broken in other steps and around them put aside; None where nothing more can be."""
    steps = arranging.steps(body)
    broken = {each.at[1] for each in found if each.at[:1] == ("steps",) and len(each.at) > 1}
    around = {str(each.at[0]) for each in found if each.at and each.at[0] != "steps"}
    others = {place for place in broken if isinstance(place, int) and steps[place].get("key") not in (trying, *opened)}
    if not others and not around:
        return None
    opened |= {str(steps[place].get("key")) for place in others}
    mended = [_opened(each) if place in others else each for place, each in enumerate(steps)]
    whole = {name: value for name, value in body.items() if name not in around}
    return {**{name: value for name, value in _WHOLE.items() if name in around}, **whole, "steps": mended}


def _opened(step: dict[str, Any]) -> dict[str, Any]:
    return {"key": step.get("key"), "title": arranging.title(step), "unlock": {"kind": "always"}}
