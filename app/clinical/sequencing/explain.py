"""Why a step stands as it does, told to the patient and to staff: a sentence, and lines that carry it out."""

from collections.abc import Iterable, Iterator, Mapping

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.evaluate import View
from app.clinical.sequencing.facts import Fact, Mode
from app.clinical.sequencing.pathway import Override, Requirement
from app.clinical.sequencing.patient_words import Reader, left, suggestion
from app.clinical.sequencing.rules import PatientChose
from app.clinical.sequencing.staff_words import rule_lines
from app.clinical.sequencing.standing import Flag, FlagKind, Standing, State
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.wording import (
    PLACES,
    WAIVER_REASONS,
    Line,
    Mark,
    Text,
    day,
    day_of,
    first_name,
    sentence,
    spoken,
    title_of,
    who,
)

# In the words of the patient's pages, where what was done in the room counts the same as online.
_DONE_AT = {Mode.ONLINE: "Done", Mode.IN_CLINIC: "Done in your session", Mode.ELSEWHERE: "Done elsewhere"}
# How sentences begin that are about the patient and not about what a step waits for.
PRACTISED, ASKED, DECLINED = "You practised this", "You asked for this", "Not now:"
ABOUT_YOU = (PRACTISED, ASKED, DECLINED)
_YOUR_PLACES = {Mode.ONLINE: "online", Mode.IN_CLINIC: "in your session", Mode.ELSEWHERE: "elsewhere"}


def for_patient(standing: Standing, given_name: str | None = None) -> Text:
    """What the patient reads. `given_name` is their practitioner's; without it the text says "your practitioner".

    No text tells a score, a direction, a problem, or whether a measure was ever taken.
    """
    reader = Reader(_view(standing), given_name)
    match standing.state:
        case State.LOCKED | State.WAITING:
            return _patient_closed(standing, reader)
        case State.NOT_SUGGESTED:
            may = "You can start it if you like." if standing.opened else "You can ask to try it."
            return Text(f"Not part of your plan for now. {may}", _lines(_besides(standing, reader)))
        case State.AVAILABLE:
            return Text("Open: start when you like.", _lines(_patient_opening(standing, reader)))
        case State.IN_PROGRESS:
            so_far = f": you have done {standing.done_count} of {standing.needed} parts" if standing.needed > 1 else ""
            return Text(
                f"Under way{so_far}.", _lines(_patient_opening(standing, reader)) + _parts(standing, _YOUR_PLACES)
            )
        case State.COMPLETED:
            return Text(
                _patient_done(standing, reader.view),
                _parts(standing, _YOUR_PLACES) if standing.mode is Mode.MIXED else (),
            )
        case State.WAIVED:
            return _patient_waived(standing, reader)
        case State.ON_HOLD:
            told = [standing.hold.told if standing.hold else "", "What you have written here is still yours to read."]
            return Text("Paused by your care team until you talk.", _lines(told))


def for_staff(standing: Standing, given_name: str = "The patient") -> Text:
    """What staff read: the state, what a closed step waits for with what is known of it, what was done and decided.

    `given_name` is the patient's.
    """
    view = _view(standing)
    rules = () if standing.satisfied else (*_staff_relevance(standing, view), *_staff_rule(standing, view))
    remarks = _lines(_staff_remarks(standing, view, given_name))
    return Text(_staff_headline(standing, view), (*rules, *remarks, *_parts(standing, PLACES)))


def _view(standing: Standing) -> View:
    return View(standing.seen, standing.now, standing.step)


def _lines(words: Iterable[str | None]) -> tuple[Line, ...]:
    return tuple(Line(None, each) for each in words if each)


def _patient_closed(standing: Standing, reader: Reader) -> Text:
    ask = left(standing.rule, reader)
    if ask is None:
        return Text("Not open yet.", _lines(_besides(standing, reader)))
    return Text(ask.headline, (*ask.below, *_lines(_besides(standing, reader))))


def _besides(standing: Standing, reader: Reader) -> Iterator[str]:
    """What was practised of a step that is not open, and what became of asking for it."""
    techniques = standing.seen.steps[standing.step].techniques
    practised = [done for key in techniques for done in standing.seen.practices.get(key, ())]
    together = [done for done in practised if isinstance(done.fact, f.DoneElsewhere) and done.mode is Mode.IN_CLINIC]
    if together:
        last = max(together, key=lambda done: done.at)
        yield f"{PRACTISED} with {_by(last.fact)} on {day_of(last.at, reader.view)}."
    if standing.asked:
        who = reader.therapist
        on = day_of(standing.asked.effective_at, reader.view)
        yield f"{ASKED} on {on}. {who[0].upper()}{who[1:]} will tell you before or at your next session."
    if no := standing.declined:
        yield f"{DECLINED} “{no.told}” {_by(no)}, {day_of(no.effective_at, reader.view)}."


def _patient_opening(standing: Standing, reader: Reader) -> Iterator[str | None]:
    """Who opened it, if somebody did, and why it is there."""
    yield from _opened_because(standing, reader)
    if standing.added:
        yield f"Added by {_by(standing.added)} for you."
        yield standing.added.told
    if standing.changed:
        core = standing.changed.requirement is not Requirement.COULD
        yield "Now one of your main steps." if core else "Now optional."
    step = standing.seen.steps[standing.step]
    yield suggestion(step.relevance, reader) if standing.suggested else None


def _opened_because(standing: Standing, reader: Reader) -> Iterator[str]:
    view = reader.view
    # A patient who was moved to another version still reads who opened it, or what did.
    fact = standing.origin_fact
    if getattr(fact, "step", None) not in (None, *standing.seen.steps):
        return
    match fact:
        case f.Released() | f.OverrideOpened() as fact:
            yield f"Opened by {_by(fact)} on {day_of(fact.effective_at, view)}."
            yield fact.told
        case f.DoneElsewhere() as fact:
            with_whom = f" with {_by(fact)}" if fact.mode is Mode.IN_CLINIC else ""
            on = day_of(fact.effective_at, view)
            yield f"Opened because you {_did(fact, standing.step, view)}{with_whom} on {on}."
        case f.Waived() as fact:
            yield f"Opened because you and {_by(fact)} agreed to skip {title_of(fact.step, view)}."
    if standing.origin == "time" and standing.since is not None:
        yield f"Opened on {day_of(standing.since, view)}, as planned."


def _did(fact: f.DoneElsewhere, step: str, view: View) -> str:
    if fact.step is None:
        return f"practised {spoken(fact.technique or '')}"
    if fact.step == step:
        return "worked on it"
    return f"{'worked on' if fact.activities else 'did'} {title_of(fact.step, view)}"


def _by(fact: f.Fact) -> str:
    return first_name(fact.by) or "your care team"


def _patient_done(standing: Standing, view: View) -> str:
    assert standing.completed_at is not None and standing.mode is not None
    on = day_of(standing.completed_at, view)
    if standing.mode is not Mode.MIXED:
        return f"{_DONE_AT[standing.mode]} on {on}."
    in_clinic = any(part.mode is Mode.IN_CLINIC for part in standing.done)
    return f"Done on {on}, partly {'in your session' if in_clinic else 'elsewhere'}."


def _parts(standing: Standing, places: Mapping[Mode, str]) -> tuple[Line, ...]:
    """What was done, where and when, and what is left; nothing for a step that is one piece."""
    if standing.needed < 2 and len(standing.done) < 2:
        return ()
    today = _view(standing).today
    done = (Line(Mark.MET, f"{part.title}: {places[part.mode]}, {day(part.on, today)}.") for part in standing.done)
    return (*done, *(Line(Mark.NOT_YET, f"{part.title}.") for part in standing.left if standing.done))


def _patient_waived(standing: Standing, reader: Reader) -> Text:
    assert standing.waiver is not None
    may = " You can still open it." if standing.override is not Override.PROHIBITED or standing.opened else ""
    return Text(f"You and {_by(standing.waiver)} agreed to skip this.{may}", _lines([standing.waiver.told]))


def _staff_headline(standing: Standing, view: View) -> str:
    match standing.state:
        case State.LOCKED | State.WAITING:
            state = "Locked" if standing.state is State.LOCKED else "Waiting for information"
            return f"{state}.{_earliest(standing, view)}"
        case State.NOT_SUGGESTED:
            return f"Not suggested. {_opening(standing, view)} all the same." if standing.opened else "Not suggested."
        case State.AVAILABLE:
            return f"{_opening(standing, view)}. Not started."
        case State.IN_PROGRESS:
            return f"In progress, {standing.done_count} of {standing.needed} done. {_opening(standing, view)}."
        case State.COMPLETED:
            assert standing.completed_at is not None and standing.mode is not None
            return f"Done on {day_of(standing.completed_at, view)}, {PLACES[standing.mode]}."
        case State.WAIVED:
            return _staff_waiver(standing, view)
        case State.ON_HOLD:
            return _staff_hold(standing, view)


def _earliest(standing: Standing, view: View) -> str:
    return f" Opens on {day(standing.earliest_on, view.today)} by time alone." if standing.earliest_on else ""


def _opening(standing: Standing, view: View) -> str:
    assert standing.since is not None
    return f"Open since {day_of(standing.since, view)}{_opened_how(standing, standing.cause, standing.cause_fact)}"


def _opened_how(standing: Standing, cause: str | None, cause_fact: Fact | None) -> str:
    match cause_fact:
        case f.CarriedOver(back=True) as fact:
            return _after_going_back(standing, fact)
        case f.Released() as fact:
            return f", released by {who(fact.by, fact.role)}"
        case f.OverrideOpened() as fact:
            return f", opened early by {who(fact.by, fact.role)}{_quoted(fact.reason)}"
        case f.StepAdded() as fact:
            return f", added by {who(fact.by, fact.role)}"
        case f.CarriedOver() as fact:
            if standing.step in fact.opened:
                return f", kept from version {fact.from_version}"
            return f", by the move from version {fact.from_version}"
        case f.DoneElsewhere() as fact if fact.step == standing.step:
            return f", by work recorded by {who(fact.by, fact.role)}"
        case f.DoneElsewhere(step=None) as fact:
            by, on = who(fact.by, fact.role), day_of(fact.effective_at, _view(standing))
            return f", by practice of {spoken(fact.technique or '')} on {on}, recorded by {by}"
        case f.DoneElsewhere() | f.ActivityDone() | f.Waived() as fact if fact.step and fact.step != standing.step:
            how = "agreement to skip" if isinstance(fact, f.Waived) else "work on"
            return f", by {how} {title_of(fact.step, _view(standing))}"
        case f.MeasureTaken():
            return ", by an answered questionnaire"
        case f.AppointmentRecorded():
            return ", by an attended session"
        case f.Reviewed() as fact:
            return f", by {who(fact.by, fact.role)} looking at work"
    return ", by time" if cause == "time" else ""


def _after_going_back(standing: Standing, fact: f.CarriedOver) -> str:
    """What opened it before anybody moved them: they are where they were, and nothing came from the other version."""
    origin = standing.origin_fact
    if standing.step not in fact.opened:
        return f", by the move back from version {fact.from_version}"
    if isinstance(origin, f.CarriedOver) and origin.back:
        return f", kept by the move back from version {fact.from_version}"
    return _opened_how(standing, standing.origin, origin)


def _quoted(words: str) -> str:
    return f": “{words}”" if words else ""


def _staff_rule(standing: Standing, view: View) -> tuple[Line, ...]:
    """The rule of a step that is not open, or of one that its rule would no longer open."""
    no_longer_met = any(flag.kind is FlagKind.NO_LONGER_MET for flag in standing.flags)
    return rule_lines(standing.rule, view) if no_longer_met or not standing.opened else ()


def _staff_relevance(standing: Standing, view: View) -> tuple[Line, ...]:
    rule = standing.seen.steps[standing.step].relevance
    if rule is None or standing.core:
        return ()
    return (Line(None, "Suggested when:"), *rule_lines(rule, view, 1))


def _staff_waiver(standing: Standing, view: View) -> str:
    waiver = standing.waiver
    assert waiver is not None
    on = day_of(waiver.effective_at, view)
    return f"Waived by {who(waiver.by, waiver.role)} on {on}: {WAIVER_REASONS[waiver.reason]}."


def _staff_hold(standing: Standing, view: View) -> str:
    hold = standing.hold
    assert hold is not None
    under = "Would otherwise be open." if standing.opened else "Would otherwise be locked."
    by, on = who(hold.by, hold.role), day_of(hold.effective_at, view)
    return f"On hold by {by} since {on}: “{hold.reason}”. Review on {day(hold.review_on, view.today)}. {under}"


def _staff_remarks(standing: Standing, view: View, given_name: str) -> Iterator[str]:
    told_by_rule = any(isinstance(each, PatientChose) for each in atoms(standing.rule))
    if standing.asked and not standing.opened and not told_by_rule:
        yield f"{given_name} asked for it on {day_of(standing.asked.effective_at, view)}."
    if no := standing.declined:
        yield sentence(f"{who(no.by, no.role)} said not now on {day_of(no.effective_at, view)}: “{no.told}”")
    if standing.waiver and standing.state is not State.WAIVED:
        yield _staff_waiver(standing, view)
        if again := standing.seen.work(standing.step).reopened:
            yield f"{given_name} chose it again on {day_of(again.effective_at, view)}."
    if standing.changed:
        core = "core" if standing.changed.requirement is not Requirement.COULD else "optional"
        yield f"Made {core} by {who(standing.changed.by, standing.changed.role)}: “{standing.changed.reason}”."
    if standing.override is Override.PROHIBITED and not standing.opened:
        yield "Cannot be opened before its rule is met."
    yield from (_flag(flag) for flag in standing.flags)


def _flag(flag: Flag) -> str:
    return {
        FlagKind.OPENED_IN_ERROR: "Stays open, though what opened it has since been corrected.",
        FlagKind.NO_LONGER_MET: "Stays open, though its rule is no longer met.",
        FlagKind.UNDO_CAME_TOO_LATE: "Stays open: it was begun before the decision was undone.",
    }[flag.kind]
