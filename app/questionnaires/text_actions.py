"""A service's text packs are installed and taken out, which whoever runs the server does by command."""

import hashlib

from app.clinical.instrument_texts import TextPack
from app.kit.errors import Conflict
from app.kit.work import Work
from app.questionnaires import text_queries
from app.questionnaires.text_queries import Installed
from app.questionnaires.text_tables import InstrumentText


class NotInstalled(Conflict):
    title = "There is no such text pack"


def install(work: Work, *, pack: TextPack) -> Installed:
    """Put a pack that fits its instrument in the place of the one before; the same one again changes nothing."""
    work.one_at_a_time("texts", work.service_id)
    fingerprint = hashlib.sha256(pack.model_dump_json().encode()).hexdigest()
    before = text_queries.installed(work).get(pack.instrument)
    if before and before.fingerprint == fingerprint:
        return before
    if before:
        _take_out(work, instrument=pack.instrument)
    work.add(
        InstrumentText(
            instrument=pack.instrument,
            version=pack.version,
            fingerprint=fingerprint,
            pack=pack.model_dump(mode="json"),
            installed_at=work.now,
        )
    )
    work.record("instrument-text.installed", instrument=pack.instrument, version=pack.version, fingerprint=fingerprint)
    return Installed(pack, fingerprint, work.now)


def remove(work: Work, *, instrument: str) -> None:
    """Take the words of an instrument out; answers that were given stay. Refuses with NotInstalled."""
    work.one_at_a_time("texts", work.service_id)
    before = text_queries.installed(work).get(instrument)
    if before is None:
        raise NotInstalled(f"No text pack for {instrument} is installed.")
    _take_out(work, instrument=instrument)
    work.record("instrument-text.removed", instrument=instrument, fingerprint=before.fingerprint)


def _take_out(work: Work, *, instrument: str) -> None:
    row = text_queries.row(work, instrument)
    row.pack = None
    row.removed_at = work.now
    work.session.flush()
