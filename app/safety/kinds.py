"""The kinds of alert, and what can happen to one, in the order in which it does."""

from enum import StrEnum


class AlertKind(StrEnum):
    RISK_ANSWER = "risk-answer"


class AlertStep(StrEnum):
    RAISED = "raised"
    ANSWERED_AGAIN = "answered-again"
    SEEN = "seen"
    CLIMBED = "climbed"
    CONTACTED = "contacted"
    COULD_NOT_REACH = "could-not-reach"
    HANDED_OVER = "handed-over"
    KNOWN_AND_REVIEWED = "known-and-reviewed"
    PASSED_ON = "passed-on"
    CLOSED = "closed"
