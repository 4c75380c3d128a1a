"""The ways out of the house, as the settings have them: who carries letters, and how reminders leave."""

from app.config import Settings
from app.kit.mail import Carrier, Mailbox, Smtp
from app.kit.notify import Notify
from app.kit.push import Push
from app.kit.work import Clock
from app.notifications.kinds import Channel
from app.notifications.reminder_sending import ByEmail, ByPush, BySms
from app.notifications.sending import Sender


def carrier_from(settings: Settings) -> Carrier:
    if settings.mail == "mailbox":
        return Mailbox()
    if settings.mail == "notify":
        return notify_from(settings)
    return Smtp(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_tls,
    )


def notify_from(settings: Settings) -> Notify:
    return Notify(
        settings.notify_key.get_secret_value(),
        settings.notify_url,
        settings.notify_email_template,
        settings.notify_sms_template,
    )


def push_from(settings: Settings) -> Push | None:
    """Ourselves as push services know us; None where the operator gave us no key."""
    key = settings.push_private_key()
    return Push(key, settings.push_contact, tuple(settings.push_hosts.split())) if key else None


def senders_from(settings: Settings, *, carrier: Carrier, clock: Clock) -> dict[Channel, Sender]:
    """A sender for each way that this Braid can send by; what is shown inside Braid needs none."""
    origin, push = settings.public_origin, push_from(settings)
    senders: dict[Channel, Sender] = {Channel.EMAIL: ByEmail(carrier, origin)}
    if push is not None:
        senders[Channel.PUSH] = ByPush(push, origin, clock)
    if settings.notify_sms_template:
        senders[Channel.SMS] = BySms(notify_from(settings), origin)
    return senders
