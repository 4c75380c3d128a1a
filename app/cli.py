"""braid: run, serve, migrate, begin a service, check content, try a pathway out, install texts, watch over it.

What only some commands need is imported by them: the server with all its pages takes a second to load.
"""

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy.engine import Engine

from app import arguments, texts
from app.accounts.queries import services, services_by_slug
from app.accounts.roles import Role
from app.clinical.local_time import instant
from app.clinical.sequencing import checks, finding_words
from app.clinical.sequencing.findings import Service, Severity
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.simulate import timeline
from app.clinical.sequencing.timeline_words import as_data, as_words
from app.config import Settings
from app.kit import audit, crypto, db, migrations
from app.kit.errors import Refused
from app.kit.located import Unreadable
from app.kit.work import system_work, wall_clock
from app.notifications import fence_jobs, fence_queries, health_queries
from app.pathways.file_content import read_pathway_file
from app.pathways.simulation_content import Scenario, read_scenario
from app.programme import content


def run(settings: Settings) -> int:
    """Everything on this machine: the database where none is named, migrations, the demo, the server."""
    # What loading makes stays for good: the collector would walk through it again and again, a sixth of the start.
    gc.disable()
    import uvicorn

    from app import demo, main

    gc.freeze()
    gc.enable()
    server = None
    app_url = settings.database_url
    if app_url is None:
        from app.kit import embedded

        print("Starting the database in", settings.data_dir)
        server = embedded.start(settings.data_dir / "postgres")
        app_url = server.app_url
        migrations.upgrade(server.owner_url)
    elif settings.owner_database_url:
        migrations.upgrade(settings.owner_database_url)
    try:
        crypto.use(settings.key())
        engine = db.connect(app_url, pool_size=settings.pool_size)
        db.refuse_unguarded(engine)
        if settings.demo:
            _load_demo(engine, settings)
        print(f"Braid is at {settings.public_origin}")
        application = main.create_app(settings, engine=engine, demo_codes=demo.codes if settings.demo else None)
        uvicorn.run(application, host=settings.host, port=settings.port, log_level="warning", access_log=False)
    finally:
        if server:
            server.stop()
    return 0


def web(settings: Settings) -> int:
    """The server alone, on the database that DATABASE_URL names."""
    import uvicorn

    uvicorn.run("app.main:from_environment", factory=True, host=settings.host, port=settings.port, access_log=False)
    return 0


def worker(settings: Settings) -> int:
    """The scheduler alone, until it is told to stop."""
    from app import scheduler, ways

    crypto.use(settings.key())
    engine = db.connect(_required(settings.database_url, "DATABASE_URL"), pool_size=settings.pool_size)
    db.refuse_unguarded(engine)
    carrier = ways.carrier_from(settings)
    ticking = scheduler.start(
        engine,
        clock=wall_clock,
        carrier=carrier,
        origin=settings.public_origin,
        library=content.read_library(settings.content_dir),
        senders=ways.senders_from(settings, carrier=carrier, clock=wall_clock),
    )
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()
    ticking.shutdown()
    return 0


def migrate(settings: Settings) -> int:
    """Bring the database to the present schema, as its owner."""
    migrations.upgrade(_required(settings.owner_database_url, "OWNER_DATABASE_URL"))
    return 0


def load_demo(settings: Settings) -> int:
    """Load the demonstration service into the database that DATABASE_URL names."""
    if settings.environment == "production":
        sys.exit("The demonstration is not for production: its sign-ins are public")
    crypto.use(settings.key())
    _load_demo(db.connect(_required(settings.database_url, "DATABASE_URL")), settings)
    return 0


def _load_demo(engine: Engine, settings: Settings) -> None:
    from app import demo

    if not demo.is_loaded(engine):
        print("Loading the demonstration")
        demo.load_once(engine, settings)
    print(demo.sign_ins(settings))


def new_service(settings: Settings, *, name: str, slug: str, zone: str, administrator: str, clinical_lead: str) -> int:
    """Begin a service in the database that DATABASE_URL names, and invite its administrator and clinical lead."""
    from app.demo import founding

    crypto.use(settings.key())
    engine = db.connect(_required(settings.database_url, "DATABASE_URL"))
    try:
        first = [
            founding.newcomer(administrator, Role.SERVICE_ADMIN),
            founding.newcomer(clinical_lead, Role.CLINICAL_LEAD),
        ]
        founding.found(engine, slug=slug, name=name, zone=zone, people=first, now=wall_clock())
    except Refused as refused:
        sys.exit(refused.words)
    invited = " and ".join(one.email for one in first)
    print(f"{name} is ready. Invitations go to {invited} as soon as `braid web` or `braid worker` runs.")
    return 0


def mood_scale(settings: Settings, *, slug: str, scale: str) -> int:
    """Let a service rate mood from 0 to 10 or from 1 to 10 from now on. What was rated stays as it was."""
    from app.mood import actions as moods

    engine = db.connect(_required(settings.database_url, "DATABASE_URL"))
    with db.transaction(engine, None) as session:
        found = services_by_slug(session).get(slug)
    if found is None:
        sys.exit(f"No service is called {slug}")
    with system_work(engine, found.id) as work:
        moods.choose_scale(work, name=scale)
    print(f"{found.name} rates mood on {scale} from now on")
    return 0


def export_momentary(settings: Settings, *, slug: str, with_words: bool) -> int:
    """Every prompt of a service’s short questions as CSV, one row for each: docs/momentary.md names the columns."""
    from app.mood import momentary_export_actions as exports

    crypto.use(settings.key())
    engine = _database(settings)
    with db.transaction(engine, None) as session:
        found = services_by_slug(session).get(slug)
    if found is None:
        sys.exit(f"No service is called {slug}")
    with system_work(engine, found.id) as work:
        sys.stdout.write(exports.export(work, with_words=with_words))
    return 0


def check_content(settings: Settings) -> int:
    """Every fault in modules_content, by file and line, with its fix."""
    faults = content.check_content(settings.content_dir)
    for fault in faults:
        print(fault)
    print(f"{len(faults)} to mend" if faults else "The content is in order")
    return 1 if faults else 0


def check_texts(settings: Settings, *, file: Path) -> int:
    """Every mistake in a text pack, the words of an instrument that are another's, by line and with its fix."""
    return _said(texts.check(file, _library(settings)))


def install_texts(settings: Settings, *, file: Path, service: str | None) -> int:
    """Check a text pack and install it for a service, in the place of the one before."""
    return _said(texts.install(_database(settings), file, _library(settings), service=service))


def list_texts(settings: Settings, *, service: str | None) -> int:
    """What words of others the instruments need, and which of them a service has installed."""
    return _said(texts.listed(_database(settings), _library(settings), service=service))


def remove_texts(settings: Settings, *, instrument: str, service: str | None) -> int:
    """Take a text pack of a service out; what was answered stays."""
    return _said(texts.remove(_database(settings), instrument, service=service))


def _said(told: texts.Told) -> int:
    for line in told.lines:
        print(line)
    return told.status


def _library(settings: Settings) -> content.Library:
    try:
        return content.read_library(settings.content_dir)
    except Unreadable as unreadable:
        sys.exit(str(unreadable))


def _database(settings: Settings) -> Engine:
    return db.connect(_required(settings.database_url, "DATABASE_URL"))


# How grave the gravest finding is, as a status that a script can ask for; 1 and 2 are taken by what cannot be used.
STATUS = {Severity.WARN: 0, Severity.SIGN: 3, Severity.REFUSE: 4}


def check_pathway(settings: Settings, *, file: Path, against: Path | None, staff: list[str], as_json: bool) -> int:
    """What can be proved of a pathway before it is published: what must be fixed, signed for, or is worth knowing."""
    try:
        draft = read_pathway_file(file, settings.content_dir)
        current = read_pathway_file(against, settings.content_dir).pathway if against else None
    except Unreadable as unreadable:
        print(unreadable, file=sys.stderr)
        return 1
    for remark in draft.remarks:
        print(remark, file=sys.stderr)
    found = checks.check(draft.pathway, Service(holders=dict.fromkeys(staff, 1)), current=current)
    if as_json:
        print(json.dumps(finding_words.as_data(found), ensure_ascii=False, indent=2))
    else:
        print(finding_words.as_words(found))
    return max((STATUS[one.severity] for one in found), default=0)


def simulate(settings: Settings, *, file: Path, facts: Path, until: date | None, as_json: bool) -> int:
    """How a pathway would go for an invented patient: what changes, when, why, and what each would read."""
    try:
        draft = read_pathway_file(file, settings.content_dir)
        scenario = read_scenario(facts, draft.pathway)
    except Unreadable as unreadable:
        print(unreadable, file=sys.stderr)
        return 1
    for remark in draft.remarks:
        print(remark, file=sys.stderr)
    ends = _end_of(until, draft.pathway, scenario)
    if ends < scenario.started_at:
        print(f"--until {until} is before the start, {scenario.started_at:%Y-%m-%d}", file=sys.stderr)
        return 2
    pathway, started_at, told = draft.pathway, scenario.started_at, scenario.facts
    moments = timeline(pathway, told, started_at=started_at, zone=scenario.zone, until=ends)
    if as_json:
        print(json.dumps(as_data(pathway, told, moments), ensure_ascii=False, indent=2))
    else:
        print(as_words(pathway, told, moments, started_at=started_at, until=ends))
    return 0


def _end_of(until: date | None, pathway: Pathway, scenario: Scenario) -> datetime:
    """The last minute of a day: the one asked for, else of the programme's planned length, or of the last fact."""
    zone = scenario.zone
    planned = scenario.started_at.astimezone(zone).date() + timedelta(days=pathway.programme_days)
    recorded = [fact.recorded_at.astimezone(zone).date() for fact in scenario.facts]
    return instant(until or max([planned, *recorded]), time(23, 59), zone).astimezone(zone)


def verify_audit(settings: Settings) -> int:
    """Whether each service's record is whole."""
    crypto.use(settings.key())
    engine = db.connect(_required(settings.database_url, "DATABASE_URL"))
    broken = 0
    with db.transaction(engine, None) as session:
        known = services(session)
    for service in known:
        with db.transaction(engine, service.id) as session:
            for fault in audit.verify(session):
                print(f"{service.name}: {fault}")
                broken += 1
    print("The record is whole" if not broken else f"{broken} faults in the record")
    return 1 if broken else 0


def health(settings: Settings) -> int:
    """Whether each part of Braid is at work; the status is 1 where one has stopped or the fence is up."""
    engine = db.connect(_required(settings.database_url, "DATABASE_URL"))
    with db.transaction(engine, None) as session:
        found = health_queries.health(session, wall_clock())
    for part, state in found.told().items():
        print(f"{part}: {state}")
    return 0 if found.well else 1


FURTHEST_FENCE = timedelta(days=7)


def fence(settings: Settings, *, not_before: datetime | None) -> int:
    """After a restore from backup: say from when on reminders may be sent again, or see how the fence stands."""
    engine = db.connect(_required(settings.database_url, "DATABASE_URL"))
    if not_before is not None:
        if not_before > wall_clock() + FURTHEST_FENCE:
            print(f"{not_before:%Y-%m-%d} is more than a week away: nobody would be reminded until then")
            return 2
        gone = fence_jobs.set_fence(engine, not_before_at=not_before, clock=wall_clock)
        print(f"{gone.reminders} reminders and {gone.letters} notices from before then will not be sent.")
    with db.transaction(engine, None) as session:
        found = fence_queries.fence(session)
    print(found.words)
    return 1 if found.up else 0


def _required(value: str | None, name: str) -> str:
    if not value:
        sys.exit(f"{name} must name a PostgreSQL database")
    return value


COMMANDS: dict[str, Callable[..., int]] = {
    "run": run,
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "demo": load_demo,
    "new-service": new_service,
    "mood-scale": mood_scale,
    "export-momentary": export_momentary,
    "check-content": check_content,
    "check-pathway": check_pathway,
    "simulate": simulate,
    "check-texts": check_texts,
    "install-texts": install_texts,
    "list-texts": list_texts,
    "remove-texts": remove_texts,
    "verify-audit": verify_audit,
    "health": health,
    "fence": fence,
}


def main_command() -> int:
    said = vars(arguments.parser(COMMANDS).parse_args())
    # Zone rules come from the pinned tzdata package, so that every machine agrees on them.
    os.environ.setdefault("PYTHONTZPATH", "")
    try:
        status = COMMANDS[said.pop("command")](Settings(), **said)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough. What is left goes nowhere, so that the end does not complain of it either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main_command())
