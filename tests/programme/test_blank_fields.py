"""A field that nothing stands in is drawn once for everybody, and comes out as if it were drawn for each."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.clinical.containers import Worksheet
from app.clinical.fields import AnyField
from app.kit.render import part
from app.programme.entry_queries import UNDERSTANDING, EntryForm

PREFIX = "sheet-one-"


@pytest.fixture
def sheets(library) -> list[Worksheet]:
    return [UNDERSTANDING, *(sheet for module in library.modules.values() for sheet in module.worksheets)]


def drawn(form: EntryForm, asked: AnyField) -> str:
    return part("programme/worksheet.html", "one_field", form, asked, PREFIX)


def for_each(form: EntryForm, asked: AnyField) -> str:
    """The field as it is drawn for a single form."""
    given = {
        "value": form.values.get(asked.key, ""),
        "error": form.problems.get(asked.key, ""),
        "posted": form.typed or None,
        "earlier": form.earlier.get(asked.key, ()),
    }
    return part("components/fields.html", "field", asked, prefix=PREFIX, note="", **given)


def in_every_state(sheet: Worksheet, asked: AnyField) -> list[EntryForm]:
    blank = EntryForm(sheet, uuid4(), 0, {})
    return [
        blank,
        replace(blank, values={asked.key: None}),
        replace(blank, values={asked.key: ""}),
        replace(blank, values={asked.key: "7"}),
        replace(blank, values={"another": "7"}),
        replace(blank, problems={asked.key: "Write something"}),
        replace(blank, typed={asked.key: "8"}),
        replace(blank, typed={"another": "8"}),
        replace(blank, earlier={asked.key: []}),
        replace(blank, earlier={asked.key: ["What they wrote before"]}),
        blank,
    ]


def test_every_field_is_the_same_whether_it_was_kept_or_drawn(sheets):
    for sheet in sheets:
        for asked in sheet.entry_fields:
            for form in in_every_state(sheet, asked):
                assert drawn(form, asked) == for_each(form, asked), (sheet.key, asked.key)
