"""A worksheet says which of its answers make a plan, and what cannot make one is refused by name."""

import pytest
from pydantic import ValidationError

from app.clinical.containers import WORKSHEET
from app.clinical.to_diary import plan_of

FIELDS = [
    {"key": "what", "type": "short-text", "label": "What?"},
    {
        "key": "where",
        "type": "one-of",
        "label": "Where?",
        "options": [{"key": "out", "label": "Outside"}, {"key": "in", "label": "Indoors"}],
    },
    {
        "key": "kind",
        "type": "one-of",
        "label": "Kind?",
        "options": [{"key": "routine", "label": "Routine"}, {"key": "necessary", "label": "Has to be done"}],
    },
    {"key": "joy", "type": "scale-0-10", "label": "Joy?", "low": "none", "high": "much"},
    {"key": "hundred", "type": "scale-0-100", "label": "Sure?", "low": "not", "high": "very"},
    {"key": "on", "type": "date", "label": "Which day?"},
    {"key": "when", "type": "time", "label": "When?"},
    {"key": "long", "type": "duration", "label": "How long?"},
]


def sheet(diary, container="form"):
    about = {"key": "sheet", "title": "Sheet", "purpose": "To try.", "minutes": 5, "container": container}
    return WORKSHEET.validate_python({**about, "fields": FIELDS, "diary": diary})


def plan(diary, values, container="form"):
    made = sheet(diary, container)
    return plan_of(made.diary, made.entry_fields, values)


def test_each_answer_comes_to_its_part_of_the_plan():
    diary = {
        "title": "what", "place": "where", "category": "kind", "expected_pleasure": "joy", "on": "on", "at": "when",
        "minutes": "long",
    }  # fmt: skip
    values = {"what": "Walk", "where": "out", "kind": "necessary", "joy": 0, "on": "2026-03-05", "when": "18:30"}

    assert plan(diary, values | {"long": 20}) == {
        "kind": "activity", "title": "Walk", "place": "Outside", "category": "necessary", "expected_pleasure": "0",
        "on": "2026-03-05", "at": "18:30", "minutes": "20",
    }  # fmt: skip


def test_what_was_not_answered_is_left_out():
    assert plan({"title": "what", "place": "where"}, {"what": "Walk", "where": ""}) == {
        "kind": "activity",
        "title": "Walk",
    }


def test_a_weekly_plan_knows_its_day():
    assert plan({"title": "what", "weekday": "day"}, {"what": "Walk", "day": "friday"}, "weekly-plan") == {
        "kind": "activity",
        "title": "Walk",
        "weekday": "friday",
    }


def test_every_entry_can_have_the_same_words():
    assert plan({"kind": "review", "words": "Look at my plan"}, {}) == {"kind": "review", "title": "Look at my plan"}


@pytest.mark.parametrize(
    ("diary", "fault"),
    [
        ({"place": "where"}, "a plan needs a title"),
        ({"title": "what", "words": "Walk"}, "a plan needs a title"),
        ({"title": "whta"}, 'there is no field "whta"'),
        ({"title": "joy"}, '"joy" cannot say the title'),
        ({"title": "what", "category": "where"}, '"where" cannot say the kind of activity'),
        ({"title": "what", "weekday": "kind"}, '"kind" cannot say the day of the week'),
        ({"title": "what", "expected_pleasure": "hundred"}, '"hundred" cannot say the pleasure expected'),
        ({"title": "what", "at": "long"}, '"long" cannot say the time of day'),
        ({"title": "what", "minutes": "when"}, '"when" cannot say the length'),
        ({"title": "what", "on": "when"}, '"when" cannot say the day'),
    ],
)
def test_what_cannot_make_a_plan_is_refused(diary, fault):
    with pytest.raises(ValidationError, match=fault):
        sheet(diary)
