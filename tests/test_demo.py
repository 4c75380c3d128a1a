"""The demonstration: its people and stories are as promised, whenever it is loaded."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import demo
from app.accounts import directory, queries, roles
from app.accounts.queries import Patient
from app.accounts.roles import Role, Scope
from app.accounts.tables import Person, SignInLink, Supervision
from app.caseload import queries as caseload
from app.clinical import instruments, outcomes
from app.clinical.sequencing.standing import State
from app.config import Settings
from app.demo import signing_in, stories
from app.demo.acts import CannotHappen, Scene, read, save
from app.kit import audit, crypto, db, passwords
from app.kit.work import SYSTEM, Actor, Work
from app.main import create_app
from app.mood import queries as moods
from app.mood.kinds import Source
from app.notifications.kinds import ReminderState
from app.notifications.reminder_tables import Reminder
from app.notifications.tables import Outbox
from app.programme import answers, summary_queries
from app.programme import queries as programme
from app.programme.content import Library
from app.programme.queries import Plan
from app.questionnaires import queries as questionnaires
from app.safety import duty_queries
from app.safety import queries as safety
from app.safety.tables import Alert, AlertStep
from tests.client import Client
from tests.conftest import TEMPLATE, at

ENDS = (ReminderState.SENT, ReminderState.SUPPRESSED, ReminderState.CANCELLED)
# A Thursday, half past one in the afternoon in London.
NOW = datetime(2026, 5, 14, 12, 30, tzinfo=UTC)
# It is loaded twice in a run, to be compared. Workers take turns in which they look at, so that none waits idly
# while another loads what it needs.
LOADS = ("braid_demo", "braid_demo_again")
LOADING = 7_201_884_399


@pytest.fixture(scope="module")
def loads(worker_id: str) -> tuple[str, str]:
    """The databases of both loads, that of this worker's first."""
    first, second = LOADS
    return (second, first) if worker_id[-1] in "13579" else (first, second)


def database_of(name: str, settings: Settings) -> Iterator[sa.Engine]:
    """An engine on a database with the demonstration in it, made by whichever worker comes first."""
    lock = {"k": LOADING + LOADS.index(name)}
    admin = sa.create_engine(os.environ["BRAID_TEST_ADMIN"], isolation_level="AUTOCOMMIT")
    crypto.use(settings.key())
    with admin.connect() as connection:
        connection.execute(sa.text("select pg_advisory_lock(:k)"), lock)
        if not connection.execute(sa.text("select 1 from pg_database where datname = :n"), {"n": name}).first():
            connection.exec_driver_sql(f"create database {name} template {TEMPLATE} owner braid_owner")
        engine = db.connect(at(os.environ["BRAID_TEST_APP"], name))
        demo.load_once(engine, settings, clock=lambda: NOW)
        connection.execute(sa.text("select pg_advisory_unlock(:k)"), lock)
    admin.dispose()
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def loaded(loads: tuple[str, str], settings: Settings) -> Iterator[sa.Engine]:
    yield from database_of(loads[0], settings)


@pytest.fixture
def loaded_again(loads: tuple[str, str], settings: Settings) -> Iterator[sa.Engine]:
    yield from database_of(loads[1], settings)


@contextmanager
def working(engine: sa.Engine, actor: Actor = SYSTEM) -> Iterator[Work]:
    """Work in the demonstration at the moment it was loaded; nothing of it is kept."""
    with db.transaction(engine, None) as session:
        service = queries.services(session)[0]
    with db.session_for(engine, service.id) as session:
        yield Work(session, service.id, actor, NOW)


@pytest.fixture
def work(loaded: sa.Engine) -> Iterator[Work]:
    with working(loaded) as work:
        yield work


def patient_called(work: Work, name: str) -> Patient:
    return next(one for one in queries.patients_within(work, Scope.SERVICE) if one.name == name)


def plan_of(work: Work, name: str) -> Plan:
    return programme.plan(work, patient_called(work, name))


def totals(work: Work, name: str, instrument: str) -> list[int]:
    given = questionnaires.answered(work, patient_called(work, name))
    return [one.total for one in given if one.instrument == instrument and one.total is not None]


def kept(work: Work, name: str) -> dict:
    found = programme.summary(work, patient_called(work, name).id)
    return found.summary if found else {}


def felt(work: Work, name: str) -> list[tuple]:
    first, last = (NOW - timedelta(days=60)).date(), NOW.date()
    return [(one.source, one.value, one.felt_at) for one in moods.moods(work, patient_called(work, name), first, last)]


def decided(plan: Plan) -> list[tuple[str, str | None]]:
    return [(row.kind, row.step) for row in plan.rows if row.source == "decision"]


def needs(engine: sa.Engine, library: Library, name: str) -> dict[str, list[str]]:
    """Why each patient needs this practitioner, most pressing first."""
    with working(engine) as work:
        who = next(one for one in work.session.execute(sa.select(Person)).scalars() if one.given_name == name)
    actor = Actor(who.id, who.given_name, Role.PRACTITIONER, SYSTEM.zone, roles.capabilities(Role.PRACTITIONER))
    with working(engine, actor) as work:
        shown = caseload.caseload(work, Scope.ASSIGNED, library)
    return {
        row.name: [one.need.value for one in (row.first, *row.others)] for group in shown.groups for row in group.rows
    }


def test_it_has_seven_members_of_staff_and_twelve_patients_of_every_age(work):
    staff = {(one.name, role) for one in directory.staff(work) for role in one.roles}
    ages = sorted((NOW.date() - one.born_on).days // 365 for one in queries.patients_within(work, Scope.SERVICE))

    assert staff == {
        ("Helen Marsh", Role.SERVICE_ADMIN),
        ("Anjali Menon", Role.CLINICAL_LEAD),
        ("Robin Hale", Role.PRACTITIONER),
        ("Nadia Rahman", Role.PRACTITIONER),
        ("Gareth Pugh", Role.SUPERVISOR),
        ("Tomasz Wilk", Role.PRACTITIONER),
        ("Chidi Okafor", Role.NAVIGATOR),
    }
    assert len(ages) == 12
    assert (ages[0], ages[-1]) == (19, 71)


def test_the_supervisor_supervises_every_practitioner(work):
    assert len(work.session.execute(sa.select(Supervision)).scalars().all()) == 3


def test_somebody_is_on_duty_this_week_and_somebody_is_away_with_cover(work):
    [shift], [leave] = duty_queries.shifts(work), duty_queries.leaves(work)

    assert (shift.name, leave.name, leave.cover) == ("Nadia Rahman", "Tomasz Wilk", "Robin Hale")
    assert shift.is_on(work.now) and leave.is_on(work.today)


def test_all_three_pathways_have_patients(work):
    used = {plan_of(work, one.name).pathway.key for one in queries.patients_within(work, Scope.SERVICE)}

    assert used == {"as-it-should-be", "as-it-was", "mixed"}


def test_margaret_recovered_quickly_and_had_staying_well_released_early(work):
    plan = plan_of(work, "Margaret Ellis")
    step, scores = plan["staying-well"], totals(work, "Margaret Ellis", "phq-9")

    assert (scores[0], scores[-1]) == (15, 4)
    assert step.cause_fact.kind == "released"
    assert "opened Staying well early" in step.cause_fact.told
    assert step.completed_at is not None
    assert plan["thoughts"].completed_at is None


def test_imran_has_a_core_step_waived_a_step_of_his_own_and_a_decision_undone(work):
    plan = plan_of(work, "Imran Siddiqui")

    assert [one.step for one in plan.course.coverage.agreed_to_skip] == ["thoughts"]
    assert plan["thoughts"].waiver.reason == "patient-prefers-not"
    assert plan["thoughts"].waiver.note
    assert [kind for kind, _ in decided(plan)] == ["waived", "undone", "waived", "step-added"]
    assert plan["doing-what-matters"].state is State.COMPLETED
    added = next(one for one in plan.course.standings if one.added)
    assert added.title == "One call a week about the flat"
    assert added.added.told.startswith("We agreed one call a week")


def test_imrans_falling_scores_opened_staying_well(work):
    step = plan_of(work, "Imran Siddiqui")["staying-well"]

    assert step.state is State.AVAILABLE
    assert step.cause_fact.kind == "measure-taken"


def test_chloes_relaxation_in_session_opened_a_step_and_set_homework(work):
    plan = plan_of(work, "Chloe Bennett")

    assert plan.pathway.key == "mixed"
    assert plan["thoughts"].cause_fact.kind == "done-elsewhere"
    assert plan["thoughts"].cause_fact.technique == "relaxation"
    assert [bool(row.body["done_at"]) for row in plan.homework] == [True]


def test_owen_did_half_a_module_in_the_clinic_and_a_wrong_entry_was_corrected(work):
    plan = plan_of(work, "Owen Pritchard")
    in_clinic = {part.activity for part in plan["doing-what-matters"].done if part.mode == "in-clinic"}

    assert in_clinic == {"three-lists", "ladder", "plan"}
    assert decided(plan)[-1][0] == "corrected"
    assert plan["thoughts"].done_count == 0


def test_adaeze_waits_for_a_release(work):
    plan = plan_of(work, "Adaeze Nwosu")

    assert plan["staying-well"].state is State.LOCKED
    assert [one["step"] for one in kept(work, "Adaeze Nwosu")["awaiting_staff"]] == ["staying-well"]
    assert NOW - plan["staying-well"].awaited[0].since > timedelta(days=7)


def test_callum_asked_for_a_step_that_is_not_open(work):
    assert [one["step"] for one in kept(work, "Callum Reid")["asked"]] == ["thoughts"]
    assert plan_of(work, "Callum Reid")["thoughts"].state is State.LOCKED


def test_priya_is_worse_and_has_a_step_on_hold_until_a_day_that_has_not_come(work, library):
    scores = totals(work, "Priya Nair", "phq-9")
    step = plan_of(work, "Priya Nair")["thoughts"]

    assert scores[-1] - min(scores) == 7
    assert outcomes.worsened(scores, threshold=library.instruments["phq-9"].reliable_change)
    assert step.state is State.ON_HOLD
    assert step.hold.review_on > NOW.date()


def test_dariusz_answered_item_9_this_morning_and_nobody_has_seen_it(work, library):
    patient = patient_called(work, "Dariusz Kowalczyk")
    alert = safety.open_alert(work, patient)
    latest = questionnaires.answered(work, patient)
    phq9 = [one for one in latest if one.instrument == "phq-9"][-1]

    assert instruments.risk_answers(library.instruments["phq-9"], phq9.answers) == {"q9": 1}
    assert alert.raised_at.astimezone(stories.ZONE) == datetime(2026, 5, 14, 7, 50, tzinfo=stories.ZONE)
    assert alert.last_step is AlertStep.RAISED


def test_priyas_mood_falls_and_margarets_rises_in_their_own_numbers_and_their_diarys(work):
    priya, margaret = ([value for _, value, _ in felt(work, name)] for name in ("Priya Nair", "Margaret Ellis"))

    assert sum(priya[-5:]) < sum(priya[:5]) and sum(margaret[-5:]) > sum(margaret[:5])
    assert {source for source, *_ in felt(work, "Margaret Ellis")} == set(Source)


def test_sheila_finished_everything_and_her_alert_was_acted_on_and_closed(work):
    plan, patient = plan_of(work, "Sheila Thompson"), patient_called(work, "Sheila Thompson")
    alert = work.session.execute(sa.select(Alert).where(Alert.patient_id == patient.id)).scalar_one()
    history = safety.alert_history(work, patient, alert.id)

    assert {one.state for one in plan.course.standings} == {State.COMPLETED}
    assert kept(work, "Sheila Thompson")["finished"]
    steps = " ".join(event.step for event in history.events)
    assert steps == "raised seen could-not-reach contacted closed"
    assert {event.by for event in history.events[1:]} == {"Nadia Rahman"}


def test_jerome_has_been_quiet_for_16_days(work):
    summary = programme.summary(work, patient_called(work, "Jerome Campbell").id)

    assert (NOW - summary.last_active_at).days == 16


def test_yasmin_is_new_this_week_and_has_not_started(work):
    patient = patient_called(work, "Yasmin Osman")
    plan = programme.plan(work, patient)

    assert (NOW - plan.started_at).days < 7
    assert [row.source for row in plan.rows] == ["enrolment"]
    assert work.session.execute(
        sa.select(SignInLink.used_at).where(SignInLink.person_id == patient.id)
    ).scalars().all() == [None]


def test_geoffreys_work_in_the_clinic_opens_nothing_in_the_fixed_order(work):
    plan = plan_of(work, "Geoffrey Hallam")

    assert plan.pathway.key == "as-it-was"
    assert plan["low-mood"].state is State.COMPLETED
    assert {one.state for one in plan.course.standings if one.step != "low-mood"} == {State.LOCKED}


def test_the_caseloads_show_every_kind_of_need(loaded, library):
    robins, nadias = needs(loaded, library, "Robin"), needs(loaded, library, "Nadia")

    assert next(iter(robins)) == "Dariusz Kowalczyk"
    assert robins["Dariusz Kowalczyk"][0] == "alert"
    assert robins["Priya Nair"][0] == "worse"
    assert robins["Adaeze Nwosu"][0] == "stuck"
    assert robins["Chloe Bennett"] == ["to-read"]
    assert {"late", "quiet"} <= set(robins["Jerome Campbell"])
    assert robins["Yasmin Osman"] == ["not-started"]
    assert nadias["Callum Reid"] == ["asked"]
    assert nadias["Imran Siddiqui"] == ["to-read"]
    assert nadias["Sheila Thompson"] == nadias["Geoffrey Hallam"] == robins["Margaret Ellis"] == ["nothing"]


def test_every_worksheet_of_every_module_is_used_and_most_steps_end_with_their_check(work, library):
    given = [
        (entry.module, entry.worksheet)
        for one in queries.patients_within(work, Scope.SERVICE)
        for entry in answers.entries(work, one)
    ]
    known = {(module.key, sheet.key) for module in library.modules.values() for sheet in module.worksheets}

    assert known <= set(given)
    assert {module for module, sheet in given if sheet == "understanding"} == set(library.modules)


def test_practitioners_wrote_to_ten_patients_about_what_they_wrote(work):
    everybody = queries.patients_within(work, Scope.SERVICE)

    assert sum(any(entry.comments for entry in answers.entries(work, one)) for one in everybody) >= 10


def test_the_record_is_whole_and_begins_eight_weeks_ago(work):
    first, last = work.session.execute(
        sa.select(sa.func.min(audit.AuditEntry.at), sa.func.max(audit.AuditEntry.at))
    ).one()

    assert list(audit.verify(work.session)) == []
    assert NOW - timedelta(days=70) < first < NOW - timedelta(days=56)
    assert last <= NOW


def test_the_record_is_in_the_order_in_which_it_happened(work):
    moments = work.session.execute(sa.select(audit.AuditEntry.at).order_by(audit.AuditEntry.seq)).scalars().all()

    assert moments == sorted(moments)


def test_the_summaries_say_what_a_replay_says(work):
    assert [one for one in summary_queries.enrolled(work) if summary_queries.differs(work, one)] == []


def test_every_letter_has_left(work):
    letters = work.session.execute(sa.select(Outbox)).scalars().all()

    assert {one.kind for one in letters} == {"invitation", "something-new"}
    assert all(one.sent_at for one in letters)


def test_reminders_came_at_their_own_moments_and_no_outage_is_made_up(work):
    rows = work.session.execute(sa.select(Reminder).where(Reminder.due_at <= NOW)).scalars().all()

    assert {row.state for row in rows} <= set(ENDS)
    assert ReminderState.SENT in {row.state for row in rows}
    assert {row.reason for row in rows}.isdisjoint({"outage", "too-late"})
    assert all(row.settled_at - row.due_at < timedelta(minutes=11) for row in rows if row.state is ReminderState.SENT)


def recorded(engine: sa.Engine) -> int:
    with working(engine) as work:
        return work.session.execute(sa.select(sa.func.count()).select_from(audit.AuditEntry)).scalar_one()


def test_loading_twice_changes_nothing(loaded, settings):
    before = recorded(loaded)

    assert demo.load_once(loaded, settings, clock=lambda: NOW) is False
    assert recorded(loaded) == before > 500


def portrait(engine: sa.Engine) -> dict:
    """All that happened to everybody, with nothing in it that is an id."""
    with working(engine) as work:
        return {one.name: _life(work, one) for one in queries.patients_within(work, Scope.SERVICE)}


def _life(work: Work, patient: Patient) -> dict:
    plan = programme.plan(work, patient)
    return {
        "contact": patient.contact_note,
        "steps": [(one.title, one.state, one.done_count, one.since) for one in plan.course.standings],
        "happened": [(row.source, row.kind, row.effective_at, row.note, row.told, row.by) for row in plan.rows],
        "scores": [(one.instrument, one.submitted_at, one.answers) for one in questionnaires.answered(work, patient)],
        "felt": felt(work, patient.name),
        "wrote": [(one.worksheet, one.values, one.saved_at) for one in answers.entries(work, patient)],
    }


def test_two_loads_with_the_same_clock_tell_the_same_stories(loaded, loaded_again):
    assert portrait(loaded) == portrait(loaded_again)


def test_each_member_of_staff_can_sign_in_with_the_password_and_the_code_shown(work):
    people = {one.email: one for one in work.session.execute(sa.select(Person)).scalars() if one.password_hash}

    shown = demo.codes(NOW)

    assert len(shown) == len(people) == 7
    assert passwords.matches(people["robin.hale@northmoor.example"].password_hash, signing_in.PASSWORD)
    for _, email, code in shown:
        person = people[email]
        assert passwords.totp_step(person.totp_secret, code, now=NOW, after=person.totp_used_step) is not None


def test_the_sign_ins_are_printed_for_everybody(work, settings):
    table = demo.sign_ins(settings)

    emails = work.session.execute(sa.select(Person.email)).scalars().all()
    assert len(emails) == 19
    assert [one for one in emails if one not in table] == []
    assert signing_in.PASSWORD in table


def test_the_mailbox_lists_the_codes_where_the_demonstration_runs(loaded, library, tmp_path, settings):
    lent = Settings(secret_key=settings.secret_key, data_dir=tmp_path, scheduler_in_web=False, mail="mailbox")
    app = create_app(lent, engine=loaded, clock=lambda: NOW, library=library, demo_codes=demo.codes)

    words = Client(app, lent.public_origin).get("/dev/mailbox").text

    for name, email, code in demo.codes(NOW):
        assert f"{code[:3]} {code[3:]}" in words
        assert name in words
        assert email in words


def test_a_story_cannot_open_what_the_product_keeps_shut(work, library):
    scene = Scene(work, patient_called(work, "Geoffrey Hallam"), library)

    with pytest.raises(CannotHappen, match="cannot open thoughts"):
        read(scene, step="thoughts", page="01-why-look-at-thoughts")


def test_a_story_cannot_write_what_a_worksheet_does_not_ask(work, library):
    scene = Scene(work, patient_called(work, "Callum Reid"), library)

    with pytest.raises(CannotHappen, match="mood-music"):
        save(scene, step="low-mood", worksheet="what-i-notice", values={"mood-music": "loud"})
