"""A facts file is read as the facts it tells, and each mistake in one is told with its line and what mends it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import FACTS
from app.kit.located import Unreadable
from app.pathways.file_content import read_pathway_file
from app.pathways.simulation_content import read_scenario
from tests.programme.small_library import lay_out

TOP = "started_at: 2026-05-01\nzone: Europe/London\n"
PATHWAY = """\
key: small
title: Small
version: 1
programme_days: 14
sessions: 2
steps:
  - key: rest
    title: Rest
    unlock: {kind: always}
    activities: [{key: read, title: Read}, {key: list, title: List}]
  - {key: end, title: The end, unlock: {kind: step-satisfied, step: rest}}
"""
COMMON = {"id": "fact-1", "seq": 1, "effective_at": datetime(2026, 5, 4, 11, tzinfo=UTC)}
COMMON |= {"recorded_at": COMMON["effective_at"]}
STAFF = {"role": "practitioner"}
NINE = datetime(2026, 5, 11, 8, tzinfo=UTC)
ONE_OF_EACH = {
    "step-opened": ("step: rest", {"step": "rest"}),
    "activity-done": ("step: rest, activity: read", {"step": "rest", "activity": "read"}),
    "technique-practised": ("technique: relaxation", {"technique": "relaxation"}),
    "entry-logged": ("entry: mood, on: 2026-05-04", {"entry": "mood", "on": date(2026, 5, 4)}),
    "measure-taken": ("measure: phq-9, total: 0", {"measure": "phq-9", "total": 0}),
    "problem-assessed": ("problem: anxiety, status: active", {"problem": "anxiety", "status": "active"}),
    "goal-set": ("goal: one, title: Sleep, tags: [sleep]", {"goal": "one", "title": "Sleep", "tags": ("sleep",)}),
    "appointment-recorded": (
        "appointment: 2, starts_at: 2026-05-11 09:00, ends_at: 2026-05-11T09:00:00Z, status: booked",
        {"appointment": "2", "starts_at": NINE, "ends_at": NINE.replace(hour=9), "status": "booked"},
    ),
    "patient-chose": ("step: end", {"step": "end"}),
    "choice-withdrawn": ("step: end", {"step": "end"}),
    "practice-withdrawn": ("technique: relaxation", {"technique": "relaxation"}),
    "zone-changed": ("zone: Europe/Paris", {"zone": "Europe/Paris"}),
    "released": ("step: end, told: As agreed", {"step": "end", "told": "As agreed"} | STAFF),
    "override-opened": ("step: end, reason: Ready", {"step": "end", "reason": "Ready"} | STAFF),
    "declined": ("step: end, told: Later", {"step": "end", "told": "Later"} | STAFF),
    "waived": ("step: end, reason: timing", {"step": "end", "reason": "timing"} | STAFF),
    "done-elsewhere": ("step: rest, activities: [list]", {"step": "rest", "activities": ("list",)} | STAFF),
    "step-added": ("step: walk, title: A walk", {"step": "walk", "title": "A walk"} | STAFF),
    "moved": ("step: end, before: rest", {"step": "end", "before": "rest"} | STAFF),
    "requirement-changed": (
        "step: end, requirement: could, reason: Knows it",
        {"step": "end", "requirement": "could", "reason": "Knows it"} | STAFF,
    ),
    "held": (
        "step: end, reason: Settle, review_on: 2026-05-18",
        {"step": "end", "reason": "Settle", "review_on": date(2026, 5, 18)} | STAFF,
    ),
    "resumed": ("step: end", {"step": "end"} | STAFF),
    "reviewed": ("step: rest", {"step": "rest"} | STAFF),
    "carried-over": (
        "from_version: 1, opened: {rest: 2026-05-11 09:00}",
        {"from_version": 1, "opened": {"rest": NINE}} | STAFF,
    ),
}


@pytest.fixture
def pathway(tmp_path):
    (tmp_path / "small.yaml").write_text(PATHWAY)
    return read_pathway_file(tmp_path / "small.yaml", tmp_path / "no-library").pathway


@pytest.fixture
def read(tmp_path, pathway):
    def read(text: str, top: str = TOP):
        file = tmp_path / "facts.yaml"
        file.write_text(top + text)
        return read_scenario(file, pathway)

    return read


@pytest.fixture
def faults(read):
    def told(text: str, top: str = TOP) -> list[str]:
        with pytest.raises(Unreadable) as refused:
            read(text, top)
        return [f"{fault}".partition("facts.yaml:")[2] for fault in refused.value.faults]

    return told


@pytest.mark.parametrize("kind", sorted(ONE_OF_EACH))
def test_each_kind_of_fact_and_decision_is_read(read, kind):
    fields, expected = ONE_OF_EACH[kind]
    role = ", role: practitioner" if "role" in expected else ""

    (fact,) = read(f"facts:\n  - {{kind: {kind}, at: 2026-05-04, {fields}{role}}}\n").facts

    assert fact == FACTS[kind](**COMMON, **expected)


@pytest.mark.parametrize(("kind", "field"), [("corrected", "corrects"), ("undone", "undoes")])
@pytest.mark.parametrize("named", ["id: one, ", ""])
def test_a_fact_is_taken_back_by_its_id_or_by_its_place(read, kind, field, named):
    first = f"  - {{{named}kind: released, at: 2026-05-04, step: end, role: practitioner}}\n"
    reason = ", reason: In error" if kind == "corrected" else ""
    target = "one" if named else "fact-1"

    facts = read(
        f"facts:\n{first}  - {{kind: {kind}, at: 2026-05-05, {field}: {target}, role: practitioner{reason}}}\n"
    ).facts

    assert (facts[1].kind, facts[1].supersedes) == (kind, facts[0].id)


def test_every_kind_is_read_in_a_test_here():
    assert {*ONE_OF_EACH, "corrected", "undone"} == set(FACTS)


def test_when_it_happened_and_when_it_was_recorded_can_be_given_apart(read):
    late, early, apart = read(
        "facts:\n"
        "  - {kind: step-opened, step: rest, at: 2026-05-04, recorded_at: 2026-05-06 09:30}\n"
        "  - {kind: step-opened, step: rest, at: 2026-05-06, effective_at: 2026-04-20}\n"
        "  - {kind: step-opened, step: rest, effective_at: 2026-05-02, recorded_at: 2026-05-03}\n"
    ).facts

    assert (late.effective_at.day, late.recorded_at) == (4, datetime(2026, 5, 6, 8, 30, tzinfo=UTC))
    assert (early.effective_at.date(), early.recorded_at.day) == (date(2026, 4, 20), 6)
    assert (apart.effective_at.day, apart.recorded_at.day) == (2, 3)


def test_a_date_alone_is_noon_and_the_start_nine_in_the_morning_where_the_patient_is(read):
    scenario = read(
        "facts:\n  - {kind: step-opened, step: rest, at: 2026-05-04}\n",
        "started_at: 2026-05-01\nzone: America/New_York\n",
    )

    assert scenario.started_at == datetime(2026, 5, 1, 13, tzinfo=UTC)
    assert scenario.zone == ZoneInfo("America/New_York")
    assert scenario.facts[0].recorded_at == datetime(2026, 5, 4, 16, tzinfo=UTC)


def test_a_course_in_which_nothing_happens_can_be_told(read):
    assert read("").facts == ()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{kind: step-openned, at: 2026-05-04, step: rest}",
         '"step-openned" is not a kind of fact or decision. Did you mean "step-opened"?'),
        ("{kind: zebra, at: 2026-05-04}",
         f'"zebra" is not a kind of fact or decision. Use one of: {", ".join(FACTS)}.'),
        ("{at: 2026-05-04, step: rest}", "this has no kind. Write kind: and which fact or decision it is."),
        ("nonsense", "this has no kind. Write kind: and which fact or decision it is."),
        ("{kind: step-opened, at: 2026-05-04, stp: rest, step: rest}",
         'field "stp" is not known. Did you mean "step"?'),
        ("{kind: step-opened, at: 2026-05-04, step: rest, xylophone: 1}",
         'field "xylophone" is not known. Use one of: kind, at, id, effective_at, recorded_at, seq, by, step.'),
        ("{kind: step-opened, at: 2026-05-04}", 'field "step" is missing. Add "step:" here.'),
        ("{kind: step-opened, step: rest}", 'field "at" is missing. Say when it happened: at: 2026-05-04.'),
        ("{kind: step-opened, step: rest, effective_at: 2026-05-04}",
         'field "at" is missing. Say when it happened: at: 2026-05-04.'),
        ("{kind: step-opened, at: tomorrow, step: rest}",
         '"tomorrow" is not a date. Write a date, or a date and time: 2026-05-04 or 2026-05-04 14:30.'),
        ("{kind: step-opened, at: 0026-05-04, step: rest}",
         '"0026-05-04" is not a date. Write a date, or a date and time: 2026-05-04 or 2026-05-04 14:30.'),
        ("{kind: step-opened, at: 2026-02-30, step: rest}",
         '"2026-02-30" is not plain data. Check the date or number, or use quotes.'),
        ("{kind: step-opened, at: 2026-04-30, step: rest}",
         "this was recorded before the start, 2026-05-01 09:00. Give a later date; what happened earlier can say when "
         "it became known, with recorded_at."),
        ("{kind: step-opened, at: 2026-05-04, step: rst}", 'there is no step "rst". Did you mean "rest"?'),
        ("{kind: activity-done, at: 2026-05-04, step: rest, activity: lst}",
         'the step has no activity "lst". Did you mean "list"?'),
        ("{kind: measure-taken, at: 2026-05-04, measure: phq-8, total: 1}",
         '"phq-8" is not a measure. Use one of: phq-9, gad-7.'),
        ("{kind: problem-assessed, at: 2026-05-04, problem: anxiety, status: activ}",
         '"activ" is not a value of "status". Did you mean "active"?'),
        ("{kind: done-elsewhere, at: 2026-05-04, role: practitioner}",
         "this names no work. Give a step or a technique."),
        ("{kind: zone-changed, at: 2026-05-04, zone: Europe/Londn}",
         '"Europe/Londn" is not a time zone. Did you mean "Europe/London"?'),
        ("{kind: undone, at: 2026-05-04, role: practitioner}",
         'field "undoes" is missing. Name the id of an earlier fact.'),
        ("{kind: undone, at: 2026-05-04, undoes: fact-3, role: practitioner}",
         'there is no earlier fact with the id "fact-3". Did you mean "fact-1"?'),
        ("{kind: step-opened, id: fact-1, at: 2026-05-04, step: rest}",
         'the id "fact-1" is taken. Give one of them another.'),
    ],
)  # fmt: skip
def test_each_mistake_in_a_fact_is_told_with_its_line_and_what_mends_it(faults, line, fault):
    told = faults(f"facts:\n  - {{kind: step-opened, at: 2026-05-02, step: rest}}\n  - {line}\n")

    assert told == [f"5: {fault}"]


@pytest.mark.parametrize(
    ("top", "fault"),
    [
        ("started_at: 2026-05-01\n", '1: field "zone" is missing, and dates mean nothing without it. Add "zone:" and '
         "where the patient is, such as Europe/London."),
        ("zone: Europe/London\n", '1: field "started_at" is missing. Add "started_at:" and a date.'),
        (TOP.replace("London", "Londn"), '2: "Europe/Londn" is not a time zone. Did you mean "Europe/London"?'),
        (TOP.replace("Europe/London", "[1]"), '2: "[1]" is not a time zone. Write it as Europe/London is written.'),
        (TOP + "fact: []\n", '3: field "fact" is not known. Did you mean "facts"?'),
        (TOP + "facts: none\n", '3: "facts" must be a list. Begin each fact with a dash: - kind: step-opened.'),
        ("- a\n", "1: this is not a facts file. Begin with started_at, zone, facts."),
        ("a: [\n", None),
    ],
)  # fmt: skip
def test_each_mistake_at_the_top_is_told(faults, top, fault):
    told = faults("", top)

    assert len(told) == 1
    assert fault is None or told == [fault]


def test_every_mistake_of_a_file_is_told_at_once(faults):
    told = faults(
        "facts:\n"
        "  - {kind: step-openned, at: 2026-05-02, step: rest}\n"
        "  - kind: waived\n"
        "    at: never\n"
        "    step: rest\n"
        "  - kind: waived\n"
        "    at: 2026-05-03\n"
        "    step: rest\n"
        "    reason: bored\n"
        "    role: practitioner\n"
    )

    assert [fault.partition(":")[0] for fault in told] == ["4", "6", "11"]


def test_a_step_that_a_fact_adds_can_be_worked_on(read):
    facts = read(
        "facts:\n"
        "  - {kind: step-added, at: 2026-05-02, step: walk, title: A walk, role: practitioner}\n"
        "  - {kind: step-opened, at: 2026-05-03, step: walk}\n"
    ).facts

    assert isinstance(facts[1], f.StepOpened)


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path, pathway):
    for path, problem in ((tmp_path / "none.yaml", "the file is missing"), (tmp_path, "the file cannot be read")):
        with pytest.raises(Unreadable) as refused:
            read_scenario(path, pathway)

        assert [fault.problem for fault in refused.value.faults] == [problem]


NAMES_REST = PATHWAY.replace("    activities: [{key: read, title: Read}, {key: list, title: List}]", "    module: rest")


def drafted(tmp_path, text: str):
    (tmp_path / "draft.yaml").write_text(text)
    return read_pathway_file(tmp_path / "draft.yaml", tmp_path / "library")


def test_a_step_has_the_activities_of_the_module_it_names(tmp_path):
    lay_out(tmp_path / "library")

    draft = drafted(tmp_path, NAMES_REST)

    assert [part.key for part in draft.pathway.by_key["rest"].activities] == ["read", "list", "plan", "end"]
    assert draft.remarks == ()


def test_a_pathway_can_be_read_without_a_library(tmp_path):
    draft = drafted(tmp_path, NAMES_REST)

    assert draft.pathway.by_key["rest"].activities == ()
    assert draft.remarks == (
        f"There is no content library at {tmp_path / 'library'}: each step counts as one piece of work.",
    )


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (lambda library: None, 'Module "nap" is not in the library: its step counts as one piece of work.'),
        (lambda library: (library / "modules/nap").mkdir(),
         'Module "nap" has mistakes, which braid check-content tells: its step counts as one piece of work.'),
    ],
)  # fmt: skip
def test_a_module_that_cannot_be_had_is_remarked_on(tmp_path, spoil, remark):
    spoil(lay_out(tmp_path / "library"))

    assert drafted(tmp_path, NAMES_REST.replace("module: rest", "module: nap")).remarks == (remark,)


def test_a_completion_that_the_module_cannot_meet_is_told_at_its_line(tmp_path):
    lay_out(tmp_path / "library")
    text = NAMES_REST.replace(
        "    module: rest", "    module: rest\n    completion: {kind: some-activities, at_least: 9}"
    )

    with pytest.raises(Unreadable) as refused:
        drafted(tmp_path, text)

    (fault,) = refused.value.faults
    assert (fault.line, fault.problem) == (11, "9 cannot be done of 4")
