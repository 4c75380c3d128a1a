"""How handing something to another server can fail, in what matters to whoever sends: may it be handed over again?"""

from typing import Any


class NotNow(OSError):
    """Nothing was taken; it may be later."""


class NotTaken(OSError):
    """Nothing was taken and never will be."""


class Gone(NotTaken):
    """There is nobody at that address any more."""


class Unsure(OSError):
    """It may have been taken or not: the answer never came."""


def said(status: int) -> OSError:
    """The failure behind an HTTP status that is not a success (RFC 9110, 15; RFC 8030, 5 and 7.3)."""
    if status in (404, 410):
        return Gone(f"status {status}")
    # Who we are was not believed, or we ask too often, or they have a fault of their own: all of that can be mended.
    if status in (401, 403, 408, 425, 429) or status >= 500:
        return NotNow(f"status {status}")
    return NotTaken(f"status {status}")


def broken(failed: Any) -> OSError:
    """The failure behind an exception of `requests` that came without an answer."""
    import requests
    from urllib3.exceptions import NewConnectionError

    reason = getattr(next(iter(failed.args), None), "reason", None)
    never_left = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    if isinstance(failed, never_left) or isinstance(reason, NewConnectionError):
        return NotNow(type(failed).__name__)
    if isinstance(failed, requests.TooManyRedirects | requests.exceptions.InvalidURL):
        return NotTaken(type(failed).__name__)
    return Unsure(type(failed).__name__)
