"""Text packs: the words of a questionnaire that belong to others, which a service with permission puts in."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from app.clinical import instrument_checks as checks
from app.clinical.instrument_parts import Ends, Option, Question, TextPack
from app.clinical.instruments import Instrument, changed_to
from app.clinical.sequencing.references import Mistake

__all__ = ["TextPack", "filled", "mistakes"]

Asked = TypeVar("Asked", bound=Question)
Scaled = TypeVar("Scaled", bound=Ends)

_A_WORD = re.compile(r"[^\W_]")


def mistakes(pack: TextPack, instrument: Instrument) -> tuple[Mistake, ...]:
    """Everything that keeps a pack from being the words of this instrument, each at its place in the pack.

    The pack must have words for every slot that the instrument leaves open, for nothing else, and be written for
    the version of the instrument that is here. How long a text may be is seen to when the pack is read.
    """
    if not instrument.needs_text:
        return (Mistake(("instrument",), f"{instrument.key} has its words already", "It needs no text pack."),)
    if pack.version != instrument.version:
        fix = f'Compare it with the instrument and write version: "{instrument.version}".'
        return (Mistake(("version",), f'the pack is for version "{pack.version}" of the instrument', fix),)
    return tuple(_unlike(pack, instrument))


def filled(instrument: Instrument, pack: TextPack) -> Instrument:
    """The instrument with the words of a pack in which there are no `mistakes`, under the pack's licence."""
    words = {word.slot: word.text for word in checks.words_in(pack)}
    return changed_to(
        instrument,
        {
            "text": "here",
            "licence": pack.licence,
            "stem": words["stem"],
            "items": tuple(_worded(item, f"items {item.key}", words) for item in instrument.items),
            "extra": tuple(_worded(extra, f"extra {extra.key}", words) for extra in instrument.extra),
            "options": _options(instrument.options, "options", words),
            "scale": _scale(instrument.scale, "scale", words),
        },
    )


def _unlike(pack: TextPack, instrument: Instrument) -> Iterator[Mistake]:
    slots = [word.slot for word in checks.words_in(instrument)]
    given: set[str] = set()
    for word in checks.words_in(pack):
        if word.slot not in slots:
            yield Mistake(word.at, f'{instrument.key} has no place for "{word.slot}"', "Take it out.")
        elif word.slot in given:
            yield Mistake(word.at, f'"{word.slot}" is there twice', "Take one of them out.")
        elif not _A_WORD.search(word.text):
            yield Mistake(word.at, f'"{word.slot}" has no words', "Write the words of the instrument.")
        given.add(word.slot)
    for slot in slots:
        if slot not in given:
            yield Mistake((slot.split(" ")[0],), f'"{slot}" is missing', "Add it, with the words of the instrument.")


def _worded(question: Asked, slot: str, words: Mapping[str, str]) -> Asked:
    changed = {
        "text": words[slot],
        "options": _options(question.options, f"{slot} options", words),
        "scale": _scale(question.scale, f"{slot} scale", words),
    }
    return question.model_copy(update=changed)


def _options(options: tuple[Option, ...], slot: str, words: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(value=option.value, label=words[f"{slot} {option.value}"]) for option in options)


def _scale(scale: Scaled | None, slot: str, words: Mapping[str, str]) -> Scaled | None:
    if scale is None:
        return None
    marks = _options(scale.marks, f"{slot} marks", words)
    return scale.model_copy(update={"low": words[f"{slot} low"], "high": words[f"{slot} high"], "marks": marks})
