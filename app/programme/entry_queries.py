"""What one patient wrote on a worksheet, as a form to fill in and as lines to read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID, uuid4

from pydantic import JsonValue

from app.accounts.queries import Patient
from app.clinical import to_diary, worksheets
from app.clinical.containers import DAY, PART, Form, Node, Tree, WeeklyPlan, Worksheet
from app.clinical.modules import Module
from app.kit.drafts import Kept
from app.programme import answers
from app.programme.answers import Comment, Entry

Typed = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class EntryForm:
    """One entry of a worksheet, ready to be filled in.

    `typed` is what was sent, mistakes and all, where that is not what is saved; `newer` is what was saved elsewhere
    since; `suggested` are the fields filled in from earlier answers, and `earlier` the answers to choose from.
    """

    worksheet: Worksheet
    entry_id: UUID
    base: int
    values: Mapping[str, JsonValue]
    typed: Typed = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    suggested: frozenset[str] = frozenset()
    earlier: Mapping[str, list[str]] = field(default_factory=dict)
    saved_at: datetime | None = None
    draft_at: datetime | None = None
    newer: tuple[tuple[str, str], ...] = ()
    newer_at: datetime | None = None
    comments: tuple[Comment, ...] = ()

    def is_blank(self, key: str) -> bool:
        """Whether a field is shown as it is for everybody: nothing answered, sent, wrong or to choose from."""
        answered = self.values.get(key) is not None
        return not (self.typed or answered or key in self.problems or self.earlier.get(key))

    @property
    def questions(self) -> tuple[Node, ...]:
        """Of a tree, the questions on the way so far and the one that comes next."""
        return way_through(self.worksheet, self.typed) if isinstance(self.worksheet, Tree) else ()

    @property
    def is_told(self) -> bool:
        """Whether it is read rather than filled in: a tree that was followed to its end."""
        return isinstance(self.worksheet, Tree) and self.saved_at is not None and not self.typed

    @property
    def plan(self) -> Mapping[str, str]:
        """What is saved, for the diary."""
        return plan_of(self.worksheet, self.entry_id, self.values) if self.saved_at else {}

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What is saved, in words."""
        return worksheets.in_words(self.worksheet, self.values)


def to_change(form: EntryForm) -> EntryForm:
    """A form to change its answers in: of a tree that was followed to its end, the way that was taken."""
    sheet, path = form.worksheet, form.values.get("path")
    if not (form.is_told and isinstance(sheet, Tree) and isinstance(path, list)):
        return form
    taken = {str(one["node"]): one["choice"] for one in path if isinstance(one, dict)}
    way = {
        node.key: str(place)
        for node in sheet.nodes
        for place, choice in enumerate(node.options)
        if choice.label == taken.get(node.key)
    }
    return replace(form, typed=way | {key: str(value) for key, value in form.values.items() if key != "path"})


def way_through(tree: Tree, typed: Typed) -> tuple[Node, ...]:
    """The questions of a tree that follow from the answers given, with the first that has none."""
    way = [tree.node(tree.start)]
    while (choice := way[-1].choice(str(typed.get(way[-1].key, "")))) is not None and choice.to is not None:
        way.append(tree.node(choice.to))
    return tuple(way)


@dataclass(frozen=True)
class EntryLine:
    """One entry in the list under its worksheet; `line` tells it from the others where nothing in it is `told`."""

    id: UUID
    line: str
    told: tuple[tuple[str, str], ...]
    saved_at: datetime
    first_at: datetime
    comments: tuple[Comment, ...]
    answer_id: UUID
    version: int = 1
    worksheet: str = ""
    when: str = ""
    plan: Mapping[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The first answer, which names the entry."""
        return self.told[0][1] if self.told else self.line


@dataclass(frozen=True)
class EntryGroup:
    """Entries that stand together, such as those of one day of a plan."""

    heading: str
    lines: list[EntryLine]


# Asked after the last page of every step, so that the session can begin with what was not clear.
UNDERSTANDING = Form.model_validate(
    {
        "key": "understanding",
        "title": "Before you finish",
        "purpose": "Your practitioner uses this to start your next session in the right place.",
        "container": "form",
        "minutes": 2,
        "fields": [
            {
                "key": "made-sense",
                "type": "one-of",
                "label": "Did this step make sense?",
                "options": [
                    {"key": "yes", "label": "Yes"},
                    {"key": "mostly", "label": "Mostly"},
                    {"key": "not-yet", "label": "Not yet"},
                ],
            },
            {
                "key": "useful",
                "type": "scale-0-10",
                "label": "How useful was it for you?",
                "low": "not at all",
                "high": "very useful",
            },
            {
                "key": "unclear",
                "type": "long-text",
                "label": "What would you like to ask about?",
                "max_length": 2000,
            },
        ],
    }
)


def worksheet_of(module: Module, key: str) -> Worksheet | None:
    """A worksheet of the module, or the check that ends every step."""
    if key == UNDERSTANDING.key:
        return UNDERSTANDING
    return module.worksheet(key) if module.has_worksheet(key) else None


def entry_form(
    patient: Patient,
    module: Module,
    worksheet: Worksheet,
    given: list[Entry],
    kept: Mapping[str, Kept],
    *,
    entry_id: UUID | None = None,
) -> EntryForm:
    """The form of one entry: the draft if there is one, else what was saved, else what earlier answers suggest."""
    mine = answers.of_worksheet(given, module, worksheet)
    if entry_id is None:
        entry_id = _entry_to_show(patient, module, worksheet, mine, kept)
    saved = next((one for one in mine if one.id == entry_id), None)
    form = EntryForm(worksheet, entry_id, 0, {}, earlier=answers.to_choose_from(module, worksheet, given))
    if saved is not None:
        form = replace(form, base=saved.version, values=saved.values, saved_at=saved.saved_at, comments=saved.comments)
    elif not mine:
        values = answers.suggestions(module, worksheet, given)
        form = replace(form, values=values, suggested=frozenset(values))
    draft = kept.get(answers.draft_name(module, worksheet, entry_id))
    return _with_draft(form, draft) if draft else form


def _entry_to_show(
    patient: Patient, module: Module, worksheet: Worksheet, mine: list[Entry], kept: Mapping[str, Kept]
) -> UUID:
    """Which entry a page has open: one begun and not saved, else a form's newest, else a new one."""
    begun = new_draft(module, worksheet, mine, kept)
    if begun is not None:
        return begun
    if answers.has_one_entry(worksheet):
        return mine[-1].id if mine else answers.only_entry(patient, module.key, worksheet.key)
    return uuid4()


def new_draft(module: Module, worksheet: Worksheet, mine: Iterable[Entry], kept: Mapping[str, Kept]) -> UUID | None:
    """The entry of the newest draft that has never been saved."""
    saved = {one.id for one in mine}
    start = answers.drafts_of(module, worksheet)
    found = {UUID(draft.values["entry_id"]): draft.saved_at for name, draft in kept.items() if name.startswith(start)}
    return max((one for one in found if one not in saved), key=found.__getitem__, default=None)


def _with_draft(form: EntryForm, draft: Kept) -> EntryForm:
    typed = replace(form, typed=draft.values["typed"], draft_at=draft.saved_at, suggested=frozenset())
    return in_conflict(typed, draft.base) if draft.base < form.base else typed


def in_conflict(form: EntryForm, base: int) -> EntryForm:
    """A form begun from an older version than what is saved: both are shown, and the next save replaces the newer."""
    return replace(form, newer=form.told, newer_at=form.saved_at) if base < form.base else form


def groups(module: Module, worksheet: Worksheet, given: list[Entry]) -> list[EntryGroup]:
    """A worksheet's entries for reading: a plan's under their days, others together."""
    found = lines(module, worksheet, given)
    if not isinstance(worksheet, WeeklyPlan):
        return [EntryGroup("", found)] if found else []
    return [
        EntryGroup(day, [_in_its_day(one) for one in several])
        for day, several in groupby(found, key=lambda one: dict(one.told).get(DAY.label, ""))
    ]


def _in_its_day(one: EntryLine) -> EntryLine:
    told = dict(one.told)
    rest = tuple(pair for pair in one.told if pair[0] not in (DAY.label, PART.label))
    return replace(one, told=rest, when=told.get(PART.label, ""))


def lines(module: Module, worksheet: Worksheet, given: list[Entry]) -> list[EntryLine]:
    """A worksheet's entries for reading, in its own order."""
    return [line(worksheet, entry) for entry in answers.of_worksheet(given, module, worksheet)]


def line(worksheet: Worksheet, entry: Entry) -> EntryLine:
    told = worksheets.in_words(worksheet, entry.values)
    return EntryLine(
        id=entry.id,
        line="" if told else worksheets.summary_line(worksheet, entry.values),
        told=told,
        saved_at=entry.saved_at,
        first_at=entry.first_at,
        comments=entry.comments,
        answer_id=entry.answer_id,
        version=entry.version,
        worksheet=worksheet.key,
        plan=plan_of(worksheet, entry.id, entry.values),
    )


def plan_of(worksheet: Worksheet, entry_id: UUID, values: Mapping[str, JsonValue]) -> dict[str, str]:
    """What the diary's form is to begin with; empty where the worksheet is no plan."""
    if isinstance(worksheet, Tree) or worksheet.diary is None:
        return {}
    given = to_diary.plan_of(worksheet.diary, worksheet.entry_fields, dict(values))
    return given | {"source": "worksheet", "source_id": str(entry_id)}


def filled_in(module: Module, given: list[Entry]) -> list[Worksheet]:
    """The worksheets of a module on which something is written, in its order."""
    return [sheet for sheet in module.worksheets if answers.of_worksheet(given, module, sheet)]
