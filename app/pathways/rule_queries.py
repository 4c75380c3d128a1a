"""A rule of a draft as a form: its lines with their blanks, what can be added, and where an edit has led."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.accounts.roles import Capability, Role, capabilities
from app.clinical.sequencing import arranging, editing, sentences
from app.clinical.sequencing.arranging import Body
from app.clinical.sequencing.blanks import Drawn, Known, Options
from app.clinical.sequencing.editing import CannotEdit, Moves, Node, Place
from app.clinical.sequencing.references import Mistake
from app.clinical.sequencing.sentences import Said
from app.programme.content import Library


@dataclass(frozen=True)
class RuleLine:
    """One line of a rule: its place, its sentence, which ways it can go, and the lines inside it."""

    name: str
    number: str
    called: str
    said: Said
    group: bool
    moves: Moves
    lines: tuple["RuleLine", ...]

    @property
    def blanks(self) -> tuple[Drawn, ...]:
        return tuple(piece for piece in self.said.pieces if isinstance(piece, Drawn))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong in this line, each once."""
        found = [self.said.problem, *(blank.problem for blank in self.blanks)]
        return tuple(dict.fromkeys(one for one in found if one))


@dataclass(frozen=True)
class RuleForm:
    """A rule to be edited: its lines, what can be added and where, and what its fields are called."""

    root: RuleLine
    plain: Node
    kinds: Options
    targets: Options
    shape: str

    @property
    def lines(self) -> tuple[RuleLine, ...]:
        """The lines below the first sentence: of a rule that is one condition, that condition."""
        return self.root.lines if self.root.group else (self.root,)


def known(body: Body, key: str, library: Library) -> Known:
    """What the rules of a step can name: the other steps that are not retired, techniques, and who may act."""
    there = [each for each in arranging.steps(body) if not each.get("retired") and each.get("key") != key]
    return Known(
        step=key,
        title=arranging.title(arranging.step(body, key)),
        steps=tuple((str(each.get("key")), arranging.title(each)) for each in there),
        techniques=tuple((technique, one.title) for technique, one in library.techniques.items()),
        roles=_roles(),
    )


def _roles() -> Options:
    may = [role for role in Role if Capability.TAILOR_PROGRAMME in capabilities(role)]
    words = {Role.PRACTITIONER: "the patient’s practitioner"}
    return tuple((role.value, words.get(role, f"a {role.label.lower()}")) for role in may)


def rule_of(body: Body, key: str, part: str) -> Node:
    """A rule of a step with nothing abbreviated; an empty group where there is none."""
    return editing.whole(arranging.step(body, key).get(part))


def rule_form(rule: Node, part: str, about: Known, now: datetime) -> RuleForm:
    """A rule as lines with blanks, with what is wrong at each."""
    rule = sentences.filled(rule, about, now.date())
    # A step may do without being suggested by a rule; it cannot do without one that opens it.
    unused = part == "relevance" and rule.get("of") == []
    problems = {} if unused else {found.path: _told(found) for found in sentences.mistakes(rule, about, part)}
    root = _line(rule, (), part, about, problems)
    groups = [(place, node) for place, node in editing.lines(rule) if editing.is_group(node)]
    targets = [(editing.written(place, part), _into(rule, place)) for place, _ in groups]
    return RuleForm(
        root=root,
        plain=rule,
        kinds=sentences.kinds(about),
        targets=tuple(targets) or ((part, "the rule"),),
        shape=" ".join(_names(root)),
    )


def _told(found: Mistake) -> str:
    return f"{found.problem}. {found.fix}".strip()


def _into(rule: Node, place: Place) -> str:
    if not place:
        return "the rule"
    return f"the {'list' if sentences.is_list(editing.at(rule, place)) else 'group'} {editing.number(place)}"


def _line(rule: Node, place: Place, part: str, about: Known, problems: Mapping[str, str]) -> RuleLine:
    node = editing.at(rule, place)
    name = editing.written(place, part)
    listed = sentences.is_list(node)
    group = editing.is_group(node) and not (listed and place)
    said = sentences.draw(node, name, about, problems)
    of_group = problems.get(f"{name}.of") or problems.get(f"{name}.kind", "")
    below = range(len(node["of"])) if group else ()
    return RuleLine(
        name=name,
        number=editing.number(place) or "1",
        called=editing.name_of(rule, place) if place else "the rule",
        said=replace(said, problem=said.problem or of_group),
        group=group,
        moves=editing.moves(rule, place),
        lines=tuple(_line(rule, (*place, n), part, about, problems) for n in below),
    )


def _names(line: RuleLine) -> Iterable[str]:
    """Every field of a rule by name: the same names, the same form."""
    for blank in line.blanks:
        yield blank.name
        # What is chosen of several stands in words beside it, so that the line has to be drawn anew.
        yield from (f"={value}" for value in blank.values)
    yield line.name
    for below in line.lines:
        yield from _names(below)


def spoken(rule: Node, did: str, name: str) -> str:
    """What is said after an edit: what was done to which line, and where that is now. Nothing for what is unclear."""
    try:
        place = editing.read_place(name)
        where = editing.said(rule, place)
    except CannotEdit:
        return ""
    if did == "remove":
        return f"Removed. Now at {where}." if place else "Removed. The rule is empty."
    words = {"up": "Moved up", "down": "Moved down", "in": "Moved in", "out": "Moved out", "add": "Added"}
    return f"{words[did]}: {where}." if did in words else ""


def focus(form: RuleForm, did: str, name: str) -> str:
    """The id of what has the focus after an edit: what moved, or the first blank of what was added."""
    lines = {line.name: line for line in _all(form.root)}
    line = lines.get(name)
    if line is None or did not in (*editing.MOVES, "add"):
        return ""
    if did == "add":
        return first_blank(form, name)
    ways = {"up": line.moves.up, "down": line.moves.down, "in": line.moves.inwards, "out": line.moves.out}
    if did == "remove" or not any(ways.values()):
        return f"{name}-remove" if name != form.root.name or not form.root.group else "add"
    return f"{name}-{did if ways[did] else next(way for way, can in ways.items() if can)}"


def _all(line: RuleLine) -> Iterable[RuleLine]:
    yield line
    for below in line.lines:
        yield from _all(below)


def first_blank(form: RuleForm, name: str) -> str:
    """The id of the first field of a line, where somebody goes on writing after adding it."""
    mine = (field for field in form.shape.split() if field.startswith(f"{name}."))
    return next((field for field in mine if not field.startswith(f"{name}.of[")), name)
