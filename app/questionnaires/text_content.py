"""Text packs as files: the words of an instrument that are another's, read and checked before they are installed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.clinical import instrument_texts
from app.clinical.instrument_texts import TextPack
from app.clinical.instruments import Instrument
from app.kit.located import Fault, Unreadable, did_you_mean, load
from app.kit.shapes import Shape, read_as

PACK: Shape[TextPack] = Shape(TextPack)


@dataclass(frozen=True)
class ReadPack:
    """A pack that fits its instrument, and the instrument with its words."""

    pack: TextPack
    instrument: Instrument


def read_pack(path: Path, instruments: Mapping[str, Instrument]) -> ReadPack:
    """A text pack for one of these instruments. Raises `Unreadable` with file, line and fix of every mistake."""
    try:
        located = load(path)
    except OSError as refused:
        raise Unreadable([Fault(str(path), 1, "the file cannot be read", f"{refused.strerror}.")]) from None
    pack = read_as(PACK, located)
    instrument = instruments.get(pack.instrument)
    if instrument is None:
        fix = did_you_mean(pack.instrument, [key for key, one in instruments.items() if one.needs_text])
        raise Unreadable([located.fault(("instrument",), f'there is no instrument "{pack.instrument}"', fix)])
    if found := instrument_texts.mistakes(pack, instrument):
        raise Unreadable(sorted({located.fault(one.at, one.problem, one.fix) for one in found}))
    return ReadPack(pack, instrument_texts.filled(instrument, pack))
