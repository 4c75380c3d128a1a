"""Two rules that differ in anything are told in different words, and compared by whom they open for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.clinical.sequencing.permissiveness import Compared, compare
from app.clinical.sequencing.rule_words import in_words
from app.clinical.sequencing.rules import Rule
from tests.clinical.sequencing.strategies import KEYS, conditions, rules

TITLES = {key: key.upper() for key in KEYS}
RULE = TypeAdapter(Rule)
RELEASE = {"kind": "released-by", "roles": ["practitioner"]}
SCORE = {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10}
LAST = {**SCORE, "which": "each-of-last", "last": 2}
CHANGE = {"kind": "measure-change", "measure": "phq-9", "change": "improved", "by": 6}
ENTRIES = {"kind": "entries-logged", "entry": "mood", "at_least": 3}
SINCE = {"kind": "time-since", "anchor": {"kind": "programme-start"}, "n": 7}
ANSWERED = {"kind": "measure-completed", "measure": "phq-9"}
ASKED = {**RELEASE, "then": "escalate", "escalate_to": "supervisor", "then_after_days": 7}


def rule(plain):
    return RULE.validate_python(plain)


def told(plain):
    return in_words(rule(plain), TITLES, named=True)


@settings(max_examples=300)
@given(st.one_of(st.tuples(conditions, conditions), st.tuples(rules, rules)))
def test_no_two_rules_read_the_same(both):
    one, other = (rule(each) for each in both)

    assert (told(both[0]) == told(both[1])) == (one == other)


@pytest.mark.parametrize(
    ("before", "after", "words", "compared"),
    [
        (SINCE, {**SINCE, "n": 9}, "9 days after the start", Compared.FEWER),
        (SINCE, {**SINCE, "opens_at": "09:00"}, "7 days after the start, at 09:00", Compared.FEWER),
        (SCORE, {**SCORE, "max_age_days": 28}, "latest PHQ-9 below 10, no more than 28 days old", Compared.FEWER),
        ({**SCORE, "max_age_days": 14}, {**SCORE, "max_age_days": 28}, "no more than 28 days old", Compared.MORE),
        (LAST, {**LAST, "gap_days": 7}, "last 2 PHQ-9 below 10, 7 days apart", Compared.UNKNOWN),
        (CHANGE, {**CHANGE, "max_age_days": 14}, "from the first, no more than 14 days old", Compared.FEWER),
        (ENTRIES, {**ENTRIES, "distinct_days": 2}, "3 mood entries on 2 days", Compared.FEWER),
        ({**ENTRIES, "within_days": 7}, ENTRIES, "3 mood entries", Compared.MORE),
        (ANSWERED, {**ANSWERED, "within_days": 7}, "answered once in the last 7 days", Compared.FEWER),
        (RELEASE, {**RELEASE, "remind_after_days": 3}, ", reminded after 3 days", Compared.EQUAL),
        (ASKED, {**ASKED, "then_after_days": 9}, ", a supervisor asked after 9 days", Compared.EQUAL),
        (ASKED, {**ASKED, "escalate_to": "clinical-lead"}, ", a clinical lead asked after 7 days", Compared.DIFFERENT),
        (RELEASE, {**RELEASE, "then": "open", "then_after_days": 7}, "open by itself after 7 days", Compared.DIFFERENT),
    ],
)  # fmt: skip
def test_a_number_that_changes_is_read_and_says_for_whom_the_step_opens_then(before, after, words, compared):
    assert told(before) != told(after) and words in told(after)
    assert compare(rule(after), rule(before)) is compared
