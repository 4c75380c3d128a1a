"""Which instruments a service can ask: those whose words are here, and those it brought the words of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from app.clinical import instrument_texts
from app.clinical.instrument_texts import TextPack
from app.clinical.instruments import Instrument, Range, form_for
from app.kit import say
from app.kit.work import Work
from app.questionnaires.text_tables import InstrumentText


@dataclass(frozen=True)
class Installed:
    """A text pack of the service, and since when it is there."""

    pack: TextPack
    fingerprint: str
    installed_at: datetime


class State(StrEnum):
    """Whether an instrument can be asked, and why not."""

    OURS = "ours"
    INSTALLED = "installed"
    NO_TEXT = "no-text"
    OTHER_VERSION = "other-version"


@dataclass(frozen=True)
class Standing:
    """One instrument as a service has it; `installed` is its text pack, also one that no longer fits."""

    instrument: Instrument
    state: State
    installed: Installed | None = None

    @property
    def is_offered(self) -> bool:
        return self.state in (State.OURS, State.INSTALLED)

    @property
    def forms(self) -> tuple[Instrument, ...]:
        """The instrument in the words of each who answers it, the patient first."""
        return tuple(form_for(self.instrument, respondent) for respondent in self.instrument.respondents)

    @property
    def scored(self) -> str:
        """What is made of the answers, in sentences."""
        asked = self.instrument
        if asked.range:
            return " ".join(_total_told(asked, asked.range))
        if asked.parts:
            parts = [f"{part.label.lower()} {part.range.lowest} to {part.range.highest}" for part in asked.parts]
            return f"Its course in {len(parts)} parts: {say.listed(parts)}. No total and no cut-offs."
        if asked.per:
            return "The course of each goal by itself. No total and no cut-offs."
        return "The answers as they are. No total and no cut-offs."


TEXTS = sa.select(InstrumentText.pack, InstrumentText.fingerprint, InstrumentText.installed_at).where(
    InstrumentText.service_id == sa.bindparam("service"), InstrumentText.removed_at.is_(None)
)


def installed(work: Work) -> dict[str, Installed]:
    """The text packs of the service, by instrument."""
    rows = work.read(TEXTS, {"service": work.service_id})
    found = [Installed(TextPack.model_validate(row.pack), row.fingerprint, row.installed_at) for row in rows]
    return {one.pack.instrument: one for one in found}


def row(work: Work, instrument: str) -> InstrumentText:
    """The row of an installed text pack."""
    mine = (InstrumentText.service_id == work.service_id, InstrumentText.instrument == instrument)
    return work.session.execute(
        sa.select(InstrumentText).where(*mine, InstrumentText.removed_at.is_(None))
    ).scalar_one()


def standings(work: Work, instruments: Mapping[str, Instrument]) -> list[Standing]:
    """Each instrument of the library in its order, with its words where the service has them."""
    texts = installed(work)
    return [_standing(instrument, texts.get(key)) for key, instrument in instruments.items()]


def offered(work: Work, instruments: Mapping[str, Instrument]) -> dict[str, Instrument]:
    """The instruments that the service can ask, with all their words, in the order of the library."""
    return {one.instrument.key: one.instrument for one in standings(work, instruments) if one.is_offered}


def worded(work: Work, instruments: Mapping[str, Instrument], wanted: Iterable[str]) -> Mapping[str, Instrument]:
    """Every instrument of the library, also those that cannot be asked; the wanted ones in the service's words."""
    if not any(instruments[key].needs_text for key in wanted if key in instruments):
        return instruments
    return {one.instrument.key: one.instrument for one in standings(work, instruments)}


def _total_told(asked: Instrument, range_: Range) -> Iterator[str]:
    yield f"A total of {range_.lowest} to {range_.highest}, {asked.better} is better."
    if asked.bands:
        bands = [f"{band.label.lower()} {band.lowest} to {band.highest}" for band in asked.bands]
        yield f"Bands: {say.listed(bands)}."
    if asked.caseness is not None:
        yield f"Caseness from {asked.caseness}."
    if asked.reliable_change is not None:
        yield f"A reliable change is {asked.reliable_change} or more."


def _standing(instrument: Instrument, text: Installed | None) -> Standing:
    if not instrument.needs_text:
        return Standing(instrument, State.OURS)
    if text is None:
        return Standing(instrument, State.NO_TEXT)
    if instrument_texts.mistakes(text.pack, instrument):
        return Standing(instrument, State.OTHER_VERSION, text)
    return Standing(instrument_texts.filled(instrument, text.pack), State.INSTALLED, text)
