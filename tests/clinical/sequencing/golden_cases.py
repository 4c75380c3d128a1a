"""One situation for each truth value of each kind of condition, to be explained word for word."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.kleene import Truth
from tests.clinical.sequencing.starter import FIVE, RELEASE, pathway_of, step
from tests.clinical.sequencing.told import Told, at

NOW = at(12)
F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
ALWAYS = {"kind": "always"}
Story = Callable[[Told], Any]


@dataclass(frozen=True)
class Case:
    """A rule, what happened, and when it is asked about."""

    name: str
    truth: Truth
    rule: dict[str, Any]
    story: Story = lambda told: told
    now: datetime = NOW

    def told(self) -> Told:
        told = Told(
            pathway_of(
                step("pe", "Understanding low mood", ALWAYS),
                step("ba", "Doing what matters", ALWAYS, activities=FIVE),
                step("cr", "Working with thoughts", ALWAYS),
                step("ps", "Solving problems", ALWAYS),
                step("target", "Staying well", self.rule),
            )
        )
        self.story(told)
        return told


def pe_done(told: Told) -> Told:
    return told.done("pe", at(2))


def waived(step: str, reason: str = "not-relevant") -> Story:
    return lambda told: told.add(f.Waived, at(6), step=step, reason=reason)


def in_clinic(step: str) -> Story:
    return lambda told: told.add(f.DoneElsewhere, at(4), step=step)


def scores(measure: str, *taken: tuple[int, int | None]) -> Story:
    def story(told: Told) -> Told:
        for day, total in taken:
            told.scored(measure, total, at(day))
        return told

    return story


def kind(name: str, **fields: Any) -> dict[str, Any]:
    return {"kind": name, **fields}


def score(comparison: str, value: int, **fields: Any) -> dict[str, Any]:
    return kind("measure-score", measure="phq-9", comparison=comparison, value=value, **fields)


def change(direction: str, by: int, **fields: Any) -> dict[str, Any]:
    return kind("measure-change", measure="phq-9", change=direction, by=by, **fields)


PE, BA, CR, PS = (kind("step-satisfied", step=key) for key in ("pe", "ba", "cr", "ps"))
BELOW = score("below", 10)
TWICE = score("below", 10, which="each-of-last", last=2, gap_days=7)
ANXIETY = kind("problem-recorded", any_of=["anxiety"])
SLEEP = kind("goal-recorded", any_of=["sleep"])
REVIEW = kind("work-reviewed", step="ba", roles=["practitioner"], remind_after_days=2)
ATTENDED = kind("appointment-attended", at_least=2)
PRACTISED = kind("technique-practised", technique="relaxation", times=2)
MOOD = kind("entries-logged", entry="mood", at_least=4, distinct_days=4, within_days=7)
WEEK_AFTER = kind("time-since", anchor=BA, n=7)
OPENS_ITSELF = kind("all", of=[PE, kind("released-by", roles=["practitioner"], then="open", then_after_days=14)])


def assessed(status: str) -> Story:
    return lambda told: told.add(f.ProblemAssessed, at(2), problem="anxiety", status=status, by="Jo Hale")


def goal(*tags: str) -> Story:
    return lambda told: told.add(f.GoalSet, at(2), goal="g1", title="sleep better", tags=tags)


def sessions(*told_of: tuple[int, str]) -> Story:
    def story(told: Told) -> Told:
        for day, status in told_of:
            told.session(at(day, 10), status)
        return told

    return story


def practised(*days: int) -> Story:
    def story(told: Told) -> Told:
        for day in days:
            told.add(f.DoneElsewhere, at(day), technique="relaxation")
        return told

    return story


def both(*stories: Story) -> Story:
    def story(told: Told) -> None:
        for each in stories:
            each(told)

    return story


CASES: dict[str, list[Case]] = {
    "always": [Case("from the start", T, ALWAYS)],
    "all": [
        Case("one of three is done", F, kind("all", of=[PE, BA, CR]), pe_done),
        Case("one thing is left", F, kind("all", of=[PE, CR]), pe_done),
        Case("only a score is left, never taken", U, kind("all", of=[PE, BELOW]), pe_done),
        Case("only a score is left, too high", F, kind("all", of=[PE, BELOW]), both(pe_done, scores("phq-9", (3, 14)))),
        Case("the score is met, the step is not done", F, kind("all", of=[PE, BELOW]), scores("phq-9", (3, 4))),
        Case("both are met", T, kind("all", of=[PE, BELOW]), both(pe_done, scores("phq-9", (3, 4)))),
    ],
    "any": [
        Case("nothing yet, never measured", U, kind("any", of=[RELEASE, TWICE, PE, MOOD])),
        Case("nothing yet, measured", F, kind("any", of=[RELEASE, BELOW, PE]), scores("phq-9", (3, 14))),
        Case("one is met", T, kind("any", of=[RELEASE, PE]), pe_done),
    ],
    "count-of": [
        Case("none of four", F, kind("count-of", k=2, of=["pe", "ba", "cr", "ps"])),
        Case("one of four, another begun", F, kind("count-of", k=2, of=["pe", "ba", "cr", "ps"]),
             lambda told: pe_done(told).done("ba", at(4), "part-1")),
        Case("one done, one waived and not counted", F, kind("count-of", k=2, of=["pe", "ba", "cr", "ps"]),
             both(pe_done, waived("cr"))),
        Case("waivers count when they are asked to", T,
             kind("count-of", k=2, of=["pe", "cr", "ps"], counting="satisfied"), both(pe_done, waived("cr"))),
        Case("waivers leave as few as were asked for", F, kind("count-of", k=2, of=["pe", "cr", "ps"]),
             both(waived("cr"), waived("ps"))),
        Case("waivers leave one, and that one is done", T, kind("count-of", k=2, of=["pe", "cr", "ps"]),
             both(pe_done, waived("cr"), waived("ps"))),
        Case("a score could make it", U, kind("count-of", k=2, of=["pe", BELOW, "ps"]), pe_done),
        Case("a score did not make it", F, kind("count-of", k=2, of=["pe", BELOW, "ps"]),
             both(pe_done, scores("phq-9", (3, 14)))),
        Case("two are done", T, kind("count-of", k=2, of=["pe", "ba", "cr"]), both(pe_done, in_clinic("cr"))),
    ],
    "step-satisfied": [
        Case("not begun", F, BA),
        Case("two of five parts are done", F, BA, lambda told: told.done("ba", at(3), "part-1", "part-2")),
        Case("on hold", F, BA,
             lambda told: told.add(f.Held, at(3), step="ba", reason="Settle first", review_on="2026-05-20")),
        Case("done online", T, PE, pe_done),
        Case("done in the clinic", T, PE, in_clinic("pe")),
        Case("waived", T, PE, waived("pe")),
    ],
    "step-completed": [
        Case("anywhere, not begun", F, kind("step-completed", step="pe")),
        Case("online only, and it was waived", F, kind("step-completed", step="pe", where="online"), waived("pe")),
        Case("online only, and it was done in the clinic", F, kind("step-completed", step="pe", where="online"),
             in_clinic("pe")),
        Case("in the clinic only", F, kind("step-completed", step="pe", where="in-clinic"), pe_done),
        Case("online only, done", T, kind("step-completed", step="pe", where="online"), pe_done),
    ],
    "step-started": [
        Case("not started", F, kind("step-started", step="ba")),
        Case("opened by the patient", T, kind("step-started", step="ba"),
             lambda told: told.add(f.StepOpened, at(3), step="ba")),
    ],
    "technique-practised": [
        Case("never", F, PRACTISED),
        Case("once of twice", F, PRACTISED, practised(4)),
        Case("in a session only", F, {**PRACTISED, "times": 1, "where": "in-clinic"},
             lambda told: told.add(f.TechniquePractised, at(4), technique="relaxation")),
        Case("twice", T, PRACTISED, practised(4, 6)),
    ],
    "entries-logged": [
        Case("none", F, MOOD),
        Case("on one of four days", F, MOOD, lambda told: told.logged("mood", 11)),
        Case("the diary, by number", F, kind("entries-logged", entry="diary", at_least=3),
             lambda told: told.logged("diary", 3)),
        Case("a thought record", F, kind("entries-logged", entry="thought-record")),
        Case("on four days", T, MOOD, lambda told: told.logged("mood", 8, 9, 10, 11)),
    ],
    "time-since": [
        Case("the anchor has not happened", F, WEEK_AFTER),
        Case("counting days", F, WEEK_AFTER, lambda told: told.done("ba", at(6))),
        Case("counting hours", F, {**WEEK_AFTER, "n": 48, "unit": "hours"},
             lambda told: told.done("ba", at(11, 14, 30))),
        Case("after a session", F, {**WEEK_AFTER, "anchor": kind("appointment-attended")}),
        Case("after the start", F, {**WEEK_AFTER, "anchor": kind("programme-start"), "n": 28}),
        Case("the days have passed", T, WEEK_AFTER, lambda told: told.done("ba", at(2))),
    ],
    "not-before": [
        Case("not yet", F, kind("not-before", date="2026-06-01")),
        Case("next year, by the service", F, kind("not-before", date="2027-01-04", zone="service")),
        Case("reached", T, kind("not-before", date="2026-05-10")),
    ],
    "appointment-attended": [
        Case("none booked", F, ATTENDED),
        Case("one attended, one ahead", F, ATTENDED, sessions((4, "attended"), (20, "booked"))),
        Case("one has no outcome", U, ATTENDED, sessions((4, "attended"), (11, "booked"))),
        Case("one was not attended", F, ATTENDED, sessions((4, "attended"), (11, "did-not-attend"))),
        Case("only reviews after a step count", F, kind("appointment-attended", appointment="review", after="ba")),
        Case("two attended", T, ATTENDED, sessions((4, "attended"), (11, "attended"))),
    ],
    "measure-completed": [
        Case("not this week", F, kind("measure-completed", measure="phq-9", within_days=7), scores("phq-9", (2, 14))),
        Case("one of two", F, kind("measure-completed", measure="phq-9", times=2), scores("phq-9", (2, 14), (9, None))),
        Case("this week", T, kind("measure-completed", measure="phq-9", within_days=7), scores("phq-9", (10, 14))),
    ],
    "measure-score": [
        Case("never measured", U, BELOW),
        Case("could not be scored", U, BELOW, scores("phq-9", (3, None))),
        Case("too old", U, score("below", 10, max_age_days=5), scores("phq-9", (3, 8))),
        Case("too high", F, BELOW, scores("phq-9", (3, 14))),
        Case("too low", F, score("at-least", 10), scores("phq-9", (3, 4))),
        Case("the baseline", F, score("at-least", 10, which="baseline"), scores("phq-9", (3, 4), (9, 12))),
        Case("the baseline, whatever came after", T, score("at-least", 10, which="baseline"),
             scores("phq-9", (3, 14), (9, 4))),
        Case("one of the last two", U, TWICE, scores("phq-9", (3, 8))),
        Case("the last two are too close", F, TWICE, scores("phq-9", (1, 17), (5, 9), (11, 8))),
        Case("close together, and nothing before", U, TWICE, scores("phq-9", (5, 9), (11, 8))),
        Case("zero is below ten", T, BELOW, scores("phq-9", (3, 0))),
        Case("the last two are far enough apart", T, TWICE, scores("phq-9", (1, 17), (3, 9), (11, 8))),
    ],
    "measure-change": [
        Case("never measured", U, change("improved", 6)),
        Case("measured once", U, change("improved", 6), scores("phq-9", (3, 17))),
        Case("measured once, from the one before", U, change("improved", 6, **{"from": "previous"}),
             scores("phq-9", (3, 17))),
        Case("the latest could not be scored", U, change("improved", 6), scores("phq-9", (3, 17), (9, None))),
        Case("not by enough", F, change("improved", 6), scores("phq-9", (3, 17), (9, 12))),
        Case("no change", F, change("worsened", 6), scores("phq-9", (3, 17), (9, 17))),
        Case("by enough", T, change("improved", 6), scores("phq-9", (3, 17), (9, 11))),
    ],
    "problem-recorded": [
        Case("not assessed", U, ANXIETY),
        Case("assessed and absent", F, ANXIETY, assessed("absent")),
        Case("resolved", F, ANXIETY, assessed("resolved")),
        Case("active", T, ANXIETY, assessed("active")),
    ],
    "goal-recorded": [
        Case("no goals yet", U, SLEEP),
        Case("none matches", F, SLEEP, goal("people")),
        Case("one matches", T, SLEEP, goal("sleep")),
    ],
    "patient-chose": [
        Case("this step, not asked for", F, kind("patient-chose", step="target")),
        Case("another step, not asked for", F, kind("patient-chose", step="ba")),
        Case("asked for", T, kind("patient-chose", step="target"),
             lambda told: told.add(f.PatientChose, at(6), step="target")),
    ],
    "released-by": [
        Case("waiting", F, RELEASE),
        Case("waiting, and the patient asked", F, kind("any", of=[PE, RELEASE]),
             lambda told: told.add(f.PatientChose, at(6), step="target")),
        Case("opens by itself in the end", F, OPENS_ITSELF, pe_done, at(8)),
        Case("by others than the practitioner", F, kind("released-by", roles=["supervisor", "clinical-lead"])),
        Case("released", T, RELEASE, lambda told: told.add(f.Released, at(6), step="target", told="As we agreed.")),
        Case("opened by itself", T, OPENS_ITSELF, pe_done, at(20)),
    ],
    "work-reviewed": [
        Case("nothing to review yet", F, REVIEW),
        Case("waiting", F, REVIEW, lambda told: told.done("ba", at(5), "part-1")),
        Case("reviewed", T, REVIEW,
             lambda told: told.done("ba", at(5), "part-1").add(f.Reviewed, at(7), step="ba")),
    ],
}  # fmt: skip
