"""A pathway as a drawing: steps as boxes in layers, arrows by what each needs, other conditions in words.

Words stand in boxes only and lines run between boxes only, so that no line ever crosses a word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.clinical.sequencing import rules
from app.clinical.sequencing.pathway import Pathway, Step
from app.clinical.sequencing.rule_words import in_words
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.structure import steps_named
from app.clinical.sequencing.wording import sentence

WIDE, NARROW = 1216, 358
MOST_COLUMNS = 5
_GAP, _ROW, _PAD, _TRACK = 84, 20, 10, 9
_TITLE_LINE, _LINE, _LETTER = 19, 17, 7.1


@dataclass(frozen=True, slots=True)
class Box:
    """A step: its frame in pixels, and each line of words with the height it stands at."""

    key: str
    x: float
    y: float
    width: float
    height: float
    title: tuple[tuple[float, str], ...]
    words: tuple[tuple[float, str], ...]
    core: bool

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a step to one that needs it, as the corners of its line."""

    start: str
    end: str
    corners: tuple[tuple[float, float], ...]

    @property
    def points(self) -> str:
        return " ".join(f"{x:g},{y:g}" for x, y in self.corners)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything of a drawing, in pixels from its top left corner."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A step as the list beside the drawing tells it: in which layer, when it opens, and what waits for it."""

    key: str
    title: str
    core: bool
    layer: int
    opens: str
    needed_by: tuple[str, ...]


def draw(pathway: Pathway, width: int = WIDE) -> Drawing:
    """The drawing at a width: layers as columns where there is room for them, else one under another."""
    found = layers(pathway)
    columns = [[step for step in _steps(pathway) if found[step.key] == n] for n in range(max(found.values()) + 1)]
    if width < WIDE or len(columns) > MOST_COLUMNS:
        return _stacked(pathway, [step for column in columns for step in column], width)
    return _in_columns(pathway, columns, width)


def told(pathway: Pathway) -> tuple[Told, ...]:
    """The same in words, in the order of the layers."""
    found = layers(pathway)
    titles = {step.key: step.title for step in pathway.steps}
    return tuple(
        Told(
            key=step.key,
            title=step.title,
            core=step.core,
            layer=found[step.key] + 1,
            opens=sentence(in_words(step.unlock, titles, named=True)),
            needed_by=tuple(other.title for other in _steps(pathway) if step.key in needs(other)),
        )
        for step in sorted(_steps(pathway), key=lambda each: found[each.key])
    )


def needs(step: Step) -> tuple[str, ...]:
    """The steps its rule names, each once."""
    return tuple(dict.fromkeys(key for _, key, _ in steps_named(step.unlock) if key != step.key))


def layers(pathway: Pathway) -> dict[str, int]:
    """For each step the number of steps that come before it at the least, by the rules that name steps.

    The latest over All, the earliest over Any, the k-th over CountOf. What can be had without any step does not
    bring a step forward: a release would put nearly every step first. Steps that wait on each other come last.
    """
    found: dict[str, int] = {}
    steps = {step.key: step for step in _steps(pathway)}
    for _ in steps:
        fresh = {key: layer for key, step in steps.items() if (layer := _layer(step.unlock, found)) is not None}
        if fresh == found:
            break
        found = fresh
    last = max(found.values(), default=-1) + 1
    return {key: found.get(key, last) for key in steps}


def _layer(rule: Rule, found: Mapping[str, int]) -> int | None:
    """The layer a rule allows, None while what it needs has none."""
    if not any(True for _ in steps_named(rule)):
        return 0
    match rule:
        case rules.AllOf():
            below = [_layer(child, found) for child in rule.of]
            known = [layer for layer in below if layer is not None]
            return max(known) if len(known) == len(below) else None
        case rules.AnyOf() | rules.CountOf():
            naming = [child for child in rule.of if any(True for _ in steps_named(child))]
            known = sorted(layer for child in naming if (layer := _layer(child, found)) is not None)
            free = len(rule.of) - len(naming) if isinstance(rule, rules.CountOf) else 0
            k = max(1, rule.k - free) if isinstance(rule, rules.CountOf) else 1
            return known[k - 1] if len(known) >= k else None
    keys = [key for _, key, itself in steps_named(rule) if not itself]
    if any(key not in found for key in keys):
        return None
    return max((found[key] + 1 for key in keys), default=0)


def _steps(pathway: Pathway) -> list[Step]:
    return [step for step in pathway.steps if not step.retired]


def _box(step: Step, titles: Mapping[str, str], x: float, y: float, width: float) -> Box:
    title = _wrapped(step.title, int((width - 2 * _PAD) / (_LETTER * 1.1)))
    words = _wrapped(sentence(in_words(step.unlock, titles, named=False)), int((width - 2 * _PAD) / _LETTER))
    first = y + _PAD + 12
    below = first + _TITLE_LINE * len(title)
    return Box(
        key=step.key,
        x=x,
        y=y,
        width=width,
        height=2 * _PAD + _TITLE_LINE * len(title) + _LINE * len(words),
        title=tuple((first + _TITLE_LINE * n, line) for n, line in enumerate(title)),
        words=tuple((below + _LINE * n, line) for n, line in enumerate(words)),
        core=step.core,
    )


def _wrapped(words: str, letters: int) -> list[str]:
    lines = [""]
    for word in words.split():
        fits = not lines[-1] or len(lines[-1]) + 1 + len(word) <= letters
        lines[-1:] = [f"{lines[-1]} {word}".strip()] if fits else [lines[-1], word]
    return lines


def _arrows_of(pathway: Pathway) -> Iterator[tuple[str, str]]:
    there = {step.key for step in _steps(pathway)}
    for step in _steps(pathway):
        yield from ((key, step.key) for key in needs(step) if key in there)


def _in_columns(pathway: Pathway, columns: Sequence[Sequence[Step]], width: int) -> Drawing:
    """Layers from left to right. An arrow to the next layer runs in the gap, any other over the top in its own lane."""
    titles = {step.key: step.title for step in pathway.steps}
    wide = min(300.0, (width - _GAP * len(columns)) / len(columns))
    column_of = {step.key: n for n, column in enumerate(columns) for step in column}
    pairs = list(_arrows_of(pathway))
    over = list(dict.fromkeys(start for start, end in pairs if column_of[end] != column_of[start] + 1))
    top = _PAD + 12 * len(over)
    boxes: dict[str, Box] = {}
    for n, column in enumerate(columns):
        y = float(top)
        for step in column:
            boxes[step.key] = _box(step, titles, _GAP / 2 + n * (wide + _GAP), y, wide)
            y += boxes[step.key].height + _ROW
    tracks = _tracks(pairs, column_of)
    arrows = tuple(
        _over(boxes[start], boxes[end], _PAD + 12 * over.index(start), tracks[start])
        if column_of[end] != column_of[start] + 1
        else _across(boxes[start], boxes[end], tracks[start])
        for start, end in pairs
    )
    bottom = max(box.y + box.height for box in boxes.values())
    return Drawing(len(columns) * (wide + _GAP), bottom + _PAD, tuple(boxes.values()), arrows)


def _tracks(pairs: Sequence[tuple[str, str]], column_of: Mapping[str, int]) -> dict[str, float]:
    """How far into the gap behind its column each step's own upright line stands."""
    found: dict[str, float] = {}
    for column in set(column_of.values()):
        starts = [key for key in dict.fromkeys(start for start, _ in pairs) if column_of[key] == column]
        room = min(_TRACK, (_GAP / 2 - 10) / max(1, len(starts)))
        found |= {key: 6 + room * n for n, key in enumerate(starts)}
    return found


def _across(start: Box, end: Box, track: float) -> Arrow:
    x = start.x + start.width + track
    there = ((x, end.middle), (end.x, end.middle))
    return Arrow(start.key, end.key, ((start.x + start.width, start.middle), (x, start.middle), *there))


def _over(start: Box, end: Box, lane: float, track: float) -> Arrow:
    out, into = start.x + start.width + track, end.x - 16 - track / 4
    at = end.y + end.height / 3
    here = (start.x + start.width, start.y + start.height / 3)
    return Arrow(start.key, end.key, (here, (out, here[1]), (out, lane), (into, lane), (into, at), (end.x, at)))


def _stacked(pathway: Pathway, steps: Sequence[Step], width: int) -> Drawing:
    """One step under another, each with its own upright line in the margin to those that need it."""
    titles = {step.key: step.title for step in pathway.steps}
    pairs = list(_arrows_of(pathway))
    starts = list(dict.fromkeys(start for start, _ in pairs))
    room = min(_TRACK, 96 / max(1, len(starts)))
    margin = 24 + room * len(starts)
    boxes: dict[str, Box] = {}
    y = float(_PAD)
    for step in steps:
        boxes[step.key] = _box(step, titles, margin, y, min(width - margin - 2, 640))
        y += boxes[step.key].height + _ROW
    arrows = []
    for start, end in pairs:
        x = margin - 18 - room * starts.index(start)
        here, there = boxes[start], boxes[end]
        leaves, arrives = here.y + here.height * 2 / 3, there.y + there.height / 3
        arrows.append(Arrow(start, end, ((margin, leaves), (x, leaves), (x, arrives), (margin, arrives))))
    return Drawing(width, y - _ROW + _PAD, tuple(boxes.values()), tuple(arrows))
