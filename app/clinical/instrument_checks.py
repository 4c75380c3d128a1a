"""What makes a questionnaire sound, and how each mistake is told to whoever writes its file."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.clinical.instrument_parts import (
    Band,
    Ends,
    Item,
    Option,
    Question,
    Questionnaire,
    QuestionText,
    Range,
    Scale,
    TextPack,
)
from app.clinical.sequencing.references import Loc, Mistake


@dataclass(frozen=True)
class Word:
    """A text that is written in one place of a file; `slot` names the place whatever order the file has."""

    at: Loc
    slot: str
    text: str


def mistakes(asked: Questionnaire) -> tuple[Mistake, ...]:
    """Everything wrong between the parts of a questionnaire whose parts are each well formed."""
    found = (*_repeats(asked), *_ways_to_answer(asked), *_words(asked), *_keys(asked), *_forms(asked), *_goals(asked))
    # Totals of questions that cannot be answered would only be told as further mistakes.
    return found or (*_total(asked), *_parts(asked))


def choices(question: Question, otherwise: Sequence[Option]) -> tuple[Option, ...]:
    """The answers a question offers: its own, or else those of the questionnaire."""
    if question.scale:
        return question.scale.choices
    return question.options or tuple(otherwise)


def shared_choices(options: tuple[Option, ...], scale: Scale | None) -> tuple[Option, ...]:
    """The answers of every item that has none of its own."""
    return scale.choices if scale else options


def ends(choices: Sequence[Option]) -> tuple[int, int]:
    """The fewest and the most points that can be chosen."""
    return choices[0].value, choices[-1].value


def words_in(written: Questionnaire | TextPack) -> Iterator[Word]:
    """Every text of the questions and answers, which is either in the questionnaire's file or in a text pack."""
    yield Word(("stem",), "stem", written.stem)
    yield from _words_of_answers((), "", written.options, written.scale)
    listed: dict[str, Sequence[Question | QuestionText]] = {"items": written.items, "extra": written.extra}
    for name, questions in listed.items():
        for place, question in enumerate(questions):
            slot = f"{name} {question.key}"
            yield Word((name, place, "text"), slot, question.text)
            yield from _words_of_answers((name, place), f"{slot} ", question.options, question.scale)


def _words_of_answers(at: Loc, slot: str, options: Sequence[Option], scale: Ends | None) -> Iterator[Word]:
    for place, option in enumerate(options):
        yield Word((*at, "options", place, "label"), f"{slot}options {option.value}", option.label)
    if scale:
        yield Word((*at, "scale", "low"), f"{slot}scale low", scale.low)
        yield Word((*at, "scale", "high"), f"{slot}scale high", scale.high)
        for place, mark in enumerate(scale.marks):
            yield Word((*at, "scale", "marks", place, "label"), f"{slot}scale marks {mark.value}", mark.label)


def _words(asked: Questionnaire) -> Iterator[Mistake]:
    for word in words_in(asked):
        name = word.at[-1]
        if asked.text == "here" and not word.text:
            yield Mistake(word.at, f'"{name}" has no words', f'Add "{name}:" here, or say text: local at the top.')
        elif asked.text == "local" and word.text:
            problem = f'"{name}" has words, and text is local'
            yield Mistake(word.at, problem, "Take them out: a text pack brings them.")


def _repeats(asked: Questionnaire) -> Iterator[Mistake]:
    items = [(("items", place), item.key) for place, item in enumerate(asked.items)]
    extra = [(("extra", place), one.key) for place, one in enumerate(asked.extra)]
    yield from _repeated("question", [*items, *extra])
    yield from _repeated("part", [(("parts", place), part.key) for place, part in enumerate(asked.parts)])
    for place, item in enumerate(asked.items):
        reasons = [(("items", place, "not_applicable", n), reason.key) for n, reason in enumerate(item.not_applicable)]
        yield from _repeated("reason", reasons)


def _repeated(what: str, placed: Sequence[tuple[Loc, str]]) -> Iterator[Mistake]:
    taken: set[str] = set()
    for at, key in placed:
        if key in taken:
            yield Mistake((*at, "key"), f'{what} "{key}" is there twice', "Give one another key.")
        taken.add(key)


def _ways_to_answer(asked: Questionnaire) -> Iterator[Mistake]:
    yield from _answers("the items", (), asked.options, asked.scale)
    shared = bool(asked.options or asked.scale)
    for place, item in enumerate(asked.items):
        at: Loc = ("items", place)
        yield from _answers(f'item "{item.key}"', at, item.options, item.scale)
        if not (shared or item.options or item.scale):
            yield Mistake(at, f'item "{item.key}" cannot be answered', "Give the questionnaire options or a scale.")
    for place, one in enumerate(asked.extra):
        at = ("extra", place)
        yield from _answers(f'question "{one.key}"', at, one.options, one.scale)
        if bool(one.options or one.scale) == bool(one.longest):
            fix = "Give it one of: options, scale, or longest for the person's own words."
            yield Mistake(at, f'question "{one.key}" needs exactly one way to answer', fix)


def _answers(what: str, at: Loc, options: Sequence[Option], scale: Scale | None) -> Iterator[Mistake]:
    if options and scale:
        yield Mistake((*at, "scale"), f"{what} have both options and a scale", "Take one of them out.")
    if len(options) == 1:
        yield Mistake((*at, "options"), f"{what} offer one answer", "Give at least two options.")
    for place in range(1, len(options)):
        if options[place].value <= options[place - 1].value:
            problem = f"the option {options[place].value} does not give more than the one before it"
            yield Mistake((*at, "options", place, "value"), problem, "Put the options in order, the lowest first.")


def _keys(asked: Questionnaire) -> Iterator[Mistake]:
    known = [item.key for item in asked.items]
    for place, key in enumerate(asked.risk_items):
        if key not in known:
            yield Mistake(("risk_items", place), *_no_item(key, known))
        elif asked.items[known.index(key)].reversed:
            fix = "A risk item tells of something that is there: turn its options round."
            yield Mistake(("risk_items", place), f'the risk item "{key}" is reversed', fix)
    for place, part in enumerate(asked.parts):
        for inner, key in enumerate(part.items):
            if key not in known:
                yield Mistake(("parts", place, "items", inner), *_no_item(key, known))
            elif key in part.items[:inner]:
                yield Mistake(("parts", place, "items", inner), f'item "{key}" is there twice', "Take one out.")


def _no_item(key: str, known: Collection[str]) -> tuple[str, str]:
    return f'there is no item "{key}"', f"Use one of: {', '.join(known)}."


def _forms(asked: Questionnaire) -> Iterator[Mistake]:
    if (asked.names_practitioner or asked.practitioner) and not asked.who_sees:
        fix = "Add who_sees: a sentence that is read before answering."
        yield Mistake(("who_sees",), "nobody is told who sees answers about the practitioner", fix)
    if asked.practitioner is None:
        return
    if asked.text == "local" or asked.per:
        problem = "there cannot be a form for the practitioner here"
        yield Mistake(("practitioner",), problem, "Take it out: it needs text of our own and a fixed set of items.")
        return
    if not asked.practitioner.stem:
        yield Mistake(("practitioner", "stem"), '"stem" has no words', 'Add "stem:" here.')
    for name, questions, given in (
        ("items", asked.items, asked.practitioner.items),
        ("extra", asked.extra, asked.practitioner.extra),
    ):
        known = [question.key for question in questions]
        for key in given:
            if key not in known:
                yield Mistake(("practitioner", name, key), *_no_item(key, known))
        for key in known:
            if not given.get(key):
                at: Loc = ("practitioner", name)
                yield Mistake(at, f'the practitioner\'s form has no words for "{key}"', f'Add "{key}:" here.')


def _goals(asked: Questionnaire) -> Iterator[Mistake]:
    if asked.per is None:
        if asked.most is not None:
            yield Mistake(("most",), '"most" says how many goals are asked about', "Add per: goal, or take it out.")
        return
    if asked.most is None:
        yield Mistake(("per",), "it is not said how many goals are asked about", 'Add "most:", such as most: 3.')
    if len(asked.items) != 1 or (asked.text == "here" and "{goal}" not in asked.items[0].text):
        fix = "Write one item with {goal} in its text, where the goal is named."
        yield Mistake(("items",), "a questionnaire for each goal has one item", fix)
    for name, given in (("range", asked.range), ("parts", asked.parts), ("risk_items", asked.risk_items)):
        if given:
            yield Mistake((name,), f'goals are rated one by one, so there is no "{name}"', "Take it out.")


def _total(asked: Questionnaire) -> Iterator[Mistake]:
    if asked.range is None:
        for name, given in (
            ("bands", asked.bands),
            ("caseness", asked.caseness is not None),
            ("reliable_change", asked.reliable_change is not None),
        ):
            if given:
                yield Mistake((name,), f'"{name}" is about a total, and there is none', 'Add "range:", or take it out.')
        return
    # Bands that fit a wrong range would only be told as further mistakes.
    yield from tuple(_reachable(asked, asked.items, asked.range, ("range",))) or _gaps(asked.bands, asked.range)
    if asked.caseness is not None and asked.caseness not in asked.range:
        yield Mistake(("caseness",), f"caseness {asked.caseness} is outside the range", "Use a possible total.")
    if asked.better == "higher" and (asked.caseness is not None or asked.reliable_change is not None):
        problem = "caseness and reliable change are worked out where less is better"
        yield Mistake(("better",), problem, "Take caseness and reliable_change out, or reverse every item.")


def _parts(asked: Questionnaire) -> Iterator[Mistake]:
    by_key = {item.key: item for item in asked.items}
    for place, part in enumerate(asked.parts):
        items = [by_key[key] for key in part.items]
        yield from _reachable(asked, items, part.range, ("parts", place, "range"))
    held = {key for part in asked.parts for key in part.items}
    if asked.parts and asked.range is None:
        for place, item in enumerate(asked.items):
            if item.key not in held:
                yield Mistake(("items", place), f'item "{item.key}" is in no part', "Name it in one of the parts.")


def _reachable(asked: Questionnaire, items: Sequence[Item], said: Range, at: Loc) -> Iterator[Mistake]:
    shared = shared_choices(asked.options, asked.scale)
    each = [ends(choices(item, shared)) for item in items]
    lowest, highest = sum(low for low, _ in each), sum(high for _, high in each)
    if (said.lowest, said.highest) != (lowest, highest):
        of = f" of {each[0][0]} to {each[0][1]}" if len(set(each)) == 1 else ""
        problem = f"{len(items)} items{of} give {lowest} to {highest}"
        yield Mistake(at, problem, f"Write range: {{from: {lowest}, to: {highest}}}.")


def _gaps(bands: Sequence[Band], within: Range) -> Iterator[Mistake]:
    expected = within.lowest
    for place, band in enumerate(bands):
        if band.lowest != expected:
            problem = f'the band "{band.label}" begins at {band.lowest}'
            yield Mistake(("bands", place, "from"), problem, f"Let it begin at {expected}, so that the bands meet.")
        expected = band.highest + 1
    if bands and expected != within.highest + 1:
        problem = f"the bands end at {expected - 1}"
        yield Mistake(("bands", len(bands) - 1, "to"), problem, f"Let the last one end at {within.highest}.")
