"""The five shapes of worksheet, and what makes one sound: a form, a log, a ladder, a weekly plan, a tree."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter, model_validator

from app.clinical import fields, to_diary
from app.clinical.fields import AnyField, Key, Value, Words, mistake
from app.clinical.to_diary import ToDiary

DAY = fields.OneOf(
    key="day",
    type="one-of",
    label="Which day?",
    required=True,
    options=tuple(
        fields.Option(key=name.lower(), label=name)
        for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    ),
)
PART = fields.OneOf(
    key="part",
    type="one-of",
    label="Which part of the day?",
    required=True,
    options=tuple(fields.Option(key=name.lower(), label=name) for name in ("Morning", "Afternoon", "Evening")),
)


class _Sheet(Value):
    key: Key
    title: Words
    purpose: Words
    minutes: Annotated[int, Field(ge=1, le=120)]
    alone: bool = False
    repeat: bool = False
    read_by: Literal["before-session", "not-read"] = "before-session"


class _FieldSheet(_Sheet):
    built_in: ClassVar[tuple[AnyField, ...]] = ()
    fields: Annotated[tuple[AnyField, ...], Field(min_length=1)]
    diary: ToDiary | None = None

    @property
    def entry_fields(self) -> tuple[AnyField, ...]:
        """Every field of one entry, in the order they are asked."""
        return (*self.built_in, *self.fields)

    @model_validator(mode="after")
    def _names_differ(self) -> "_FieldSheet":
        placed = ((("fields", place), field) for place, field in enumerate(self.fields))
        _refuse_repeated_names(placed, {field.key for field in self.built_in})
        return self

    @model_validator(mode="after")
    def _can_be_planned(self) -> "_FieldSheet":
        if self.diary is not None:
            to_diary.check(self.diary, self.entry_fields)
        return self


class Form(_FieldSheet):
    """Filled in once; again only if `repeat`."""

    container: Literal["form"]


class Log(_FieldSheet):
    """Many entries, each dated by when it was saved."""

    container: Literal["log"]


class Ladder(_FieldSheet):
    """Steps ordered by a rating, the lowest first."""

    container: Literal["ladder"]
    order_by: Key

    @model_validator(mode="after")
    def _ordered_by_a_rating(self) -> "Ladder":
        ratings = [f.key for f in self.fields if isinstance(f, fields.Scale | fields.Number)]
        if self.order_by not in ratings:
            choices = ", ".join(ratings) or "add a scale first"
            raise mistake(f'order_by names no scale: "{self.order_by}"', f"Use one of: {choices}.", "order_by")
        return self


class WeeklyPlan(_FieldSheet):
    """Entries with a day of the week and a part of the day before the listed fields."""

    container: Literal["weekly-plan"]
    built_in = (DAY, PART)


class Choice(Value):
    """One answer in a tree: it leads to another question, or ends in an action."""

    label: Words
    to: Key | None = None
    action: Words | None = None

    @model_validator(mode="after")
    def _leads_one_way(self) -> "Choice":
        if (self.to is None) == (self.action is None):
            raise mistake(f'"{self.label}" needs either "to" or "action"', "Give one of the two.")
        return self


class Node(Value):
    key: Key
    question: Words
    options: Annotated[tuple[Choice, ...], Field(min_length=1)]
    field: AnyField | None = None

    def choice(self, posted: str) -> Choice | None:
        """The option posted as its place in the list, counted from 0, or as its label."""
        by_name = {str(place): option for place, option in enumerate(self.options)}
        return by_name.get(posted) or next((o for o in self.options if o.label == posted), None)


class Tree(_Sheet):
    """Questions that lead to an action. Every way through ends: going round is refused."""

    container: Literal["tree"]
    start: Key
    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=60)]

    @property
    def entry_fields(self) -> tuple[AnyField, ...]:
        return tuple(node.field for node in self.nodes if node.field)

    def node(self, key: str) -> Node:
        return next(node for node in self.nodes if node.key == key)

    @model_validator(mode="after")
    def _sound(self) -> "Tree":
        keys = [node.key for node in self.nodes]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise mistake(f'node "{key}" is there twice', "Give one another key.", "nodes", place, "key")
        placed = ((("nodes", i, "field"), node.field) for i, node in enumerate(self.nodes) if node.field)
        _refuse_repeated_names(placed, {*keys, "path", "action"})
        _refuse_unknown_nodes(self, keys)
        reached: set[str] = set()
        _refuse_rounds(self, self.start, (), reached)
        _refuse_unreachable(keys, reached)
        return self


Worksheet = Annotated[Form | Log | Ladder | WeeklyPlan | Tree, Field(discriminator="container")]
WORKSHEET: TypeAdapter[Worksheet] = TypeAdapter(Worksheet)


def _refuse_repeated_names(placed: Iterable[tuple[tuple[str | int, ...], AnyField]], taken: set[str]) -> None:
    for at, field in placed:
        for name in fields.posted_names(field):
            if name in taken:
                raise mistake(f'the name "{name}" is taken', "Give this field another key.", *at, "key")
            taken.add(name)


def _refuse_unknown_nodes(tree: Tree, keys: list[str]) -> None:
    if tree.start not in keys:
        raise mistake(f'there is no node "{tree.start}"', f"Start at one of: {', '.join(keys)}.", "start")
    for place, node in enumerate(tree.nodes):
        for number, option in enumerate(node.options):
            if option.to is not None and option.to not in keys:
                at = ("nodes", place, "options", number, "to")
                raise mistake(f'there is no node "{option.to}"', f"Use one of: {', '.join(keys)}.", *at)


def _refuse_rounds(tree: Tree, key: str, above: tuple[str, ...], ended: set[str]) -> None:
    if key in above:
        round_trip = " to ".join((*above[above.index(key) :], key))
        raise mistake(f"the questions go round: {round_trip}", "Let one of them end in an action.", "nodes")
    if key in ended:
        return
    for option in tree.node(key).options:
        if option.to is not None:
            _refuse_rounds(tree, option.to, (*above, key), ended)
    ended.add(key)


def _refuse_unreachable(keys: list[str], reached: set[str]) -> None:
    for place, key in enumerate(keys):
        if key not in reached:
            fix = 'Lead to it with "to", or take it out.'
            raise mistake(f'nothing leads to the node "{key}"', fix, "nodes", place, "key")
