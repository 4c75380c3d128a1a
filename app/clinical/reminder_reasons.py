"""Why a reminder was held back, never sent or given up: every reason has a code, and words for whoever asks."""

from enum import StrEnum


class Reason(StrEnum):
    """A fate that is not "sent" always has one of these."""

    ACCOUNT_CLOSED = "account-closed"
    SWITCHED_OFF = "switched-off"
    KIND_OFF = "kind-off"
    CHANNEL_OFF = "channel-off"
    SERIES_OFF = "series-off"
    PAUSED = "paused"
    NOT_PLANNED = "not-planned-any-more"
    PLAN_CHANGED = "plan-changed"
    ENDED_EARLY = "ended-early"
    ALREADY_SAID = "already-said"
    NOT_DUE = "not-due-any-more"
    TOO_LATE = "too-late"
    OUTAGE = "outage"
    QUIET_HOURS = "quiet-hours"
    BUNDLED = "bundled"
    DAY_CAP = "day-cap"
    ROLLING_CAP = "rolling-cap"
    REFUSED = "provider-refused"
    UNREACHABLE = "nowhere-to-send"
    UNSURE = "not-known-whether-sent"
    RESTORED = "restored"

    @property
    def to_patient(self) -> str:
        """A sentence for the person it was meant for."""
        return _TO_PATIENT[self]

    @property
    def to_staff(self) -> str:
        """The same for their practitioner and the navigator, who can do something about some of them."""
        return _TO_STAFF[self]


_TO_PATIENT = {
    Reason.ACCOUNT_CLOSED: "Your treatment here has ended.",
    Reason.SWITCHED_OFF: "You have turned all reminders off.",
    Reason.KIND_OFF: "You have turned these off.",
    Reason.CHANNEL_OFF: "You have turned this way of reaching you off.",
    Reason.SERIES_OFF: "You have turned reminders off for this one.",
    Reason.PAUSED: "You had paused everything.",
    Reason.NOT_PLANNED: "It was not in your diary any more.",
    Reason.PLAN_CHANGED: "You had changed the plan.",
    Reason.ENDED_EARLY: "You are not asked these questions any more.",
    Reason.ALREADY_SAID: "You had already said how it went.",
    Reason.NOT_DUE: "There was nothing to fill in any more.",
    Reason.TOO_LATE: "It was too late to be useful.",
    Reason.OUTAGE: "Braid was not working, and afterwards it was too late to be useful. We are sorry.",
    Reason.QUIET_HOURS: "It fell in your quiet hours.",
    Reason.BUNDLED: "It was sent together with another one due at the same time.",
    Reason.DAY_CAP: "You had already had as many as we send in a day.",
    Reason.ROLLING_CAP: "You had already had as many as we send in 24 hours.",
    Reason.REFUSED: "The company that delivers it would not take it.",
    Reason.UNREACHABLE: "There was no way to reach you by.",
    Reason.UNSURE: "We cannot tell whether it reached you, so we did not send it twice.",
    Reason.RESTORED: "Braid was being put back after a fault. We are sorry.",
}
_TO_STAFF = {
    Reason.ACCOUNT_CLOSED: "The course had ended.",
    Reason.SWITCHED_OFF: "Turned off by the patient (all reminders).",
    Reason.KIND_OFF: "Turned off by the patient (this kind).",
    Reason.CHANNEL_OFF: "Turned off by the patient (this channel).",
    Reason.SERIES_OFF: "Turned off by the patient (this activity).",
    Reason.PAUSED: "Paused by the patient.",
    Reason.NOT_PLANNED: "Not planned any more.",
    Reason.PLAN_CHANGED: "The patient changed the plan.",
    Reason.ENDED_EARLY: "Staff had ended these questions early.",
    Reason.ALREADY_SAID: "Already marked before it was due.",
    Reason.NOT_DUE: "Answered by then, or not asked for any more.",
    Reason.TOO_LATE: "Too late to be useful.",
    Reason.OUTAGE: "Braid was down when it was due; afterwards it was too late to be useful.",
    Reason.QUIET_HOURS: "Inside the patient’s quiet hours.",
    Reason.BUNDLED: "Went out in one message with another due at the same time.",
    Reason.DAY_CAP: "The daily limit was reached.",
    Reason.ROLLING_CAP: "The limit for 24 hours was reached.",
    Reason.REFUSED: "The provider refused it. The address or device may be wrong.",
    Reason.UNREACHABLE: "No device or address to send it to.",
    Reason.UNSURE: "Unclear whether it was sent; not sent again, so as not to double it.",
    Reason.RESTORED: "Due before a restore from backup; never sent.",
}
