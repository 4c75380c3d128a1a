"""Turning reminders off by the link in a message: what of it is off already, and doing what its page was asked."""

from dataclasses import dataclass
from enum import StrEnum

from app.accounts.tables import Person
from app.kit.work import Work
from app.notifications import switch_actions, switch_queries
from app.notifications.kinds import Channel, LetterKind, ReminderKind, SwitchScope
from app.notifications.off_sending import Link, NoSuchLink

# A way is turned off where the settings page shows it, so that somebody finds it there to turn on again.
_SETTING = {Channel.EMAIL: "email", Channel.PUSH: "push", Channel.SMS: "sms"}


class What(StrEnum):
    """What somebody may turn off with a link."""

    THESE = "these"
    WAY = "way"
    ALL = "all"


@dataclass(frozen=True)
class Standing:
    """What of it is off already."""

    these: bool
    way: bool
    everything: bool


def standing(work: Work, link: Link) -> Standing:
    """What of that which the link can turn off is off already; NoSuchLink where the person is no longer known."""
    if work.session.get(Person, (work.service_id, link.person_id)) is None:
        raise NoSuchLink
    switches = switch_queries.switches_of(work, link.person_id)
    settings = switch_queries.settings_of(work, link.person_id)
    return Standing(
        these=switches.find(*_these(link), work.now) is not None,
        way=link.channel not in settings.channels,
        everything=switches.find(SwitchScope.ALL, "", work.now) is not None,
    )


def turn_off(work: Work, *, link: Link, what: What, said_by: str = "message") -> None:
    """Turn off what a link's page was asked to: reminders like that one, that way of sending, or all.

    A letter that reminded of nothing turns off letters like that one, and no more.
    """
    standing(work, link)
    scope, which = _these(link)
    if scope is SwitchScope.LETTER:
        switch_actions.switch_off(work, person_id=link.person_id, scope=scope, which=which, said_by=said_by)
    elif what is What.WAY and link.channel in _SETTING:
        switch_actions.save_settings(work, person_id=link.person_id, **{_SETTING[link.channel]: False})
    elif what is What.ALL:
        switch_actions.switch_off(work, person_id=link.person_id, scope=SwitchScope.ALL, said_by=said_by)
    else:
        switch_actions.switch_off(work, person_id=link.person_id, scope=scope, which=which, said_by=said_by)


def _these(link: Link) -> tuple[SwitchScope, str]:
    """The switch of what came with the link."""
    if isinstance(link.kind, LetterKind):
        return SwitchScope.LETTER, link.kind.value
    # Whoever wants to hear nothing of activities wants no summary of them either.
    kind = ReminderKind.ACTIVITY if link.kind is ReminderKind.SUMMARY else link.kind
    return SwitchScope.KIND, kind.value
