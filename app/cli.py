"""braid: run, serve, migrate, load the demo, check content, verify the record."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable

import uvicorn

from app import demo, main, scheduler
from app.accounts.queries import services
from app.config import Settings
from app.kit import audit, crypto, db, migrations
from app.kit.work import wall_clock
from app.programme import content


def run(settings: Settings) -> int:
    """Everything on this machine: the database where none is named, migrations, the demo, the server."""
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
        if settings.demo:
            demo.load_once(engine, settings)
            print(demo.sign_ins(settings))
        print(f"Braid is at {settings.public_origin}")
        application = main.create_app(settings, engine=engine)
        uvicorn.run(application, host=settings.host, port=settings.port, log_level="warning", access_log=False)
    finally:
        if server:
            server.stop()
    return 0


def web(settings: Settings) -> int:
    """The server alone, on the database that DATABASE_URL names."""
    uvicorn.run("app.main:from_environment", factory=True, host=settings.host, port=settings.port, access_log=False)
    return 0


def worker(settings: Settings) -> int:
    """The scheduler alone, until it is told to stop."""
    crypto.use(settings.key())
    engine = db.connect(_required(settings.database_url, "DATABASE_URL"), pool_size=settings.pool_size)
    ticking = scheduler.start(
        engine, clock=wall_clock, carrier=main.carrier_from(settings), origin=settings.public_origin
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


def check_content(settings: Settings) -> int:
    """Every fault in modules_content, by file and line, with its fix."""
    faults = content.check_content(settings.content_dir)
    for fault in faults:
        print(fault)
    print(f"{len(faults)} to mend" if faults else "The content is in order")
    return 1 if faults else 0


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


def _required(value: str | None, name: str) -> str:
    if not value:
        sys.exit(f"{name} must name a PostgreSQL database")
    return value


COMMANDS: dict[str, Callable[[Settings], int]] = {
    "run": run,
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "check-content": check_content,
    "verify-audit": verify_audit,
}


def main_command() -> int:
    parser = argparse.ArgumentParser(prog="braid", description="Blended CBT: sessions and a programme in one.")
    parser.add_argument("command", choices=sorted(COMMANDS))
    chosen = parser.parse_args().command
    # Zone rules come from the pinned tzdata package, so that every machine agrees on them.
    os.environ.setdefault("PYTHONTZPATH", "")
    return COMMANDS[chosen](Settings())


if __name__ == "__main__":
    sys.exit(main_command())
