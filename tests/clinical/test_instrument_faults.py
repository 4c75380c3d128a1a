"""Every mistake in an instrument's file is told with its file, its line and what mends it."""

import pytest

from app.clinical.instruments import Instrument
from app.kit.located import Unreadable, loads
from app.kit.shapes import Shape, read_as
from tests.clinical.shipped import FOLDER

INSTRUMENT: Shape[Instrument] = Shape(Instrument)
SMALL = """\
key: small
title: A small one
short: Small
version: "1"
minutes: 2
stem: How is it?
items:
  - key: a
    text: First
  - key: b
    text: Second
  - {key: c, text: Third}
options:
  - {value: 0, label: No}
  - {value: 2, label: "Yes"}
extra:
  - {key: words, text: Anything else?, longest: 200}
licence: Ours.
source: None.
"""
TOTAL = SMALL + "range: {from: 0, to: 6}\n"
PARTS = (
    SMALL
    + """\
parts:
  - key: first
    label: First
    items: [a, b]
    range: {from: 0, to: 4}
  - {key: second, label: Second, items: [c], range: {from: 0, to: 2}}
"""
)
SCALE = SMALL.replace(
    'options:\n  - {value: 0, label: No}\n  - {value: 2, label: "Yes"}\n',
    "scale:\n  from: 0\n  to: 8\n  low: None\n  high: All\n  marks: [{value: 4, label: Half}]\n",
)
BOTH = (
    SMALL
    + """\
who_sees: Your practitioner.
practitioner:
  stem: How is it?
  who_sees: You.
  items:
    a: First
    b: Second
    c: Third
  extra: {words: Anything?}
"""
)
GOALS = """\
key: small
title: A small one
short: Small
version: "1"
minutes: 2
stem: How is it?
per: goal
most: 3
items:
  - {key: goal, text: "How near is {goal}?"}
scale: {from: 0, to: 10, low: Far, high: There}
licence: Ours.
source: None.
"""
PHQ_9 = (FOLDER / "phq-9.yaml").read_text()
WSAS = (FOLDER / "wsas.yaml").read_text()


def faults(text: str) -> list[str]:
    try:
        read_as(INSTRUMENT, loads(text, file="small.yaml"))
    except Unreadable as refused:
        return [str(fault) for fault in refused.faults]
    return []


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if words in line)


@pytest.mark.parametrize("text", [SMALL, TOTAL, PARTS, SCALE, BOTH, GOALS, PHQ_9, WSAS])
def test_these_are_sound_before_they_are_broken(text):
    assert faults(text) == []


MISTAKES = {
    "a question is there twice": (SMALL, "key: b", "key: a", 'question "a" is there twice. Give one another key.'),
    "an extra question has the key of an item": (
        SMALL,
        "{key: words,",
        "{key: a,",
        'question "a" is there twice. Give one another key.',
    ),
    "a key cannot be one": (SMALL, "key: b", "key: B", '"B" cannot be a key. Use small letters, numbers'),
    "a key is too long": (SMALL, "key: small", f"key: {'s' * 41}", '"key" cannot be used as it is.'),
    "a field is misspelt": (SMALL, "stem:", "stme:", 'field "stme" is not known. Did you mean "stem"?'),
    "a field is missing": (SMALL, "licence: Ours.\n", "", 'field "licence" is missing. Add "licence:" here.'),
    "an item is misspelt": (SMALL, "text: Second", "txt: Second", 'field "txt" is not known. Did you mean "text"?'),
    "nobody knows such a time": (
        SMALL,
        "minutes: 2",
        "minutes: 2\nwhen: wekly",
        '"wekly" is not a value of "when". Did you mean "weekly"?',
    ),
    "it takes no time": (SMALL, "minutes: 2", "minutes: 0", '"minutes" cannot be used as it is.'),
    "a version is a number": (SMALL, 'version: "1"', "version: 1", '"version" must be text. Put it in quotes'),
    "an item has no words": (
        SMALL,
        "text: Second",
        'text: ""',
        '"text" has no words. Add "text:" here, or say text: local',
    ),
    "the stem has no words": (SMALL, "stem: How is it?", 'stem: ""', '"stem" has no words. Add "stem:" here'),
    "an option has no words": (SMALL, "{value: 0, label: No}", "{value: 0}", '"label" has no words. Add "label:" here'),
    "the end of a scale has no words": (SCALE, "low: None", 'low: ""', '"low" has no words. Add "low:" here'),
    "a mark of a scale has no words": (SCALE, ", label: Half", "", '"label" has no words. Add "label:" here'),
    "an item is too long": (SMALL, "text: Second", f"text: {'S' * 601}", '"text" cannot be used as it is.'),
    "words stand in a file whose words are local": (
        WSAS,
        "label: Work\n",
        "label: Work\n    text: Work\n",
        '"text" has words, and text is local. Take them out',
    ),
    "the options are out of order": (
        SMALL,
        "value: 2",
        "value: 0",
        "the option 0 does not give more than the one before it. Put the options in order",
    ),
    "there is one option": (
        SMALL,
        '  - {value: 2, label: "Yes"}\n',
        "",
        "the items offer one answer. Give at least two options.",
    ),
    "points are negative": (SMALL, "value: 0", "value: -1", '"value" cannot be used as it is.'),
    "there are options and a scale": (
        SMALL,
        "options:",
        "scale: {from: 0, to: 8, low: No, high: All}\noptions:",
        "the items have both options and a scale. Take one of them out.",
    ),
    "an item has options and a scale": (
        SMALL,
        "{key: c, text: Third}",
        "{key: c, text: Third, options: [{value: 0, label: A}, {value: 1, label: B}], "
        "scale: {from: 0, to: 8, low: No, high: All}}",
        'item "c" have both options and a scale. Take one of them out.',
    ),
    "an extra question cannot be answered": (
        SMALL,
        ", longest: 200",
        "",
        'question "words" needs exactly one way to answer. Give it one of: options, scale',
    ),
    "an extra question can be answered in two ways": (
        SMALL,
        "longest: 200",
        "longest: 200, scale: {from: 0, to: 8, low: No, high: All}",
        'question "words" needs exactly one way to answer.',
    ),
    "an answer may be too long to read": (SMALL, "longest: 200", "longest: 9000", '"longest" cannot be used as it is.'),
    "a scale runs downwards": (SCALE, "to: 8", "to: 0", '"from" 0 is not below "to" 0. Exchange them.'),
    "a scale is too long": (SCALE, "to: 8", "to: 40", "the scale has 41 points. More than 21 cannot be told apart"),
    "a mark is not on the scale": (SCALE, "value: 4", "value: 8", "the mark 8 is not between the ends."),
    "the range cannot be reached": (
        TOTAL,
        "to: 6",
        "to: 7",
        "3 items of 0 to 2 give 0 to 6. Write range: {from: 0, to: 6}.",
    ),
    "the range runs downwards": (TOTAL, "from: 0, to: 6", "from: 6, to: 0", '"from" 6 is above "to" 0. Exchange them.'),
    "a band begins too late": (
        PHQ_9,
        "{from: 5, to: 9,",
        "{from: 6, to: 9,",
        'the band "Mild" begins at 6. Let it begin at 5',
    ),
    "a band begins too early": (
        PHQ_9,
        "{from: 5, to: 9,",
        "{from: 4, to: 9,",
        'the band "Mild" begins at 4. Let it begin at 5',
    ),
    "the bands end too early": (
        PHQ_9,
        "{from: 20, to: 27,",
        "{from: 20, to: 26,",
        "the bands end at 26. Let the last one end at 27.",
    ),
    "a band runs downwards": (
        PHQ_9,
        "{from: 10, to: 14,",
        "{from: 14, to: 10,",
        '"from" 14 is above "to" 10. Exchange them.',
    ),
    "a band has no name": (
        PHQ_9,
        "{from: 5, to: 9, label: Mild}",
        '{from: 5, to: 9, label: ""}',
        '"label" cannot be used as it is.',
    ),
    "a risk item is not there": (
        PHQ_9,
        "risk_items: [q9]",
        "risk_items: [q10]",
        'there is no item "q10". Use one of: q1',
    ),
    "a risk item is reversed": (
        TOTAL,
        "range:",
        "risk_items: [c]\nrange:",
        'the risk item "c" is reversed.',
    ),
    "caseness cannot be reached": (
        PHQ_9,
        "caseness: 10",
        "caseness: 28",
        "caseness 28 is outside the range. Use a possible total.",
    ),
    "every change would be reliable": (
        PHQ_9,
        "reliable_change: 6",
        "reliable_change: 0",
        '"reliable_change" cannot be used as it is.',
    ),
    "caseness where more is better": (
        PHQ_9,
        "caseness: 10",
        "better: higher\ncaseness: 10",
        "caseness and reliable change are worked out where less is better.",
    ),
    "bands without a total": (
        SMALL,
        "licence:",
        "bands: [{from: 0, to: 6, label: All}]\nlicence:",
        '"bands" is about a total, and there is none.',
    ),
    "caseness without a total": (
        SMALL,
        "licence:",
        "caseness: 3\nlicence:",
        '"caseness" is about a total, and there is none.',
    ),
    "reliable change without a total": (
        SMALL,
        "licence:",
        "reliable_change: 3\nlicence:",
        '"reliable_change" is about a total, and there is none.',
    ),
    "a part has an item that is not there": (
        PARTS,
        "items: [a, b]",
        "items: [a, d]",
        'there is no item "d". Use one of: a, b, c.',
    ),
    "a part has an item twice": (PARTS, "items: [a, b]", "items: [a, a]", 'item "a" is there twice. Take one out.'),
    "a part is there twice": (
        PARTS,
        "{key: second,",
        "{key: first,",
        'part "first" is there twice. Give one another key.',
    ),
    "a part cannot add up to that": (
        PARTS,
        "range: {from: 0, to: 4}",
        "range: {from: 0, to: 5}",
        "2 items of 0 to 2 give 0 to 4. Write range: {from: 0, to: 4}.",
    ),
    "an item is in no part": (
        PARTS,
        "  - {key: second, label: Second, items: [c], range: {from: 0, to: 2}}\n",
        "",
        'item "c" is in no part. Name it in one of the parts.',
    ),
    "a reason is there twice": (
        WSAS,
        "key: no-work",
        "key: retired",
        'reason "retired" is there twice. Give one another key.',
    ),
    "nobody says who sees it": (
        BOTH,
        "who_sees: Your practitioner.\n",
        "",
        "nobody is told who sees answers about the practitioner.",
    ),
    "nobody says who sees what is about the practitioner": (
        SMALL,
        "licence:",
        "names_practitioner: true\nlicence:",
        "nobody is told who sees answers about the practitioner.",
    ),
    "the practitioner's form has no stem": (
        BOTH,
        "  stem: How is it?",
        '  stem: ""',
        '"stem" has no words. Add "stem:" here.',
    ),
    "the practitioner's form lacks an item": (
        BOTH,
        "    b: Second\n",
        "",
        'the practitioner\'s form has no words for "b". Add "b:" here.',
    ),
    "the practitioner's form lacks a question": (
        BOTH,
        "  extra: {words: Anything?}\n",
        "",
        'the practitioner\'s form has no words for "words".',
    ),
    "the practitioner's form has an item too many": (
        BOTH,
        "    b: Second",
        "    b: Second\n    d: Fourth",
        'there is no item "d". Use one of: a, b, c.',
    ),
    "words of others cannot have a form for the practitioner": (
        WSAS,
        "licence:",
        "who_sees: You.\npractitioner: {who_sees: You., items: {}}\nlicence:",
        "there cannot be a form for the practitioner here.",
    ),
    "goals have no place in the item": (
        GOALS,
        "{goal}",
        "it",
        "a questionnaire for each goal has one item. Write one item with {goal}",
    ),
    "goals have no end": (GOALS, "most: 3\n", "", "it is not said how many goals are asked about. Add"),
    "a number of goals without goals": (
        SMALL,
        "items:",
        "most: 3\nitems:",
        '"most" says how many goals are asked about. Add per: goal',
    ),
    "goals are added up": (
        GOALS,
        "licence:",
        "range: {from: 0, to: 10}\nlicence:",
        'goals are rated one by one, so there is no "range".',
    ),
}


@pytest.mark.parametrize(("text", "written", "instead", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_by_line_with_what_mends_it(text, written, instead, told):
    assert written in text
    broken = text.replace(written, instead, 1)
    if "reversed" in told:
        broken = broken.replace("{key: c,", "{key: c, reversed: true,")

    found = faults(broken)

    assert [one.split(": ", 1)[1].startswith(told) for one in found] == [True], found
    assert all(one.startswith("small.yaml:") for one in found)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("an item has no words", 11),
        ("an option has no words", 14),
        ("the options are out of order", 15),
        ("an extra question cannot be answered", 17),
        ("the range cannot be reached", 20),
        ("a part has an item that is not there", 23),
        ("a part cannot add up to that", 24),
        ("the practitioner's form lacks an item", 24),
        ("the practitioner's form has an item too many", 27),
        ("a mark is not on the scale", 18),
        ("goals are added up", 12),
    ],
)
def test_the_line_is_that_of_the_mistake(name, line):
    text, written, instead, _ = MISTAKES[name]

    assert [fault.split(":")[1] for fault in faults(text.replace(written, instead, 1))] == [str(line)]


def test_every_mistake_is_told_at_once():
    broken = SMALL.replace("key: b", "key: a").replace("text: Second", 'text: ""').replace("value: 2", "value: 0")

    assert [fault.split(":")[1] for fault in faults(broken)] == ["10", "11", "15"]
