"""A scratch service of any size: laid down in bulk, with courses like real ones."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts import entrance
from app.accounts.roles import Capability, Role
from app.accounts.tables import Person, PersonKind
from app.kit import crypto, db
from app.kit.work import Actor, Work
from app.pathways import publishing_actions, version_queries
from app.programme import content

PER_PRACTITIONER = 50

# Eight weeks of one patient: pages and activities, a few decisions, weekly questionnaires, worksheet entries.
PEOPLE = """
insert into person (service_id, id, kind, given_name, family_name, email, email_key, zone, created_at)
select :s, gen_random_uuid(), 'patient', 'Pat' || n, 'Ient' || n, n || '@p.example.org', n || '@p.example.org',
       'Europe/London', now() - interval '60 days' from generate_series(1, :count) as n"""
RECORDS = """
insert into patient_record (service_id, id, born_on, contact_note)
select service_id, id, date '1980-01-01', '' from person where kind = 'patient'"""
ASSIGNMENTS = """
insert into assignment (service_id, id, patient_id, practitioner_id, started_at)
select p.service_id, gen_random_uuid(), p.id, w.id, now() - interval '60 days'
from (select *, row_number() over (order by email_key) - 1 as n from person where kind = 'patient') p
join (select *, row_number() over (order by email_key) - 1 as n from person where kind = 'staff') w
  on w.n = p.n / :per"""
ENROLMENTS = """
insert into enrolment (service_id, id, patient_id, pathway_version_id, zone, started_at)
select service_id, gen_random_uuid(), id, :version, 'Europe/London', now() - interval '56 days' from patient_record"""
EVIDENCE = """
insert into evidence (service_id, id, patient_id, kind, step, page, activity, effective_at, recorded_at)
select r.service_id, gen_random_uuid(), r.id, e.kind, e.step, e.page, e.activity,
       now() - interval '50 days' + e.n * interval '1 day', now() - interval '50 days' + e.n * interval '1 day'
from patient_record r cross join jsonb_to_recordset(cast(:evidence as jsonb))
  as e(n int, kind text, step text, page text, activity text)"""
RESPONSES = """
insert into response (service_id, id, patient_id, instrument, instrument_version, answers, total, band, submitted_at)
select r.service_id, gen_random_uuid(), r.id, i.key, '1.0', '{"q1": 1}', 14 - w, 'moderate',
       now() - interval '50 days' + w * interval '7 days'
from patient_record r cross join generate_series(0, 6) as w cross join (values ('phq-9'), ('gad-7')) as i(key)"""
ANSWERS = """
insert into answer (service_id, id, patient_id, module, module_hash, worksheet, entry_id, version, values, saved_at)
select r.service_id, gen_random_uuid(), r.id, 'doing-what-matters', :hash, 'activity-log', gen_random_uuid(), 1,
       :sealed, now() - n * interval '2 days'
from patient_record r cross join generate_series(1, 12) as n"""
DECISIONS = """
insert into decision (service_id, id, patient_id, kind, step, body, note, told, effective_at, recorded_at,
                      decided_by, role)
select a.service_id, gen_random_uuid(), a.patient_id, 'done-elsewhere', null,
       '{"technique": "relaxation", "mode": "in-clinic", "activities": [], "session": null, "homework": ""}',
       :empty, :empty, now() - n * interval '9 days', now() - n * interval '9 days', a.practitioner_id, 'practitioner'
from assignment a cross join generate_series(1, 3) as n"""
SUMMARIES = """
insert into course_summary (service_id, patient_id, summary, last_active_at, refreshed_at)
select service_id, id, cast(:summary as jsonb), now() - interval '2 days', now() from patient_record"""
ALERTS = """
with raised as (
  insert into alert (service_id, id, patient_id, kind, raised_at)
  select service_id, gen_random_uuid(), patient_id, 'risk-answer', now() - interval '1 hour'
  from (select *, row_number() over (order by patient_id) as n from assignment) a where n % 40 = 0
  returning service_id, id, patient_id)
insert into alert_event (service_id, id, alert_id, step, at, by_id, words, source)
select service_id, gen_random_uuid(), id, 'raised', now() - interval '1 hour', patient_id, :empty, '' from raised"""


class Loaded:
    """The scratch service: who to be, and what to ask for."""

    def __init__(self, service: UUID, patient: str, staff: str, patient_id: UUID) -> None:
        self.service, self.patient_cookie, self.staff_cookie, self.patient_id = service, patient, staff, patient_id


def load(url: str, count: int) -> Loaded:
    """Lay down a service of so many patients in an empty, migrated database."""
    crypto.use(_key())
    engine = db.connect(url)
    service = uuid4()
    library = content.read_library(Path("modules_content"))
    from zoneinfo import ZoneInfo

    founder = Actor(None, "Founder", Role.CLINICAL_LEAD.value, ZoneInfo("Europe/London"), frozenset(Capability))
    with db.transaction(engine, service) as session:
        work = Work(session, service, founder, datetime.now(UTC) - timedelta(days=60))
        accounts.found_service(work, slug="bench", name="Bench", zone="Europe/London", settings={})
        for number in range(max(1, count // PER_PRACTITIONER)):
            accounts.add_staff(
                work, given_name=f"Prac{number}", family_name="Titioner", email=f"{number:05}@s.example.org",
                staff_roles=[Role.PRACTITIONER],
            )  # fmt: skip
        pathway, _ = version_queries.as_adopted(library.pathways["as-it-should-be"], library, 1)
        version_id = publishing_actions.new_version(work, pathway=pathway).id
    _bulk(engine, service, count, version_id, library)
    _analyse(url)
    with db.transaction(engine, service) as session:
        work = Work(session, service, founder, datetime.now(UTC))
        patient = _someone(work, PersonKind.PATIENT, f"{count // 2}@p.example.org")
        staff = _someone(work, PersonKind.STAFF, f"{(count // 2) // PER_PRACTITIONER:05}@s.example.org")
        cookies = [
            f"{service}.{accounts.begin_sign_in(work, person=who, role=role, device='Bench')}"
            for who, role in ((patient, Role.PATIENT), (staff, Role.PRACTITIONER))
        ]
        mine = work.session.execute(
            sa.text("select patient_id from assignment where practitioner_id = :p order by patient_id limit 1"),
            {"p": staff.id},
        ).scalar_one()
    assert entrance
    return Loaded(service, cookies[0], cookies[1], mine)


def _bulk(engine: sa.Engine, service: UUID, count: int, version: UUID, library: content.Library) -> None:
    sealed = crypto.sealer().seal(
        '{"what": "Walked to the canal and back", "when": "2026-03-01", "part": "morning", "pleasure": 5,'
        ' "achievement": 6, "mood": 5}'
    )
    said = {
        "s": service,
        "count": count,
        "per": PER_PRACTITIONER,
        "version": version,
        "evidence": _evidence(library),
        "hash": library.modules["doing-what-matters"].content_hash,
        "sealed": sealed,
        "empty": crypto.sealer().seal(""),
        "summary": '{"working_on": "Doing what matters", "working_state": "in-progress", "done_of": "2 of 6",'
        ' "awaiting_staff": [], "asked": [], "holds_due": [], "core_done": 1, "core": 4, "finished": false}',
    }
    for statement in (
        PEOPLE, RECORDS, ASSIGNMENTS, ENROLMENTS, EVIDENCE, RESPONSES, ANSWERS, DECISIONS, SUMMARIES, ALERTS,
    ):  # fmt: skip
        with db.transaction(engine, service) as session:
            session.execute(sa.text(statement), said)
            Work(session, service, Actor(None, "Bench", "system", None), datetime.now(UTC)).record("bench.loaded")  # type: ignore[arg-type]


def _evidence(library: content.Library) -> str:
    import json

    rows: list[dict[str, object]] = []
    for key, pages in (("low-mood", 9), ("doing-what-matters", 4)):
        module = library.modules[key]
        rows.append({"n": len(rows), "kind": "step-opened", "step": key})
        for one in module.pages[:pages]:
            rows.append({"n": len(rows), "kind": "page-passed", "step": key, "page": one.key})
        done = module.activities if pages >= len(module.pages) else module.activities[:2]
        rows += [{"n": len(rows), "kind": "activity-done", "step": key, "activity": one.key} for one in done]
    return json.dumps(rows)


def _analyse(url: str) -> None:
    owner = sa.create_engine(os.environ["BENCH_OWNER"], isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql("vacuum analyze")
    owner.dispose()


def _someone(work: Work, kind: PersonKind, email: str) -> Person:
    return work.session.execute(sa.select(Person).where(Person.kind == kind, Person.email_key == email)).scalar_one()


def _key() -> bytes:
    import base64

    return base64.urlsafe_b64decode(os.environ["BENCH_KEY"])
