"""GOV.UK Notify: e-mail and text messages, carried by the government's own service for its public bodies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.kit import handing
from app.kit.mail import Letter

SECONDS = 10


@dataclass(frozen=True)
class Notify:
    """A service's account with Notify, and the templates made there that print what they are given.

    The e-mail template has `((subject))` for its subject and `((body))` for its body; that for texts is `((body))`.
    """

    key: str = field(repr=False)
    url: str
    email_template: str = ""
    sms_template: str = ""

    def send(self, letter: Letter) -> None:
        """Hand an e-mail over; raises as `handing` says."""
        self._ask(
            lambda client: client.send_email_notification(
                letter.to,
                self.email_template,
                {"subject": letter.subject, "body": letter.body},
                reference=letter.key or None,
                one_click_unsubscribe_url=letter.off or None,
            )
        )

    def text(self, phone: str, words: str, *, reference: str) -> str:
        """Hand a text message over; returns Notify's own id for it, and raises as `handing` says."""
        taken = self._ask(
            lambda client: client.send_sms_notification(phone, self.sms_template, {"body": words}, reference=reference)
        )
        return str(taken["id"])

    def fate(self, reference: str) -> str | None:
        """The status of the newest message with this reference of ours; None where Notify has none."""
        found = self._ask(lambda client: client.get_all_notifications(reference=reference))
        return next((str(one["status"]) for one in found["notifications"]), None)

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        from notifications_python_client.errors import HTTPError, InvalidResponse
        from notifications_python_client.notifications import NotificationsAPIClient

        # A client of its own each time: it is not made for several threads.
        client = NotificationsAPIClient(self.key, base_url=self.url, timeout=SECONDS)
        with client.request_session:
            try:
                return question(client)
            except InvalidResponse:
                raise handing.Unsure("an answer nobody can read") from None
            except HTTPError as failed:
                if failed.response is None:
                    raise handing.broken(failed.__cause__) from None
                raise handing.said(failed.status_code) from None
