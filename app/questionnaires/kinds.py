"""How a questionnaire came to be answered, and why one is made void."""

from enum import StrEnum


class Way(StrEnum):
    """How the answers reached Braid: typed by the person themselves, or taken by staff."""

    ONLINE = "online"
    PHONE = "phone"
    IN_SESSION = "in-session"


class Paging(StrEnum):
    """How many questions a page has."""

    ONE = "one"
    ALL = "all"


class VoidReason(StrEnum):
    """Why a submitted questionnaire does not count."""

    WRONG_PATIENT = "wrong-patient"
    MISTAKE = "mistake"
    ANSWERED_TWICE = "answered-twice"
    PATIENT_ASKS = "patient-asks"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason as people read it."""
        return _VOID_LABELS[self]


_VOID_LABELS = {
    VoidReason.WRONG_PATIENT: "Recorded for the wrong patient",
    VoidReason.MISTAKE: "Filled in or recorded by mistake",
    VoidReason.ANSWERED_TWICE: "Answered twice",
    VoidReason.PATIENT_ASKS: "The patient asks for it",
    VoidReason.OTHER: "Something else",
}
WAY_LABELS = {Way.ONLINE: "online", Way.PHONE: "by phone", Way.IN_SESSION: "in session"}
