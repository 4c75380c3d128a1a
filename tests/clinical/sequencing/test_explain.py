"""Both texts of every kind of condition, word for word; and what no patient text may give away.

The golden files are written anew by `BRAID_WRITE_GOLDEN=1 pytest tests/clinical/sequencing/test_explain.py`.
"""

import os
import re
from pathlib import Path
from typing import get_args

import pytest

from app.clinical.sequencing import facts as f
from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import View
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.staff_words import rule_lines
from app.clinical.sequencing.wording import Text
from tests.clinical.sequencing.golden_cases import BA, CASES, PRACTISED, Case, change, kind, practised, scores
from tests.clinical.sequencing.starter import STARTER, pathway_of, step
from tests.clinical.sequencing.told import Told, at

GOLDEN = Path(__file__).parent / "golden"
KINDS = [each.model_fields["kind"].default for each in (*get_args(rules.Group), *get_args(rules.Condition))]
EVERY_CASE = [case for cases in CASES.values() for case in cases]
PRIVATE = [case for case in EVERY_CASE if case.rule["kind"] in ("measure-score", "measure-change", "problem-recorded")]


def explained(case: Case) -> str:
    standing = case.told().course(case.now)["target"]
    texts = {
        "The patient reads": for_patient(standing, "Nadia"),
        "Staff read": for_staff(standing),
    }
    if standing.opened:
        texts["Of its rule, were it closed"] = Text(
            "", rule_lines(standing.rule, View(standing.seen, case.now, "target"))
        )
    told = "\n\n".join(f"{who}:\n{text}" for who, text in texts.items())
    return f"== {case.name} ({case.truth.name.lower()})\n\n{told}\n"


@pytest.mark.parametrize("name", KINDS)
def test_both_texts_read_word_for_word_as_agreed(name: str):
    told = "\n".join(explained(case) for case in CASES[name])

    file = GOLDEN / f"{name}.txt"
    if os.environ.get("BRAID_WRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(told)
    assert told == file.read_text()


def test_every_kind_is_explained_and_no_file_is_left_over():
    assert set(CASES) == set(KINDS)
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(KINDS)


@pytest.mark.parametrize("case", EVERY_CASE, ids=lambda case: f"{case.rule['kind']}, {case.name}")
def test_each_situation_has_the_truth_it_is_told_under(case: Case):
    assert case.told().course(case.now)["target"].truth is case.truth


def test_every_kind_is_told_in_every_truth_it_can_have():
    can_be_unknown = {"all", "any", "count-of", "appointment-attended", "measure-score", "measure-change",
                      "problem-recorded", "goal-recorded"}  # fmt: skip

    for name, cases in CASES.items():
        wanted = {Truth.TRUE} if name == "always" else {Truth.TRUE, Truth.FALSE}
        assert {case.truth for case in cases} == wanted | ({Truth.UNKNOWN} if name in can_be_unknown else set()), name


@pytest.mark.parametrize(
    "wrap", [lambda rule: rule, lambda rule: kind("all", of=[kind("step-satisfied", step="cr"), rule])]
)
def test_a_closed_step_reads_the_same_to_the_patient_whatever_their_scores_and_problems(wrap):
    texts = set()
    for case in PRIVATE:
        told = Case(case.name, case.truth, wrap(case.rule), case.story).told()
        standing = told.course(at(12))["target"]
        if not standing.opened:
            texts.add(str(for_patient(standing, "Nadia")))

    assert len(texts) == 1
    assert not re.search(r"\d|PHQ|GAD|anxi|score|improve|wors", texts.pop())


def test_a_list_never_counts_a_score_nor_drops_it_when_it_is_met():
    rule = kind("count-of", k=2, of=["pe", kind("measure-score", measure="phq-9", comparison="below", value=10), "ps"])
    low, high = (Case("", Truth.FALSE, rule, scores("phq-9", (2, total))).told() for total in (2, 20))

    assert str(for_patient(low.course(at(3))["target"])) == str(for_patient(high.course(at(3))["target"]))


def test_without_a_name_the_text_says_your_practitioner():
    told = Case("", Truth.FALSE, change("improved", 6)).told()

    assert (
        str(for_patient(told.course(at(3))["target"])) == "Opens as you and your practitioner review how you’re doing."
    )


def test_the_zone_is_named_where_patient_and_service_differ():
    told = Told(pathway_of(step("target", "Staying well", kind("not-before", date="2026-06-01"))), zone="Europe/Paris")

    text = for_patient(told.course(at(3), service_zone="Europe/London")["target"])

    assert str(text) == "Opens on Monday 1 June (Europe/Paris time)."


def test_decisions_are_told_with_names_reasons_and_days():
    telling = Told(pathway_of(step("pe", "Starting", kind("not-before", date="2026-06-01"))))
    telling.add(f.OverrideOpened, at(3), step="pe", reason="Ready for it", told="You said you were ready.")
    opened = telling.course(at(4))["pe"]
    telling.add(f.RequirementChanged, at(5), step="pe", requirement="could", reason="Knows it well")
    optional = telling.course(at(5))["pe"]
    telling.add(f.Held, at(6), step="pe", reason="Settle first", review_on="2026-05-26", told="Let us talk on Monday.")
    held = telling.course(at(7))["pe"]

    assert str(for_patient(opened)).splitlines() == [
        "Open: start when you like.",
        "Opened by Jo on Sunday 3 May.",
        "You said you were ready.",
    ]
    assert str(for_staff(opened)) == "Open since Sunday 3 May, opened early by Jo: “Ready for it”. Not started."
    assert str(for_patient(optional)).splitlines()[-1] == "Now optional."
    assert str(for_staff(optional)).splitlines()[-1] == "Made optional by Jo: “Knows it well”."
    assert str(for_patient(held)).splitlines() == [
        "Paused by your care team until you talk.",
        "Let us talk on Monday.",
        "What you have written here is still yours to read.",
    ]
    assert str(for_staff(held)).splitlines()[0] == (
        "On hold by Jo since Wednesday 6 May: “Settle first”. Review on Tuesday 26 May. Would otherwise be open."
    )


def test_first_names_and_why_it_opened_are_told_to_the_patient():
    telling = Told(STARTER).add(f.DoneElsewhere, at(3), technique="relaxation", by="Robin Hale")
    course = telling.course(at(3))

    assert "Opened because you practised relaxation with Robin on Sunday 3 May." in str(for_patient(course["fears"]))
    assert "You practised this with Robin on Sunday 3 May." in str(for_patient(course["relaxation"]))


def test_a_request_is_answered_before_or_at_the_next_session_and_not_now_is_told_in_the_practitioners_words():
    telling = Told(STARTER).add(f.PatientChose, at(3), step="rp")
    asked = telling.course(at(3))["rp"]
    no = telling.add(f.Declined, at(4), step="rp", told="Let us talk first.", by="Nadia Roe").course(at(4))["rp"]

    assert (
        str(for_patient(asked, "Nadia")).splitlines()[-1]
        == "You asked for this on Sunday 3 May. Nadia will tell you before or at your next session."
    )
    assert str(for_patient(no)).splitlines()[-1] == "Not now: “Let us talk first.” Nadia, Monday 4 May."
    assert "Nadia Roe said not now on Monday 4 May: “Let us talk first.”." in str(for_staff(no, "Ash"))


def test_staff_read_that_a_patient_chose_a_skipped_step_again():
    telling = Told(STARTER).add(f.Waived, at(3), step="pe", reason="timing").add(f.PatientChose, at(12), step="pe")

    assert str(for_staff(telling.course(at(12))["pe"], "Ash")).splitlines()[-1] == (
        "Ash chose it again on Tuesday 12 May."
    )


def test_a_technique_that_was_practised_often_quotes_the_time_it_was_first_met():
    story = practised(4, 5, 6, 7, 8)
    told = Case("", Truth.FALSE, kind("all", of=[{**PRACTISED, "times": 1}, BA]), story).told()

    assert "Relaxation practised 5 times, needs 1; first in the clinic, Monday 4 May." in str(
        for_staff(told.course(at(9))["target"])
    )


def test_no_text_blames_praises_or_alarms():
    texts = " ".join(file.read_text() for file in GOLDEN.glob("*.txt"))

    assert not re.search(r"\b(safe|low risk|overdue|journey|well done|missed|failed|compliant)\b|!", texts, re.I)


def test_whoever_has_no_name_in_the_record_is_told_of_by_their_role():
    telling = Told(pathway_of(step("pe", "Starting", kind("not-before", date="2026-06-01"))))
    telling.add(f.OverrideOpened, at(3), step="pe", reason="Ready for it", by="", role="practitioner")

    assert "opened early by a practitioner: “Ready for it”" in str(for_staff(telling.course(at(4))["pe"]))


def test_more_than_was_needed_is_not_told_as_so_many_of_fewer():
    rule = {**kind("entries-logged", entry="mood", at_least=3), "distinct_days": 2}
    telling = Told(
        pathway_of(step("pe", "Starting", {"kind": "all", "of": [rule, kind("not-before", date="2026-06-01")]}))
    )
    for day in (2, 3, 4, 5):
        telling.add(f.EntryLogged, at(day), entry="mood", on=at(day).date())

    assert "Mood entries: 4 (3 needed), on 4 days (2 needed)" in str(for_staff(telling.course(at(6))["pe"]))
