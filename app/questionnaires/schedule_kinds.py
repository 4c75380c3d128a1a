"""What staff can decide about when somebody is asked."""

from enum import StrEnum


class Act(StrEnum):
    """One decision: another time to ask, one answer asked for, that treatment is ending, or one of them taken back."""

    CHANGED = "changed"
    REQUESTED = "requested"
    ENDING = "ending"
    WITHDRAWN = "withdrawn"
