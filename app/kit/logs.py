"""Logs an operator can read and a patient need not fear: one JSON line an event, no values of anything.

A fault is told by its class and by the files, lines and functions it passed through. Its message stays out, as do
local variables, statements' parameters and addresses: any of them may hold what somebody wrote.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# What may never be in a line, whoever put it there.
PRIVATE = frozenset(
    {"password", "code", "token", "secret", "cookie", "email", "address", "name", "words", "note", "told", "values",
     "answers", "body", "query", "posted", "typed", "nhs_number"}
)  # fmt: skip
# Set on a fault that was told of, so that the server it passes on to does not tell of it again.
_TOLD = "_told_in_our_log"


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what is private by its kind."""
    for key in PRIVATE & event.keys():
        event[key] = "[kept out]"
    return event


def without_message(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace a fault by its class, its frames and those of what caused it: its message may quote anything."""
    given = event.pop("exc_info", None)
    failed = given[1] if isinstance(given, tuple) else given
    if given is True:
        failed = sys.exc_info()[1]
    if isinstance(failed, BaseException):
        setattr(failed, _TOLD, True)
        event["fault"] = _chain(failed)
    return event


def _chain(failed: BaseException | None) -> list[dict[str, Any]]:
    """A fault and what caused it, the latest first; never more than a handful."""
    found: list[dict[str, Any]] = []
    while failed is not None and len(found) < 5:
        frames = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(failed.__traceback__)]
        found.append({"class": f"{type(failed).__module__}.{type(failed).__qualname__}", "frames": frames})
        failed = failed.__cause__ or failed.__context__
    return found


class _Ours(logging.Handler):
    """What libraries log, in our form: the first line of their message without the values put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        failed = record.exc_info[1] if record.exc_info else None
        if getattr(failed, _TOLD, False):
            return
        said = str(record.msg).strip().partition("\n")[0][:200]
        structlog.get_logger().log(record.levelno, said, logger=record.name, exc_info=failed)

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


def _only_ours(record: logging.LogRecord) -> bool:
    """Keep a record from a server's own handlers, which would print the fault's message."""
    if _OURS.filter(record):
        _OURS.emit(record)
    return False


_OURS = _Ours()


def set_up() -> None:
    """Make every log line of the process go through here; called once by each entry point."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            without_message,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    if _OURS not in logging.getLogger().handlers:
        logging.getLogger().addHandler(_OURS)
    # A filter, for it stays where uvicorn sets its own handlers after us.
    server = logging.getLogger("uvicorn.error")
    server.setLevel(logging.WARNING)
    if _only_ours not in server.filters:
        server.addFilter(_only_ours)
