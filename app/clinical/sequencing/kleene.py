"""Three-valued truth, so that what nobody has measured is never mistaken for no."""

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """Kleene's strong logic of three values (Kleene 1952, section 64), in its order: false, unknown, true.

    FHIRPath gives its Boolean operators the same meaning, with empty for unknown.
    """

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


_OF = (Truth.FALSE, Truth.TRUE)


def truth_of(met: bool) -> Truth:
    """The truth of a closed fact: where this system is the only record, absence is false."""
    return _OF[met]


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if any is false, else unknown if any is unknown, else true."""
    least = Truth.TRUE
    for truth in truths:
        if truth is Truth.FALSE:
            return Truth.FALSE
        least = min(least, truth)
    return least


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if any is true, else unknown if any is unknown, else false."""
    most = Truth.FALSE
    for truth in truths:
        if truth is Truth.TRUE:
            return Truth.TRUE
        most = max(most, truth)
    return most


def at_least(k: int, truths: Iterable[Truth]) -> Truth:
    """True if k or more are true, false if even the unknown ones could not make k, else unknown."""
    counted = list(truths)
    true = counted.count(Truth.TRUE)
    if true >= k:
        return Truth.TRUE
    return Truth.UNKNOWN if true + counted.count(Truth.UNKNOWN) >= k else Truth.FALSE
