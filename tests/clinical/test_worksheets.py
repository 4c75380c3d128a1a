"""What a person writes in a worksheet is kept as they meant it, or they are told plainly what to change."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.clinical import worksheets
from app.clinical.worksheets import WORKSHEET
from tests.letters import LETTERS


def sheet(*fields, container="form", **more):
    about = {"key": "sheet", "title": "Sheet", "purpose": "To try.", "minutes": 5, "container": container}
    return WORKSHEET.validate_python({**about, **({"fields": fields} if fields else {}), **more})


def field(type, label="What did you do?", **more):
    return {"key": "it", "type": type, "label": label, **more}


SCALE = {"low": "not at all", "high": "very much"}
OPTIONS = [{"key": "tea", "label": "Tea"}, {"key": "coffee", "label": "Coffee"}, {"key": "no", "label": "No drink"}]
EVERY_FIELD = [
    {"key": "short", "type": "short-text", "label": "Short"},
    {"key": "long", "type": "long-text", "label": "Long"},
    {"key": "number", "type": "number", "label": "Number", "min": 1, "max": 9, "unit": "cups"},
    {"key": "eight", "type": "scale-0-8", "label": "Eight", **SCALE},
    {"key": "ten", "type": "scale-0-10", "label": "Ten", **SCALE},
    {"key": "hundred", "type": "scale-0-100", "label": "Hundred", **SCALE},
    {"key": "one", "type": "one-of", "label": "One", "options": OPTIONS},
    {"key": "many", "type": "many-of", "label": "Many", "options": OPTIONS},
    {"key": "day", "type": "date", "label": "Day"},
    {"key": "time", "type": "time", "label": "Time"},
    {"key": "length", "type": "duration", "label": "Length"},
    {"key": "who", "type": "person", "label": "Who"},
    {"key": "tag", "type": "tag", "label": "Tag", "options": OPTIONS},
    {"key": "lines", "type": "list", "label": "Lines"},
    {"key": "link", "type": "link", "label": "Link", "to": "other.field"},
]
EVERY = sheet(*EVERY_FIELD)
TREE = {
    "start": "can-act",
    "nodes": [
        {
            "key": "can-act",
            "question": "Can you do something about it?",
            "options": [{"label": "Yes", "to": "now"}, {"label": "No", "action": "Let it go by for now."}],
            "field": {"key": "worry", "type": "short-text", "label": "What is the worry?", "required": True},
        },
        {
            "key": "now",
            "question": "Can you do it now?",
            "options": [{"label": "Yes", "action": "Do it."}, {"label": "Later", "action": "Plan when."}],
        },
    ],
}


def only(worksheet, posted):
    values, problems = worksheets.read(worksheet, posted)
    assert problems == {}
    return values["it"]


def problem(worksheet, posted):
    values, problems = worksheets.read(worksheet, posted)
    assert "it" not in values
    return problems["it"]


@pytest.mark.parametrize(
    ("asked", "posted", "kept"),
    [
        (field("short-text"), "  Walked \r\n home ", "Walked home"),
        (field("long-text"), "One.\r\n\r\nTwo.", "One.\n\nTwo."),
        (field("long-text"), "A\x00b\ud800c", "Abc"),
        (field("number"), "3", 3),
        (field("number"), "−2.50", -2.5),
        (field("number"), "1,200", 1200),
        (field("number", unit="cups"), "3 cups", 3),
        (field("number", unit="£"), "£12.50", 12.5),
        (field("scale-0-8", **SCALE), "8", 8),
        (field("scale-0-10", **SCALE), "0", 0),
        (field("one-of", options=OPTIONS), "tea", "tea"),
        (field("many-of", options=OPTIONS), ["no", "tea", "tea"], ["tea", "no"]),
        (field("time"), "18:30", "18:30"),
        (field("time"), "9.30pm", "21:30"),
        (field("time"), "12:00 am", "00:00"),
        (field("time"), "9am", "09:00"),
        (field("duration"), "45", 45),
        (field("duration"), "1 hour 20 minutes", 80),
        (field("duration"), "2h", 120),
        (field("person"), "Gran", "Gran"),
        (field("tag", options=OPTIONS), "my own", "my own"),
        (field("list"), ["one", " ", "two"], ["one", "two"]),
        (field("list"), "one\r\n\r\n two ", ["one", "two"]),
        (field("link", to="other.field"), "Rang the pool", "Rang the pool"),
        (field("date"), "2026-11-12", "2026-11-12"),
    ],
)
def test_an_answer_is_kept_as_it_was_meant(asked, posted, kept):
    assert only(sheet(asked), {"it": posted}) == kept


@pytest.mark.parametrize("month", ["3", "03", "March", "mar"])
def test_a_date_may_come_in_three_parts(month):
    posted = {"it-day": "27", "it-month": month, "it-year": "2026"}

    assert only(sheet(field("date")), posted) == "2026-03-27"


@pytest.mark.parametrize(
    ("asked", "posted", "sentence"),
    [
        (field("short-text", required=True), "  ", "Write an answer to “What did you do?”."),
        (field("one-of", required=True, options=OPTIONS), "", "Choose an answer to “What did you do?”."),
        (field("date", label="When:", required=True), "", "Give a date for “When”."),
        (field("time", label="When", required=True), "", "Give a time for “When”."),
        (
            field("short-text", max_length=5),
            "Walked",
            "Shorten your answer to “What did you do?” by 1 character. There is room for 5.",
        ),
        (
            field("long-text", max_length=5),
            "Walked on",
            "Shorten your answer to “What did you do?” by 4 characters. There is room for 5.",
        ),
        (
            field("list", label="Who", max_length=3),
            ["Mum", "Grandad"],
            "Shorten “Grandad…” by 4 characters. A line of “Who” has room for 3.",
        ),
        (
            field("list", label="Who"),
            "a\n" * 53,
            "Take 3 off your list for “Who”. There is room for 50 lines.",
        ),
        (field("number"), "three", "Answer “What did you do?” with a number, such as 3."),
        (field("number"), "9" * 5000, "Answer “What did you do?” with a number, such as 3."),
        (field("number"), "nan", "Answer “What did you do?” with a number, such as 3."),
        (field("number", label="Cups", min=1, max=9), "12", "The number for “Cups” must be from 1 to 9."),
        (field("number", label="Cups", min=1), "0", "The number for “Cups” must be 1 or more."),
        (field("number", label="Cups", max=9.5), "10", "The number for “Cups” must be 9.5 or less."),
        (field("scale-0-8", label="Fear", **SCALE), "9", "Choose a whole number from 0 to 8 for “Fear”."),
        (field("scale-0-100", label="Fear", **SCALE), "5.5", "Choose a whole number from 0 to 100 for “Fear”."),
        (field("one-of", options=OPTIONS), "gin", "Choose one of the answers shown for “What did you do?”."),
        (field("many-of", options=OPTIONS), ["tea", "gin"], "Choose one of the answers shown for “What did you do?”."),
        (field("time", label="When"), "9", "Answer “When” with a time, such as 9:30am or 18:30."),
        (field("time", label="When"), "25:00", "Answer “When” with a time, such as 9:30am or 18:30."),
        (field("duration", label="How long?"), "ages", "Answer “How long?” in minutes, such as 20."),
        (
            field("duration", label="Rest"),
            "25h",
            "The time for “Rest” must be 24 hours or less. That is 1440 minutes.",
        ),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence(asked, posted, sentence):
    assert problem(sheet(asked), {"it": posted}) == sentence


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("31", "2", "2026"), "The date for “When” must be a real one, such as 27 3 2026."),
        (("29", "Octember", "2026"), "The date for “When” must be a real one, such as 27 3 2026."),
        (("27", "3", "26"), "Write the year for “When” with 4 numbers, such as 2026."),
        (("27", "", "2026"), "Add the month to the date for “When”."),
        (("", "", "2026"), "Add the day and the month to the date for “When”."),
    ],
)
def test_a_date_that_cannot_be_says_which_part_to_change(parts, sentence):
    posted = dict(zip(("it-day", "it-month", "it-year"), parts, strict=True))

    assert problem(sheet(field("date", label="When")), posted) == sentence


def test_what_was_not_answered_is_left_out_and_zero_is_an_answer():
    values, problems = worksheets.read(EVERY, {"ten": "0", "short": " ", "stranger": "ignored"})

    assert (values, problems) == ({"ten": 0}, {})
    assert not worksheets.is_empty(values)
    assert worksheets.is_empty({})
    assert worksheets.is_empty({"lines": [], "short": "", "path": []})


def test_one_mistake_does_not_lose_the_other_answers():
    values, problems = worksheets.read(EVERY, {"short": "Walked", "ten": "11"})

    assert values == {"short": "Walked"}
    assert list(problems) == ["ten"]


def test_an_entry_of_a_weekly_plan_has_a_day_and_a_part_before_its_fields():
    plan = sheet(field("short-text"), container="weekly-plan")

    assert worksheets.read(plan, {"it": "Swim"})[1].keys() == {"day", "part"}

    values, problems = worksheets.read(plan, {"day": "monday", "part": "morning", "it": "Swim"})

    assert problems == {}
    assert worksheets.summary_line(plan, values) == "Monday morning. Swim"
    assert worksheets.in_words(plan, values)[0] == ("Which day?", "Monday")


def test_a_tree_keeps_the_way_through_it_and_the_action_at_its_end():
    tree = sheet(container="tree", **TREE)

    values, problems = worksheets.read(tree, {"worry": "The boiler", "can-act": "0", "now": "Later"})

    assert problems == {}
    assert values == {
        "path": [{"node": "can-act", "choice": "Yes"}, {"node": "now", "choice": "Later"}],
        "worry": "The boiler",
        "action": "Plan when.",
    }
    assert worksheets.summary_line(tree, values) == "Plan when."
    assert worksheets.in_words(tree, values) == (
        ("Can you do something about it?", "Yes"),
        ("Can you do it now?", "Later"),
        ("What is the worry?", "The boiler"),
        ("What to do", "Plan when."),
    )


def test_a_tree_left_half_way_says_which_question_is_open():
    tree = sheet(container="tree", **TREE)

    values, problems = worksheets.read(tree, {"can-act": "0", "now": "7"})

    assert values == {"path": [{"node": "can-act", "choice": "Yes"}]}
    assert problems == {
        "worry": "Write an answer to “What is the worry?”.",
        "now": "Choose an answer to “Can you do it now?”.",
    }


def test_a_question_the_way_through_a_tree_did_not_meet_is_not_asked():
    tree = sheet(container="tree", **TREE)

    values, problems = worksheets.read(tree, {"worry": "Rain", "can-act": "1", "now": "0"})

    assert problems == {}
    assert values["path"] == [{"node": "can-act", "choice": "No"}]


def test_a_ladder_goes_from_the_lowest_rating_to_the_highest_and_the_unrated_last():
    fear = {"key": "fear", "type": "scale-0-100", "label": "Fear", **SCALE}
    ladder = sheet(field("short-text"), fear, container="ladder", order_by="fear")
    steps = [{"it": "bus", "fear": 60}, {"it": "new"}, {"it": "stop", "fear": 20}, {"it": "door", "fear": 0}]

    ordered = worksheets.in_order(ladder, steps)

    assert [step["it"] for step in ordered] == ["door", "stop", "bus", "new"]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("day", "2026-11-10", "Tuesday 10 November 2026"),
        ("time", "18:05", "6:05pm"),
        ("time", "00:00", "12:00am"),
        ("length", 80, "1 hour 20 minutes"),
        ("length", 120, "2 hours"),
        ("length", 0, "0 minutes"),
        ("ten", 7, "7 out of 10"),
        ("number", 3, "3 cups"),
        ("number", 2.5, "2.5 cups"),
        ("one", "coffee", "Coffee"),
        ("many", ["tea", "coffee", "no"], "Tea; coffee; no drink"),
        ("lines", ["a", "b"], "a\nb"),
        ("tag", "my own", "my own"),
        ("short", None, ""),
        ("day", "last week", "last week"),
        ("one", "withdrawn", "withdrawn"),
        ("many", [], ""),
    ],
)
def test_an_answer_is_told_in_words(key, value, told):
    asked = next(field for field in EVERY.fields if field.key == key)

    assert worksheets.words(asked, value) == told


def test_an_entry_of_a_log_is_told_in_one_line():
    enjoyed = {"key": "enjoyed", "type": "scale-0-10", "label": "How much did you enjoy it?", **SCALE}
    log = sheet(field("long-text"), enjoyed, container="log")

    line = worksheets.summary_line(log, {"it": "Walked\nto the canal.", "enjoyed": 5})
    long = worksheets.summary_line(log, {"it": "walked " * 80, "enjoyed": 5})

    assert line == "Walked to the canal. How much did you enjoy it: 5 out of 10"
    assert long == "walked walked walked walked walked walked walked walked…. How much did you enjoy it: 5 out of 10"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"fields": [field("short-text"), field("date")]}, 'the name "it" is taken'),
        ({"fields": [field("date"), {**field("number"), "key": "it-day"}]}, 'the name "it-day" is taken'),
        ({"fields": [field("short-txt")]}, "short-txt"),
        ({"fields": [field("short-text", colour="red")]}, "colour"),
        ({"fields": [field("scale-0-10")]}, "low"),
        ({"fields": [field("one-of", options=OPTIONS[:1])]}, "at least 2"),
        ({"fields": [field("one-of", options=[*OPTIONS, OPTIONS[0]])]}, 'option "tea" is there twice'),
        ({"fields": [field("number", min=3, max=3)]}, "min is not below max"),
        ({"fields": [field("link", to="nowhere")]}, "not the address of a field"),
        ({"fields": [{**field("short-text"), "key": "Not Kebab"}]}, "cannot be a key"),
        ({"fields": []}, "at least 1"),
        ({"container": "ladder", "order_by": "it", "fields": [field("short-text")]}, "order_by names no scale"),
        ({"container": "weekly-plan", "fields": [{**field("date"), "key": "day"}]}, 'the name "day" is taken'),
        ({"container": "tree", "start": "nowhere", "nodes": TREE["nodes"]}, 'there is no node "nowhere"'),
    ],
)  # fmt: skip
def test_a_worksheet_that_is_not_sound_cannot_be_made(broken, said):
    about = {"key": "sheet", "title": "Sheet", "purpose": "To try.", "minutes": 5, "container": "form"}

    with pytest.raises(ValidationError) as refused:
        WORKSHEET.validate_python({**about, **broken})

    assert said in str(refused.value)


def node(key, *leads):
    options = [{"label": to, "to": to} if to else {"label": "end", "action": "Stop."} for to in leads]
    return {"key": key, "question": f"{key}?", "options": options}


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([node("a", "b", None), node("b", "a", None)], "the questions go round: a to b to a"),
        ([node("a", "c")], 'there is no node "c"'),
        ([node("a", None), node("b", "c"), node("c", "b")], 'nothing leads to the node "b"'),
        ([node("a", None), node("a", None)], 'node "a" is there twice'),
        ([{**node("a", None), "field": {**field("date"), "key": "a"}}], 'the name "a" is taken'),
        ([{**node("a"), "options": [{"label": "x", "to": "a", "action": "y"}]}], 'needs either "to" or "action"'),
    ],
)
def test_a_tree_always_comes_to_an_end(nodes, said):
    with pytest.raises(ValidationError) as refused:
        sheet(container="tree", start="a", nodes=nodes)

    assert said in str(refused.value)


def test_many_ways_through_a_tree_are_checked_in_little_time():
    keys = [f"n{i}" for i in range(60)]
    nodes = [node(key, after, after) for key, after in zip(keys, [*keys[1:], None], strict=True)]

    tree = sheet(container="tree", start="n0", nodes=nodes)

    assert len(tree.nodes) == 60


names = st.sampled_from(
    [f["key"] for f in EVERY_FIELD] + ["day-day", "day-month", "day-year", "can-act", "now", "worry", "it", "part"]
)
texts = (
    st.text(LETTERS)
    | st.from_regex(r"-?[0-9,.:apmh £]{0,9}", alphabet=LETTERS)
    | st.sampled_from(["tea", "monday", "0", "1", "Yes"])
)
SHEETS = [
    EVERY,
    sheet(*EVERY_FIELD[:3], container="log"),
    sheet(field("short-text"), container="weekly-plan"),
    sheet(*(f for f in EVERY_FIELD if f["key"] in ("short", "ten")), container="ladder", order_by="ten"),
    sheet(container="tree", **TREE),
]


@given(st.sampled_from(SHEETS), st.dictionaries(names | st.text(LETTERS), texts | st.lists(texts, max_size=4)))
def test_nothing_that_is_posted_can_break_a_worksheet(worksheet, posted):
    values, problems = worksheets.read(worksheet, posted)

    assert json.loads(json.dumps(values)) == values
    assert "\\u0000" not in json.dumps(values)
    assert all(sentence.endswith(".") for sentence in problems.values())
    assert not values.keys() & problems.keys()
    assert len(worksheets.summary_line(worksheet, values)) <= 120
    assert "\n" not in worksheets.summary_line(worksheet, values)
    assert all(isinstance(told, str) for pair in worksheets.in_words(worksheet, values) for told in pair)


@given(st.data())
def test_an_answer_of_another_shape_is_still_told(data):
    odd = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(LETTERS), st.lists)
    asked = data.draw(st.sampled_from(EVERY.fields))

    assert isinstance(worksheets.words(asked, data.draw(odd)), str)
