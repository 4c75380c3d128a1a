"""Whatever happens in whatever order: every open alert is somebody’s who can open it, and only somebody ends one.

BRAID_MACHINE sets how many histories are tried, for a long night; a handful is tried every time.
"""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.accounts import roles
from app.accounts.roles import Capability, Role
from app.accounts.tables import PatientRecord, Person
from app.caseload import actions as caseload
from app.clinical.instruments import Instrument
from app.kit import drafts
from app.kit.errors import Refused
from app.kit.work import Work
from app.questionnaires import actions as questionnaires
from app.questionnaires.tables import Response
from app.safety import actions, duty_actions, duty_queries, jobs, lending_queries, queries
from app.safety.alert_history import ANSWERS
from app.safety.kinds import AlertStep
from app.safety.queries import OpenAlert
from app.safety.tables import Alert, AlertEvent
from tests.people import Somebody, World
from tests.questionnaires.answers import phq_9, record_of

HISTORIES = int(os.environ.get("BRAID_MACHINE", "4"))
STAFF = {
    "Lena Moss": Role.CLINICAL_LEAD,
    "Mia Ford": Role.CLINICAL_LEAD,
    "Sue Ng": Role.SUPERVISOR,
    "Robin Hale": Role.PRACTITIONER,
    "Sam Reed": Role.PRACTITIONER,
    "Noel Ash": Role.PRACTITIONER,
}
names = st.sampled_from(list(STAFF))
practitioners = st.sampled_from([name for name, role in STAFF.items() if role is Role.PRACTITIONER])
patients = st.sampled_from(["Ash Whitlock", "Bea Dunn"])
ACTS = st.sampled_from(sorted(actions.ACTS))


class Alerts(RuleBasedStateMachine):
    """One service of six people and two patients, and everything that can happen to an alert there."""

    bind: sa.Engine
    instrument: Instrument

    @initialize()
    def found(self) -> None:
        self.connection = self.bind.connect()
        self.outer = self.connection.begin()
        self.world = World(self.connection)
        self.staff = {name: self.world.staff(name, role) for name, role in STAFF.items()}
        self.patients = {
            "Ash Whitlock": self.world.patient("Ash Whitlock", of=self.staff["Robin Hale"]),
            "Bea Dunn": self.world.patient("Bea Dunn", of=self.staff["Sam Reed"]),
        }
        with self.world.founding() as work:
            for one in ("Robin Hale", "Sam Reed"):
                accounts.supervise(work, supervisor_id=self.staff["Sue Ng"].id, practitioner_id=self.staff[one].id)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.outer.rollback()
            self.connection.close()

    def try_to(self, act: Any, *given: Any, **named: Any) -> None:
        """What is refused is refused: what must hold holds all the same."""
        try:
            with self.world.founding() as work:
                act(work, *given, **named)
        except Refused:
            pass

    def open_of(self, patient: str) -> OpenAlert | None:
        with self.world.founding() as work:
            return queries.open_alert(work, record_of(work, self.patients[patient]))

    def is_discharged(self, patient: str) -> bool:
        with self.world.founding() as work:
            return record_of(work, self.patients[patient]).discharged_at is not None

    @rule(patient=patients, points=st.integers(0, 3), draft=st.booleans())
    def answer(self, patient: str, points: int, draft: bool) -> None:
        if self.is_discharged(patient):
            return
        who, given = self.patients[patient], phq_9(0, 0, 0, 0, 0, 0, 0, 0, points)
        act = questionnaires.keep_draft if draft else questionnaires.submit
        with who.working() as work:
            act(work, patient=record_of(work, who), instrument=self.instrument, answers=given, response_id=uuid4())

    @rule(patient=patients, name=names)
    def look(self, patient: str, name: str) -> None:
        alert = self.open_of(patient)
        if alert and self.reaches(name, alert.patient_id):
            with self.staff[name].working() as work:
                actions.mark_seen(work, patient=record_of(work, self.patients[patient]), alert_id=alert.id)

    @rule(patient=patients, name=names, act=ACTS, words=st.sampled_from(["Spoke.", "  "]), close=st.booleans())
    def act(self, patient: str, name: str, act: AlertStep, words: str, close: bool) -> None:
        alert = self.open_of(patient)
        if alert is None or not self.reaches(name, alert.patient_id):
            return
        try:
            with self.staff[name].working() as work:
                about = {"patient": record_of(work, self.patients[patient]), "alert_id": alert.id}
                next_at = work.now + timedelta(hours=1) if act is AlertStep.COULD_NOT_REACH else None
                actions.record_act(work, **about, act=act, words=words, next_at=next_at)
                if close:
                    actions.close_alert(work, **about)
        except Refused:
            pass

    @rule(patient=patients, name=names)
    def close_at_once(self, patient: str, name: str) -> None:
        alert = self.open_of(patient)
        if alert and self.reaches(name, alert.patient_id):
            try:
                with self.staff[name].working() as work:
                    actions.close_alert(work, patient=record_of(work, self.patients[patient]), alert_id=alert.id)
            except Refused:
                pass

    @rule(name=names, cover=names, first=st.integers(0, 3), last=st.integers(0, 9))
    def go_away(self, name: str, cover: str, first: int, last: int) -> None:
        with self.world.founding() as work:
            today = people.local_today(work)
        days = {"from_on": today + timedelta(days=first), "until_on": today + timedelta(days=last)}
        self.try_to(duty_actions.begin_leave, person_id=self.staff[name].id, cover_id=self.staff[cover].id, **days)

    @rule(place=st.integers(0, 5), cover=names, back=st.booleans())
    def change_leave(self, place: int, cover: str, back: bool) -> None:
        with self.world.founding() as work:
            known = duty_queries.leaves(work)
        if not known:
            return
        leave_id = known[place % len(known)].id
        if back:
            self.try_to(duty_actions.end_leave, leave_id=leave_id)
        else:
            self.try_to(duty_actions.change_cover, leave_id=leave_id, cover_id=self.staff[cover].id)

    @rule(name=names, begins=st.integers(0, 24), hours=st.integers(1, 48))
    def go_on_duty(self, name: str, begins: int, hours: int) -> None:
        from_at = self.world.clock.now + timedelta(hours=begins)
        until = from_at + timedelta(hours=hours)
        self.try_to(duty_actions.put_on_duty, person_id=self.staff[name].id, from_at=from_at, until_at=until)

    @rule(place=st.integers(0, 5))
    def come_off_duty(self, place: int) -> None:
        with self.world.founding() as work:
            known = duty_queries.shifts(work)
        if known:
            self.try_to(duty_actions.end_duty, shift_id=known[place % len(known)].id)

    @rule(name=names)
    def leave_the_service(self, name: str) -> None:
        self.try_to(caseload.deactivate, person_id=self.staff[name].id)

    @rule(name=names)
    def lose_the_role(self, name: str) -> None:
        self.try_to(caseload.take_role, person_id=self.staff[name].id, role=STAFF[name])

    @rule(name=names, role=st.sampled_from([Role.PRACTITIONER, Role.SUPERVISOR]))
    def come_back(self, name: str, role: Role) -> None:
        self.try_to(accounts.reactivate, person_id=self.staff[name].id)
        self.try_to(accounts.give_role, person_id=self.staff[name].id, role=role)

    @rule(patient=patients, name=practitioners)
    def reassign(self, patient: str, name: str) -> None:
        self.try_to(caseload.reassign, patient_id=self.patients[patient].id, practitioner_id=self.staff[name].id)

    @rule(patient=patients)
    def discharge(self, patient: str) -> None:
        with self.world.founding() as work:
            record = work.session.get_one(PatientRecord, (self.world.service_id, self.patients[patient].id))
            record.discharged_at = record.discharged_at or work.now
            work.session.add(record)
            work.record("patient.discharged", patient=record.id)

    @rule(minutes=st.sampled_from([1, 29, 31, 61, 125, 60 * 10, 60 * 24, 60 * 24 * 35]), climbs=st.booleans())
    def time_goes_by(self, minutes: int, climbs: bool) -> None:
        self.world.clock.on(minutes=minutes)
        if climbs:
            jobs.climb(self.connection, self.world.service_id, clock=self.world.clock)
            assert jobs.climb(self.connection, self.world.service_id, clock=self.world.clock) == 0

    def reaches(self, name: str, patient_id: UUID) -> bool:
        """Whether somebody can open an alert of this patient, in any role they have."""
        with self.world.founding() as work:
            person = people.person(work, self.staff[name].id)
            held = people.roles_of(work.session, person) if person else []
        return any(self.opens(Somebody(self.world, self.staff[name].person, role), patient_id) for role in held)

    def opens(self, who: Somebody, patient_id: UUID) -> bool:
        reach = roles.scope(who.role, Capability.HANDLE_ALERTS)
        with who.working() as work:
            return reach is not None and (
                people.patient_within(work, reach, patient_id) is not None
                or bool(lending_queries.why_lent(work, Capability.HANDLE_ALERTS, patient_id))
            )

    @invariant()
    def everything_holds(self) -> None:
        with self.world.founding() as work:
            found = queries.every_open_alert(work)
            self.each_is_an_active_persons(work, found)
            assert len({(one.patient_id, one.kind) for one in found}) == len(found)
            self.nothing_is_closed_without_person_time_and_text(work)
            assert people.is_led(work, without=uuid4())
        called = {one.id: name for name, one in self.staff.items()}
        assert all(self.reaches(called[one.owner_id], one.patient_id) for one in found if one.owner_id)
        for who in self.patients.values():
            self.no_answer_above_zero_is_without_its_event(who)

    @staticmethod
    def each_is_an_active_persons(work: Work, found: list[OpenAlert]) -> None:
        active = set(work.session.execute(sa.select(Person.id).where(Person.deactivated_at.is_(None))).scalars())
        assert {one.owner_id for one in found} <= active

    def nothing_is_closed_without_person_time_and_text(self, work: Work) -> None:
        for alert in work.session.execute(sa.select(Alert).where(Alert.closed_at.is_not(None))).scalars():
            events = self.events_of(work, alert)
            closed = events[-1]
            assert closed.step is AlertStep.CLOSED and closed.by_id and closed.at == alert.closed_at
            act = next(one for one in events if one.id == closed.about)
            assert act.by_id and act.words.strip() and act.step in actions.ACTS - {AlertStep.COULD_NOT_REACH}
            answers = [one for one in events if one.step in ANSWERS]
            assert act.seq > answers[-1].seq
            assert any(one.step is AlertStep.SEEN and one.about == answers[-1].id for one in events)

    @staticmethod
    def events_of(work: Work, alert: Alert) -> list[AlertEvent]:
        rows = work.session.execute(
            sa.select(AlertEvent).where(AlertEvent.alert_id == alert.id).order_by(AlertEvent.seq)
        )
        return list(rows.scalars())

    def no_answer_above_zero_is_without_its_event(self, who: Somebody) -> None:
        with who.working() as work:
            given = work.session.execute(sa.select(Response).where(Response.patient_id == who.id)).scalars()
            above = {str(one.id) for one in given if one.answers["q9"]}
            draft = drafts.kept(work, form=questionnaires.form_name(self.instrument))
            above |= {draft.values["response_id"]} if draft and draft.values["answers"]["q9"] else set()
            told = work.session.execute(sa.select(AlertEvent.source).where(AlertEvent.by_id == who.id)).scalars()
            assert above <= {source.rpartition(":")[2] for source in told}


def test_whatever_happens_an_open_alert_is_somebodys_and_only_somebody_ends_it(engine, library):
    class Here(Alerts):
        bind, instrument = engine, library.instruments["phq-9"]

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
