"""The shape of a rule: its parts and their paths, what it names, and what could change its answer."""

from collections.abc import Iterator

from app.clinical.sequencing.rules import (
    AllOf,
    AnyOf,
    AppointmentAttended,
    Condition,
    CountOf,
    EntriesLogged,
    GoalRecorded,
    Group,
    MeasureChange,
    MeasureCompleted,
    MeasureScore,
    NotBefore,
    PatientChose,
    ProblemRecorded,
    ReleasedBy,
    Rule,
    StaffAct,
    StepCompleted,
    StepSatisfied,
    StepStarted,
    TechniquePractised,
    TimeSince,
    WorkReviewed,
)

MAX_DEPTH = 4
MAX_NODES = 64

Topic = tuple[str, str]


def children(rule: Rule) -> tuple[Rule, ...]:
    """The rules directly inside a group; none for a condition."""
    return rule.of if isinstance(rule, Group) else ()


def walk(rule: Rule, path: str = "unlock") -> Iterator[tuple[str, Rule]]:
    """Every node with its path, such as `unlock.of[1].of[0]`, parents before children."""
    yield path, rule
    for place, child in enumerate(children(rule)):
        yield from walk(child, f"{path}.of[{place}]")


def atoms(rule: Rule) -> tuple[Condition, ...]:
    """The conditions of a rule, in the order written."""
    return tuple(node for _, node in walk(rule) if not isinstance(node, Group))


def depth(rule: Rule) -> int:
    """How many levels a rule has; a condition by itself has one."""
    return 1 + max((depth(child) for child in children(rule)), default=0)


def size(rule: Rule) -> int:
    """How many nodes a rule has, groups and conditions together."""
    return 1 + sum(size(child) for child in children(rule))


def grows(rule: Rule) -> bool:
    """Whether, once true, it stays true as facts are added and nothing is corrected."""
    if isinstance(rule, AllOf | AnyOf | CountOf):
        return all(grows(child) for child in rule.of)
    if isinstance(rule, EntriesLogged | MeasureCompleted):
        return rule.within_days is None
    return not isinstance(rule, MeasureScore | MeasureChange | ProblemRecorded | GoalRecorded)


def met_by(rule: Rule, kinds: tuple[type[Condition], ...]) -> bool:
    """Whether it is sure to be true once every condition of these kinds is, whatever else may be."""
    if isinstance(rule, AnyOf):
        return any(met_by(child, kinds) for child in rule.of)
    if isinstance(rule, CountOf) and rule.counting == "satisfied":
        return sum(met_by(child, kinds) for child in rule.of) >= rule.k
    # Of those that count what is done a waived one leaves, and any that stay may be the ones that are needed.
    if isinstance(rule, AllOf | CountOf):
        return all(met_by(child, kinds) for child in rule.of)
    return isinstance(rule, kinds)


def is_timed(atom: Condition) -> bool:
    """Whether a condition can become true by time passing."""
    if isinstance(atom, StaffAct):
        return atom.then == "open"
    return isinstance(atom, TimeSince | NotBefore)


def steps_named(rule: Rule) -> Iterator[tuple[str, str, bool]]:
    """Each step a rule refers to: the path of the reference, the key, and whether a step may name itself there."""
    for path, node in walk(rule, ""):
        at = f"{path}." if path else ""
        if isinstance(node, TimeSince):
            for below, key, itself in steps_named_by(node.anchor):
                yield f"{at}anchor.{below}", key, itself
        for below, key, itself in steps_named_by(node):
            yield f"{at}{below}", key, itself


def steps_named_by(node: object) -> Iterator[tuple[str, str, bool]]:
    """The references of one condition, as `steps_named` gives them."""
    if isinstance(node, StepSatisfied | StepCompleted | StepStarted | WorkReviewed):
        yield "step", node.step, False
    elif isinstance(node, PatientChose):
        yield "step", node.step, True
    elif isinstance(node, AppointmentAttended) and node.after is not None:
        yield "after", node.after, False


def topics(rule: Rule, step: str) -> frozenset[Topic]:
    """What a fact must be about to change the answer of the rule of `step`."""
    found: set[Topic] = set()
    for atom in atoms(rule):
        found.update(_topics_of(atom, step))
    # A wait on staff may begin when the patient asks, so asking is worth another look.
    if any(isinstance(atom, StaffAct) for atom in atoms(rule)):
        found.add(("step", step))
    return frozenset(found)


def _topics_of(atom: object, step: str) -> Iterator[Topic]:
    match atom:
        case TimeSince():
            yield ("time", "")
            yield from _topics_of(atom.anchor, step)
        case NotBefore():
            yield ("time", "")
        case TechniquePractised():
            yield ("technique", atom.technique)
        case EntriesLogged():
            yield ("entries", atom.entry)
        case MeasureCompleted() | MeasureScore() | MeasureChange():
            yield ("measure", atom.measure)
        case ProblemRecorded():
            yield ("problem", "")
        case GoalRecorded():
            yield ("goal", "")
        case ReleasedBy():
            yield ("step", step)
        case AppointmentAttended():
            yield ("appointment", "")
    yield from (("step", key) for _, key, _ in steps_named_by(atom))
