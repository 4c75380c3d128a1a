"""Roles and what each may do: the access matrix, read from data and used by code and tests alike."""

from enum import StrEnum
from functools import cache
from importlib import resources

from ruamel.yaml import YAML


class Role(StrEnum):
    """A role somebody acts in. A person with several acts in one at a time."""

    PATIENT = "patient"
    PRACTITIONER = "practitioner"
    SUPERVISOR = "supervisor"
    CLINICAL_LEAD = "clinical-lead"
    SERVICE_ADMIN = "service-admin"
    NAVIGATOR = "navigator"
    RESEARCHER = "researcher"

    @property
    def label(self) -> str:
        """The role as people read it."""
        return LABELS.get(self, self.value.replace("-", " ").capitalize())


LABELS = {Role.SERVICE_ADMIN: "Service administrator", Role.NAVIGATOR: "Digital navigator"}

STAFF = frozenset(Role) - {Role.PATIENT}


class Scope(StrEnum):
    """Whose records a capability reaches."""

    OWN = "own"
    ASSIGNED = "assigned"
    SUPERVISED = "supervised"
    SERVICE = "service"


class Capability(StrEnum):
    """Something a person may do; each is a row of access.yaml."""

    SEE_IDENTITY = "see-identity"
    EDIT_CONTACT = "edit-contact"
    READ_WORDS = "read-words"
    WRITE_WORDS = "write-words"
    READ_SCORES = "read-scores"
    SUBMIT_QUESTIONNAIRE = "submit-questionnaire"
    RECORD_QUESTIONNAIRE = "record-questionnaire"
    VOID_QUESTIONNAIRE = "void-questionnaire"
    SEE_PROGRESS = "see-progress"
    SEE_REMINDERS = "see-reminders"
    TAILOR_PROGRAMME = "tailor-programme"
    CHOOSE_PATHWAY = "choose-pathway"
    TRY_PATHWAYS = "try-pathways"
    MOVE_PATIENTS = "move-patients"
    HANDLE_INCIDENTS = "handle-incidents"
    SEE_ALERTS = "see-alerts"
    HANDLE_ALERTS = "handle-alerts"
    HANDLE_REVIEWS = "handle-reviews"
    COUNT_ALERTS = "count-alerts"
    SET_ESCALATION = "set-escalation"
    MANAGE_DUTY = "manage-duty"
    TAKE_LEAVE = "take-leave"
    READ_GUIDES = "read-guides"
    SEE_CASELOAD = "see-caseload"
    INVITE_PATIENT = "invite-patient"
    MANAGE_STAFF = "manage-staff"
    REASSIGN_PATIENT = "reassign-patient"
    HELP_SIGN_IN = "help-sign-in"
    SEE_ACCESS_LIST = "see-access-list"
    READ_AUDIT = "read-audit"
    SEE_SERVICE_HEALTH = "see-service-health"
    USE_OWN_ACCOUNT = "use-own-account"


@cache
def matrix() -> dict[Capability, dict[Role, Scope]]:
    """Who may do what, to whose records: capability by role, absent where they may not."""
    text = resources.files("app.accounts").joinpath("access.yaml").read_text()
    rows = YAML(typ="safe", pure=True).load(text)["capabilities"]
    return {Capability(row["key"]): {Role(role): Scope(scope) for role, scope in row["roles"].items()} for row in rows}


@cache
def capabilities(role: Role) -> frozenset[str]:
    """All that a role may do, to somebody's records or to its own."""
    return frozenset(key for key, row in matrix().items() if role in row)


def scope(role: Role, capability: Capability) -> Scope | None:
    """Whose records this capability reaches in this role; None where the role does not have it."""
    return matrix()[capability].get(role)
