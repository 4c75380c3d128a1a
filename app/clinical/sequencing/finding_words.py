"""What the checks of a pathway found, as text to read and as plain data for other programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.clinical.sequencing.findings import Finding, Severity

RANKS = {
    Severity.REFUSE: "Must be fixed before this can be published",
    Severity.SIGN: "Needs a signed reason",
    Severity.WARN: "Worth knowing",
}
NOT_PROVED = (
    "These checks cannot tell whether the content suits a patient, whether staff act in time, or whether a number is"
    " clinically right."
)


def as_words(found: Sequence[Finding]) -> str:
    """The findings by rank, each with where it is, what is wrong and what mends it."""
    lines = [
        line for rank, words in RANKS.items() for line in _rank(words, [one for one in found if one.severity is rank])
    ]
    return "\n".join([*(lines or ["Nothing to fix, to sign or to know.", ""]), NOT_PROVED])


def _rank(words: str, found: Sequence[Finding]) -> Iterator[str]:
    if found:
        yield f"{words}: {len(found)}"
        yield ""
    for one in found:
        yield f"  {one.problem}"
        if one.witness:
            yield f"    {one.witness}"
        if one.fix:
            yield f"    Fix: {one.fix}"
        yield f"    At {one.path}, check {one.check}, {one.code}"
        yield ""


def as_data(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Each finding with its fields by name; `key` stays the same for as long as the finding does."""
    return [
        {
            "check": one.check,
            "code": one.code,
            "severity": one.severity.value,
            "step": one.step,
            "path": one.path,
            "problem": one.problem,
            "fix": one.fix,
            "witness": one.witness,
            "key": one.key,
        }
        for one in found
    ]
