"""Each act a story can tell of, as the product's own action, called the way its page calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.caseload import actions as caseload
from app.clinical import worksheets
from app.clinical.containers import Worksheet
from app.clinical.fields import Day, Lines
from app.clinical.modules import Module
from app.clinical.sequencing import decisions
from app.clinical.sequencing.facts import WaiverReason
from app.demo import diary_acts, momentary_acts, mood_acts
from app.kit.work import Work
from app.programme import actions, answers, entry_queries, plan_actions, queries, reading_queries
from app.programme.content import Library
from app.programme.queries import Plan
from app.questionnaires import actions as questionnaires
from app.safety import actions as safety
from app.safety import queries as alerts
from app.safety.tables import AlertStep


class CannotHappen(ValueError):
    """A story tells of something the product does not allow."""


@dataclass
class Scene:
    """One act's work, and whom it is about."""

    work: Work
    patient: Patient
    library: Library

    @cached_property
    def plan(self) -> Plan:
        return queries.plan(self.work, self.patient)

    def module(self, step: str) -> Module:
        """The module of a step as this patient has it; a closed step is as closed here as it is on its pages."""
        standing = self.plan[step]
        if not decisions.can_open(standing):
            raise CannotHappen(f"{self.patient.name} cannot open {step}: it is {standing.state}")
        found = queries.modules_of(self.work, self.plan, self.library.modules)
        return found[standing.module or ""]

    def after(self, days: int | None) -> date | None:
        """The day so many days after this one."""
        return None if days is None else self.work.today + timedelta(days=days)


def start(scene: Scene, *, step: str) -> None:
    standing = scene.plan[step]
    actions.start_step(scene.work, patient=scene.patient, standing=standing, module=scene.module(step))


def read(scene: Scene, *, step: str, page: str) -> None:
    module = scene.module(step)
    actions.move_on(
        scene.work, patient=scene.patient, plan=scene.plan, step=step, module=module, page=module.page(page)
    )


def save(scene: Scene, *, step: str, worksheet: str, values: Mapping[str, Any], again: bool = False) -> None:
    """Fill in a worksheet; `again` changes the newest entry of a list, which is otherwise added to."""
    module = scene.module(step)
    sheet = entry_queries.worksheet_of(module, worksheet)
    if sheet is None:
        raise CannotHappen(f"{step} has no worksheet {worksheet}")
    kept, problems = worksheets.read(sheet, posted(sheet, values, scene.work.today))
    unknown = set(values) - {field.key for field in sheet.entry_fields} - set(kept)
    if problems or (unknown and not isinstance(sheet, worksheets.Tree)):
        raise CannotHappen(f"{scene.patient.name}, {worksheet}: {problems or sorted(unknown)}")
    entry_id, base = answers.only_entry(scene.patient, module.key, sheet.key), 0
    if not answers.has_one_entry(sheet):
        entry_id = _newest(scene, worksheet).id if again else uuid4()
    base = len(answers.versions(scene.work, scene.patient, entry_id))
    actions.save_entry(
        scene.work,
        patient=scene.patient,
        standing=scene.plan[step],
        module=module,
        worksheet=sheet,
        entry_id=entry_id,
        base=base,
        values=kept,
    )


def posted(sheet: Worksheet, values: Mapping[str, Any], today: date) -> dict[str, str | list[str]]:
    """The values of a story as a browser would send them; a day is written as so many days from the entry's own."""
    fields = {field.key: field for field in sheet.entry_fields}
    found: dict[str, str | list[str]] = {}
    for key, value in values.items():
        if isinstance(fields.get(key), Day):
            found[key] = (today + timedelta(days=value)).isoformat()
        elif isinstance(fields.get(key), Lines):
            found[key] = "\n".join(value)
        else:
            found[key] = [str(one) for one in value] if isinstance(value, list) else str(value)
    return found


def _newest(scene: Scene, worksheet: str) -> answers.Entry:
    given = [one for one in answers.entries(scene.work, scene.patient) if one.worksheet == worksheet]
    if not given:
        raise CannotHappen(f"{scene.patient.name} has nothing on {worksheet}")
    return max(given, key=lambda one: one.saved_at)


def ask(scene: Scene, *, step: str) -> None:
    actions.ask_for_step(scene.work, patient=scene.patient, standing=scene.plan[step])


def stop_asking(scene: Scene, *, step: str) -> None:
    actions.stop_asking(scene.work, patient=scene.patient, standing=scene.plan[step])


def homework(scene: Scene) -> None:
    """Tick off the oldest homework that is not done."""
    waiting = [row for row in reversed(scene.plan.homework) if not row.body["done_at"]]
    actions.do_homework(scene.work, patient=scene.patient, homework_id=waiting[0].id)


def answer(scene: Scene, *, instrument: str, points: str, difficulty: int | None = None) -> None:
    """Send a questionnaire written as `222110100 = 9`: the points of each item, and what they add up to."""
    asked = scene.library.instruments[instrument]
    digits, _, total = points.partition(" = ")
    given = dict(zip((item.key for item in asked.items), map(int, digits), strict=True))
    if sum(given.values()) != int(total):
        raise CannotHappen(f"{scene.patient.name}: {digits} adds up to {sum(given.values())}, not {total}")
    if difficulty is not None and asked.extra:
        given[asked.extra[0].key] = difficulty
    questionnaires.submit(scene.work, patient=scene.patient, instrument=asked, answers=given, response_id=uuid4())


def plan(scene: Scene, **what: Any) -> None:
    diary_acts.plan(scene.work, scene.patient, **what)


def went(scene: Scene, **said: Any) -> None:
    diary_acts.went(scene.work, scene.patient, **said)


def happened(scene: Scene, **said: Any) -> None:
    diary_acts.happened(scene.work, scene.patient, **said)


def release(scene: Scene, *, step: str, told: str = "") -> None:
    plan_actions.release(scene.work, patient=scene.patient, plan=scene.plan, step=step, told=told)


def open_early(scene: Scene, *, step: str, reason: str, told: str = "") -> None:
    plan_actions.override_open(scene.work, patient=scene.patient, plan=scene.plan, step=step, reason=reason, told=told)


def waive(scene: Scene, *, step: str, reason: str, note: str = "") -> None:
    plan_actions.waive(
        scene.work, patient=scene.patient, plan=scene.plan, step=step, reason=WaiverReason(reason), note=note
    )


def done(
    scene: Scene,
    *,
    step: str | None = None,
    activities: list[str] | None = None,
    technique: str | None = None,
    note: str = "",
    homework: str = "",
    due: int | None = None,
) -> None:
    plan_actions.record_done(
        scene.work,
        patient=scene.patient,
        plan=scene.plan,
        step=step,
        activities=tuple(activities or ()),
        technique=technique,
        note=note,
        homework=homework,
        due_on=scene.after(due),
    )


def add(scene: Scene, *, title: str = "", module: str = "", technique: str | None = None, told: str = "") -> None:
    found = scene.library.modules[module] if module else None
    plan_actions.add_step(
        scene.work,
        patient=scene.patient,
        plan=scene.plan,
        title=found.title if found else title,
        module=found,
        technique=technique,
        told=told,
    )


def hold(scene: Scene, *, step: str, reason: str, review: int, told: str = "") -> None:
    plan_actions.hold(
        scene.work,
        patient=scene.patient,
        plan=scene.plan,
        step=step,
        reason=reason,
        review_on=scene.work.today + timedelta(days=review),
        told=told,
    )


def resume(scene: Scene, *, step: str) -> None:
    plan_actions.resume(scene.work, patient=scene.patient, plan=scene.plan, step=step)


def move(scene: Scene, *, step: str, way: str) -> None:
    order: list[str | None] = [one.step for one in scene.plan.course.standings]
    target = order.index(step) + (-1 if way == "up" else 2)
    before = order[target] if target < len(order) else None
    plan_actions.move(scene.work, patient=scene.patient, plan=scene.plan, step=step, before=before)


def undo(scene: Scene) -> None:
    plan_actions.undo(scene.work, patient=scene.patient, plan=scene.plan, decision_id=_last_decision(scene))


def correct(scene: Scene, *, reason: str) -> None:
    plan_actions.correct(
        scene.work, patient=scene.patient, plan=scene.plan, decision_id=_last_decision(scene), reason=reason
    )


def _last_decision(scene: Scene) -> UUID:
    last: UUID = [row.id for row in scene.plan.rows if row.source == "decision"][-1]
    return last


def feedback(scene: Scene, *, worksheet: str, words: str = "") -> None:
    """Look at the newest entry of a worksheet, and write about it where there are words."""
    newest = _newest(scene, worksheet)
    plan_actions.give_feedback(scene.work, patient=scene.patient, answer_id=newest.answer_id, words=words)


def look_at_rest(scene: Scene) -> None:
    """Look at every entry that nobody has looked at since it was last changed, save those nobody is asked to read."""
    modules = queries.modules_of(scene.work, scene.plan, scene.library.modules)
    for entry in answers.entries(scene.work, scene.patient):
        sheet = entry_queries.worksheet_of(modules[entry.module], entry.worksheet)
        looked_at = any(comment.version >= entry.version for comment in entry.comments)
        if sheet and reading_queries.is_to_be_read(sheet) and not looked_at:
            plan_actions.give_feedback(scene.work, patient=scene.patient, answer_id=entry.answer_id, words="")


def look(scene: Scene) -> None:
    """Open the record, no more: that it was opened is recorded with every act of staff."""


def contact(scene: Scene, *, note: str) -> None:
    caseload.change_contact(
        scene.work, patient=scene.patient, contact_note=note, local_patient_id=None, local_referral_id=None
    )


def see_alert(scene: Scene) -> None:
    safety.mark_seen(scene.work, patient=scene.patient, alert_id=_open_alert(scene).id)


def act_on_alert(scene: Scene, *, act: str, words: str, next_in: int | None = None, close: bool = False) -> None:
    """Say what was done about the open alert; `next_in` is the hours until the next attempt."""
    found = _open_alert(scene).id
    next_at = scene.work.now + timedelta(hours=next_in) if next_in else None
    safety.record_act(
        scene.work, patient=scene.patient, alert_id=found, act=AlertStep(act), words=words, next_at=next_at
    )
    if close:
        safety.close_alert(scene.work, patient=scene.patient, alert_id=found)


def _open_alert(scene: Scene) -> alerts.OpenAlert:
    found = alerts.open_alert(scene.work, scene.patient)
    if found is None:
        raise CannotHappen(f"{scene.patient.name} has no open alert")
    return found


def rate(scene: Scene, *, value: int, note: str) -> None:
    mood_acts.rate(scene.work, scene.patient, value=value, note=note)


def be_asked(scene: Scene, *, times: list[str]) -> None:
    mood_acts.be_asked(scene.work, scene.patient, times=times)


def assign_short_questions(scene: Scene, **said: Any) -> None:
    momentary_acts.assign(scene.work, scene.patient, **said)


def answer_short_question(scene: Scene, *, answers: dict[str, Any]) -> None:
    momentary_acts.answer(scene.work, scene.patient, answers=answers)


BY_PATIENT: dict[str, Callable[..., None]] = {
    "start": start,
    "read": read,
    "save": save,
    "ask": ask,
    "stop-asking": stop_asking,
    "homework": homework,
    "answer": answer,
    "plan": plan,
    "went": went,
    "happened": happened,
    "rate": rate,
    "be-asked": be_asked,
    momentary_acts.ANSWER: answer_short_question,
}
BY_STAFF: dict[str, Callable[..., None]] = {
    "release": release,
    "open-early": open_early,
    "waive": waive,
    "done": done,
    "add": add,
    "hold": hold,
    "resume": resume,
    "move": move,
    "undo": undo,
    "correct": correct,
    "feedback": feedback,
    "look-at-rest": look_at_rest,
    "look": look,
    "contact": contact,
    "see-alert": see_alert,
    "act-on-alert": act_on_alert,
    momentary_acts.ASSIGN: assign_short_questions,
}
# The page an act of staff is done on, as “Who has looked at my record” shows it, and the capability its door asks for.
PLAN_PAGE = "/patients/{patient_id}/plan"
_ANSWERS, _ALERT = "/patients/{patient_id}/answers", "/patients/{patient_id}/alerts/{alert_id}"
PAGES = {
    "feedback": (_ANSWERS, Capability.READ_WORDS),
    "look-at-rest": (_ANSWERS, Capability.READ_WORDS),
    "look": (_ANSWERS, Capability.READ_WORDS),
    "contact": ("/patients/{patient_id}/details", Capability.EDIT_CONTACT),
    "see-alert": (_ALERT, Capability.SEE_ALERTS),
    momentary_acts.ASSIGN: ("/patients/{patient_id}/mood/short-questions/new", Capability.TAILOR_PROGRAMME),
    "act-on-alert": (_ALERT, Capability.HANDLE_ALERTS),
}
