"""Logs an operator can read and a patient need not fear: one JSON line an event, no values of anything.

A traceback names files and lines only; local variables, statements' parameters and addresses' queries stay out,
for any of them may hold what somebody wrote.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# What may never be in a line, whoever put it there.
PRIVATE = frozenset(
    {"password", "code", "token", "secret", "cookie", "email", "address", "name", "words", "note", "told", "values",
     "answers", "body", "query", "posted", "typed", "nhs_number"}
)  # fmt: skip


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what is private by its kind."""
    for key in PRIVATE & event.keys():
        event[key] = "[kept out]"
    return event


def set_up() -> None:
    """Make every log line of the process go through here; called once by each entry point."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
