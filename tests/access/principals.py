"""Everybody who might knock, in every relation to the patients there are, and a service with something to find."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.accounts.tables import LinkPurpose, PatientRecord, SignIn
from app.clinical.mood import Scale
from app.clinical.planning import Scope, When
from app.clinical.recurrence import Freq, Rule
from app.diary import calendar_actions, calendar_queries, log_actions
from app.diary import plan_actions as diary_actions
from app.diary.kinds import Outcome
from app.diary.log_actions import Said
from app.kit import crypto
from app.kit.push import Browser
from app.mood import actions as mood_actions
from app.mood import momentary_actions, momentary_queries
from app.notifications import device_actions, pulse_actions
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.off_sending import Link, off_token
from app.notifications.part_kinds import Part
from app.pathways import change_queries, draft_actions
from app.pathways.tables import MovePlan, PathwayProposal, WhatIf
from app.programme import actions, answers, many_actions, plan_actions, queries
from app.programme.content import Library
from app.programme.many_queries import About
from app.programme.tables import Decision, Homework, Incident, PathwayVersion
from app.questionnaires import actions as questionnaires
from app.questionnaires import schedule_actions
from app.safety import duty_actions, duty_queries, review_actions
from app.safety.review_kinds import ReviewKind
from app.safety.review_tables import Review
from app.safety.tables import Alert
from tests import published
from tests.people import Somebody, World

CANARY = "zebrafinch"


@dataclass
class Scene:
    """Three patients of one service and one of another, with a thing of every kind to ask for."""

    world: World
    other: World
    patients: dict[str, Somebody]
    principals: dict[str, Somebody | None]
    links: dict[str, str]
    things: dict[str, dict[str, str]]
    cookies: dict[str, str]


def set_scene(world: World, other: World, library: Library) -> Scene:
    robin = world.staff("Robin Hale")
    principals: dict[str, Somebody | None] = {
        "nobody": None,
        "own practitioner": robin,
        "another practitioner": world.staff("Nadia Rahman"),
        "practitioner on duty": world.staff("Dot Duty"),
        "own supervisor": world.staff("Sue Perrin", Role.SUPERVISOR),
        "another supervisor": world.staff("Tom Other", Role.SUPERVISOR),
        "clinical lead": world.staff("Lee Lead", Role.CLINICAL_LEAD),
        "administrator": world.staff("Ada Admin", Role.SERVICE_ADMIN),
        "navigator": world.staff("Nav Gator", Role.NAVIGATOR),
        "researcher": world.staff("Rea Searcher", Role.RESEARCHER),
        "practitioner of another service": other.staff("Olu Other"),
        "lead of another service": other.staff("Ova Lead", Role.CLINICAL_LEAD),
    }
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=principals["own supervisor"].id, practitioner_id=robin.id)  # type: ignore[union-attr]
    patients = {
        "present": world.patient("Ash Whitlock", of=robin),
        "lately discharged": world.patient("Bea Lately", of=robin),
        "long discharged": world.patient("Cy Longago", of=robin),
        "of another service": other.patient("Dee Foreign", of=other.staff("Olu Other")),
    }
    things = {}
    many_id = _for_many(robin)
    for relation, who in patients.items():
        things[relation] = _fill(who, library)
    for relation, days in (("lately discharged", 5), ("long discharged", 60)):
        _discharge(patients[relation], days)
    for relation, thing in things.items():
        foreign = relation == "of another service"
        lead = principals["lead of another service" if foreign else "clinical lead"]
        assert lead is not None
        thing |= _draft(lead, library) | _incident(lead, patients[relation])
        thing |= _what_if(lead, thing["version_id"]) | {"many_id": many_id}
    standing = {False: _standing_in(world, robin), True: _standing_in(other, other.staff("Olu Other"))}
    for relation, thing in things.items():
        thing |= standing[relation == "of another service"]
    with world.founding() as work:
        pulse_actions.await_parts(work.session, Part, now=work.now)
    principals["the patient"] = patients["present"]
    principals["a discharged patient"] = patients["lately discharged"]
    principals["a patient of another service"] = patients["of another service"]
    cookies = {name: session_cookie(who) for name, who in principals.items() if who}
    return Scene(world, other, patients, principals, _links(world, robin, patients["present"]), things, cookies)


def _standing_in(world: World, robin: Somebody) -> dict[str, str]:
    """Somebody on duty, and somebody who will be away with somebody else in their place."""
    dot = world.staff("Dot Duty")
    with world.founding() as work:
        until = work.now + timedelta(days=1)
        duty_actions.put_on_duty(work, person_id=dot.id, from_at=work.now, until_at=until)
        days = {"from_on": work.today + timedelta(days=30), "until_on": work.today + timedelta(days=40)}
        duty_actions.begin_leave(work, person_id=robin.id, cover_id=dot.id, **days)
        [shift], [leave] = duty_queries.shifts(work), duty_queries.leaves(work)
    return {"shift_id": str(shift.id), "leave_id": str(leave.id)}


def _draft(lead: Somebody, library: Library) -> dict[str, str]:
    """A draft of a pathway that the lead of a service has asked to be published."""
    with lead.working() as work:
        draft = draft_actions.begin_draft(work, body=change_queries.as_body(library.pathways["as-it-should-be"]))
        asked = work.add(
            PathwayProposal(draft_id=draft.id, edition=1, asked_by=lead.id, role=lead.role.value, asked_at=work.now)
        )
        work.record("pathway.publication-asked", draft=draft.id)
        return {"draft_id": str(draft.id), "proposal_id": str(asked.id)}


def _for_many(robin: Somebody) -> str:
    """A decision for several patients, of whom none was reached."""
    many_id = uuid4()
    with robin.working() as work:
        many_actions.decide_for_many(
            work, many_id=many_id, about=About("release", "staying-well"), patient_ids=[uuid4()]
        )
    return str(many_id)


def _what_if(lead: Somebody, version_id: str) -> dict[str, str]:
    """A what-if that was answered, and a plan made from it."""
    with lead.working() as work:
        asked = work.add(
            WhatIf(
                to_id=UUID(version_id), from_ids=[version_id], new_core="all", asked_by=lead.id, asked_at=work.now,
                patients=0, finished_at=work.now,
            )
        )  # fmt: skip
        plan = work.add(
            MovePlan(
                what_if_id=asked.id, to_id=UUID(version_id), due_on=work.today, planned_by=lead.id,
                role=lead.role.value, planned_at=work.now,
            )
        )  # fmt: skip
        work.record("move.planned", plan=plan.id)
        return {"what_if_id": str(asked.id), "plan_id": str(plan.id)}


def _incident(lead: Somebody, patient: Somebody) -> dict[str, str]:
    """A course of a patient that did not come out again as it was announced."""
    with lead.working() as work:
        incident = work.add(Incident(patient_id=patient.id, found=[], found_at=work.now))
        work.record("incident.raised", patient=patient.id)
        return {"incident_id": str(incident.id)}


def _fill(who: Somebody, library: Library) -> dict[str, str]:
    """One enrolled patient with a worksheet, a decision, homework, a questionnaire and an alert."""
    world = who.world
    with world.founding() as work:
        version = work.session.execute(
            sa.select(PathwayVersion).where(PathwayVersion.service_id == world.service_id)
        ).scalar_one_or_none() or published.in_use(work, library=library, key="as-it-should-be")
        plan_actions.enrol(work, patient_id=who.id, pathway_version_id=version.id, zone="Europe/London")
    module = library.modules["low-mood"]
    sheet = module.worksheet("my-cycle")
    entry = uuid4()
    response = uuid4()
    patient = who.patient()
    with who.working() as work:
        standing = queries.plan(work, patient)["low-mood"]
        actions.start_step(work, patient=patient, standing=standing, module=module)
        saved = actions.save_entry(
            work, patient=patient, standing=standing, module=module, worksheet=sheet, entry_id=entry, base=0,
            values={"situation": f"{CANARY} walk"},
        )  # fmt: skip
        instrument = library.instruments["phq-9"]
        points = {item.key: 1 for item in instrument.items}
        questionnaires.submit(work, patient=patient, instrument=instrument, answers=points, response_id=response)
    world.clock.on(minutes=1)
    with world.staff("Robin Hale").working() as work:
        plan = queries.plan(work, patient)
        plan_actions.record_done(
            work, patient=patient, plan=plan, technique="relaxation", homework=f"{CANARY} breathing"
        )
    series, log, edit = _diary(who)
    found = who.work().session
    assert answers.only_entry(patient, "low-mood", "my-cycle")
    return {
        "patient_id": str(who.id),
        "step": "low-mood",
        "page_key": module.pages[1].key,
        "module": "low-mood",
        "worksheet": sheet.key,
        "entry_id": str(entry),
        "answer": str(saved.id),
        "key": "phq-9",
        "number": "1",
        "form": "alliance",
        "response_id": str(response),
        "act": "done",
        "alert_id": str(found.execute(sa.select(Alert.id).where(Alert.patient_id == who.id)).scalar_one()),
        "review_id": str(_review(who)),
        "request_id": str(_asked(who)),
        "decision_id": str(found.execute(sa.select(Decision.id).where(Decision.patient_id == who.id)).scalar_one()),
        "homework_id": str(found.execute(sa.select(Homework.id).where(Homework.patient_id == who.id)).scalar_one()),
        "series_id": str(series),
        "named_on": world.clock.now.date().isoformat(),
        "device_id": str(_device(who)),
        "log_id": str(log),
        "edit_id": str(edit),
        "rating_id": str(_mood(who)),
        **_momentary(who, library),
        "version_id": str(version.id),
        "person_id": str(world.staff("Spare Person").id),
        "sign_in_id": str(uuid4()),
        "role": "practitioner",
    }


def _asked(who: Somebody) -> UUID:
    """An answer that was asked for."""
    id = uuid4()
    with who.world.staff("Robin Hale").working() as work:
        schedule_actions.ask_for(work, patient=who.patient(), id=id, instrument="phq-9")
    return id


def _review(who: Somebody) -> UUID:
    """An entry of the review list."""
    with who.world.founding() as work:
        about = {"measures": ["phq-9"], "due_on": ["2026-03-10", "2026-03-17"]}
        review_actions.put_on_list(work, patient_id=who.id, kind=ReviewKind.MISSING, source="missing", about=about)
    return who.work().session.execute(sa.select(Review.id).where(Review.patient_id == who.id)).scalar_one()


def _diary(who: Somebody) -> tuple[UUID, UUID, UUID]:
    """Something planned every day, taken out once, and something said of another day."""
    series, log, edit, patient = uuid4(), uuid4(), uuid4(), who.patient()
    today = who.world.clock.now.date()
    when = When(today - timedelta(days=3), Rule(freq=Freq.DAILY))
    with who.working() as work:
        about = diary_actions.About(f"{CANARY} walk")
        activity = diary_actions.plan_activity(work, patient=patient, series_id=series, about=about, when=when)
        diary_actions.stop_activity(
            work, patient=patient, activity=activity, named_on=today + timedelta(days=1), scope=Scope.ONE, version=1,
            edit_id=edit,
        )  # fmt: skip
        yesterday = activity.occurrence(today - timedelta(days=1))
        assert yesterday is not None
        said = Said(Outcome.DONE)
        log_actions.log_occurrence(
            work, patient=patient, activity=activity, occurrence=yesterday, log_id=log, said=said
        )
    return series, log, edit


def _mood(who: Somebody) -> UUID:
    """A number with words beside it."""
    with who.working() as work:
        said = mood_actions.Said(4, Scale(), work.now, note=f"{CANARY} rain", doing=f"{CANARY} tea")
        return mood_actions.rate(work, patient=who.patient(), rating_id=uuid4(), said=said).id


def _momentary(who: Somebody, library: Library) -> dict[str, str]:
    """Short questions for the days to come."""
    protocol = library.protocols["trial-seven"]
    practitioner_id = who.patient().practitioner_id
    by = next(one for one in who.world._known.values() if one.id == practitioner_id)
    with by.working() as work:
        assigned = momentary_actions.assign(
            work, patient=who.patient(), assignment_id=uuid4(), protocol=protocol, purpose=protocol.purposes[0],
            first_on=work.today + timedelta(days=1), days=1,
        )  # fmt: skip
        first = momentary_queries.prompts(work, assigned)[0]
    return {"assignment_id": str(assigned.id), "prompt_id": str(first.id)}


def _discharge(who: Somebody, days: int) -> None:
    with who.world.founding() as work:
        row = work.session.get_one(PatientRecord, (who.world.service_id, who.id))
        row.discharged_at = work.now - timedelta(days=days)
        work.session.add(row)
        work.record("patient.discharged", patient=who.id)


def _device(who: Somebody) -> UUID:
    """A browser that somebody's reminders go to."""
    browser = Browser(f"https://push.example.org/{who.id}", "", "")
    with who.working() as work:
        return device_actions.add_device(work, person_id=who.id, browser=browser, name="")


def _links(world: World, robin: Somebody, ash: Somebody) -> dict[str, str]:
    """A fresh link of each kind, as it would stand in a letter."""
    found = {}
    for name, who, purpose in (
        ("patient", ash, LinkPurpose.SIGN_IN),
        ("staff", robin, LinkPurpose.INVITATION),
    ):
        with world.founding() as work:
            link = accounts.make_link(work, person=who.person, purpose=purpose)
        assert link is None or link
        found[name] = _token(world, who)
    off = off_token(Link(world.service_id, ash.id, ReminderKind.ACTIVITY, Channel.EMAIL))
    return found | {"off": off, "calendar": _calendar(ash)}


def _calendar(ash: Somebody) -> str:
    """The address that a patient's own calendar reads, as far as it varies."""
    patient = ash.patient()
    with ash.working() as work:
        calendar_actions.make_address(work, patient=patient, feed_id=uuid4())
        address = calendar_queries.address_of(work, patient)
    assert address is not None
    return address.path.rpartition("/")[2]


def _token(world: World, who: Somebody) -> str:
    from app.accounts.tables import SignInLink

    row = (
        who.work()
        .session.execute(
            sa.select(SignInLink).where(SignInLink.person_id == who.id).order_by(SignInLink.made_at.desc())
        )
        .scalars()
        .first()
    )
    assert row is not None and row.secret
    return f"{world.service_id}.{row.secret}"


def session_cookie(who: Somebody) -> str:
    """A session for somebody, as signing in would have given them."""
    with who.working() as work:
        secret = accounts.begin_sign_in(work, person=who.person, role=who.role, device="Test")
    return f"{who.world.service_id}.{secret}"


def end_session(who: Somebody, cookie: str) -> None:
    digest = crypto.fingerprint(cookie.partition(".")[2])
    with who.working() as work:
        row = work.session.execute(sa.select(SignIn).where(SignIn.token_hash == digest)).scalar_one()
        accounts.end_sign_in(work, sign_in_id=UUID(str(row.id)))
