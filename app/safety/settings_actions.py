"""When the service is there, by when it reads an answer, and after how long an alert climbs, as it says itself."""

from collections.abc import Mapping
from uuid import UUID

from app.accounts.roles import Capability
from app.accounts.tables import Service
from app.kit.work import Work
from app.safety.promise_queries import SAID, said


def set_escalation(work: Work, *, wanted: Mapping[str, str]) -> None:
    """Change what the service says of its hours and alerts. What is promised from then on goes by it."""
    work.require(Capability.SET_ESCALATION)
    key: UUID = work.service_id
    service = work.session.get_one(Service, key, with_for_update=True)
    before = said(service.settings)
    after = before | {name: value for name, value in wanted.items() if name in SAID}
    changed = sorted(name for name in SAID if before[name] != after[name])
    if not changed:
        return
    service.settings = {**service.settings, **after}
    work.session.add(service)
    work.session.flush()
    work.record("service.escalation-set", was={n: before[n] for n in changed}, now={n: after[n] for n in changed})
