"""The pictures of the documents: the demonstration on one fixed day, photographed in a real browser.

Run by `python -m tools.screenshots`, which writes docs/screenshots anew.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.engine import Engine

from app import demo
from app.accounts import actions, queries, roles
from app.accounts.tables import Person
from app.config import Settings
from app.kit import crypto, db, embedded, migrations
from app.kit.work import Actor, Work
from app.main import create_app
from app.notifications import pulse_actions
from app.notifications.part_kinds import Part
from tools import build_assets, ensure_chromium

OUT = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
# A Thursday, half past one in the afternoon in London.
NOW = datetime(2026, 5, 14, 12, 30, tzinfo=UTC)
# Of no use to anybody: it seals a database that lives for a minute.
KEY = "c2NyZWVuc2hvdHMtc2NyZWVuc2hvdHMtc2NyZWVuc2g="
PHONE, DESK = 390, 1280
TALLEST = 1100


@dataclass(frozen=True)
class Shot:
    """One picture: what it is called, whose page it is, and where. `{Priya}` in a path is that patient's id.

    It begins at the top of the page, or of the element `at`.
    """

    name: str
    who: str
    path: str
    width: int
    at: str = "body"
    tall: int = TALLEST


SHOTS = (
    Shot("patient-today", "Callum", "/my/today", PHONE),
    Shot("patient-programme", "Callum", "/my/programme", PHONE),
    Shot("patient-module-page", "Callum", "/my/steps/low-mood/pages/05-my-circle", PHONE),
    Shot("patient-worksheet", "Callum", "/my/steps/low-mood/pages/05-my-circle", PHONE, at="#sheet-my-cycle"),
    Shot("patient-scores", "Imran", "/my/questionnaires", PHONE, at="[aria-labelledby=over-time]"),
    Shot("patient-help", "", "/help", PHONE),
    Shot("patient-diary", "Chloe", "/my/diary", PHONE),
    Shot("patient-diary-week", "Margaret", "/my/diary", DESK),
    Shot("patient-lifts", "Margaret", "/my/diary/lifts", PHONE),
    Shot("patient-reminders", "Chloe", "/my/reminders", PHONE),
    Shot("staff-caseload", "Robin", "/caseload", DESK),
    Shot("staff-plan", "Robin", "/patients/{Adaeze}/plan/thoughts/waive", DESK, tall=1560),
    Shot("staff-answers", "Robin", "/patients/{Chloe}/answers", DESK),
    Shot("staff-scores", "Robin", "/patients/{Priya}/scores", DESK),
    Shot("staff-diary", "Robin", "/patients/{Chloe}/diary", DESK),
)


@contextmanager
def demonstration(folder: Path) -> Iterator[Engine]:
    """A database of its own with the demonstration in it."""
    server = embedded.start(folder / "postgres", fast=True)
    try:
        migrations.upgrade(server.owner_url)
        engine = db.connect(server.app_url)
        demo.load_once(engine, settings_for(folder, "http://127.0.0.1:8000"), clock=lambda: NOW)
        with db.transaction(engine, None) as session:
            # The worker is not there and nothing waits for it: the clock stands still.
            pulse_actions.await_parts(session, Part, now=NOW)
        yield engine
        engine.dispose()
    finally:
        server.stop()


def settings_for(folder: Path, origin: str) -> Settings:
    return Settings(secret_key=KEY, data_dir=folder, scheduler_in_web=False, mail="mailbox", public_origin=origin)


@contextmanager
def served(engine: Engine, folder: Path) -> Iterator[str]:
    """Braid on that database, where its clock stands still; its address."""
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    app = create_app(settings_for(folder, origin), engine=engine, clock=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield origin
    server.should_exit = True
    thread.join(timeout=10)


@dataclass(frozen=True)
class Cast:
    """Everybody of the demonstration, by first name."""

    engine: Engine
    people: dict[str, Person]

    @classmethod
    def of(cls, engine: Engine) -> "Cast":
        with db.transaction(engine, None) as session:
            service = queries.services(session)[0]
        with db.transaction(engine, service.id) as session:
            return cls(engine, {one.given_name: one for one in session.execute(sa.select(Person)).scalars()})

    def session(self, name: str) -> str:
        """A session of this person's, as signing in would have given them."""
        person = self.people[name]
        with db.transaction(self.engine, person.service_id) as session:
            role = queries.roles_of(session, person)[0]
            actor = Actor(person.id, name, role.value, ZoneInfo("Europe/London"), roles.capabilities(role))
            work = Work(session, person.service_id, actor, NOW)
            return f"{person.service_id}.{actions.begin_sign_in(work, person=person, role=role, device='')}"


def take(browser: Browser, origin: str, cast: Cast, shot: Shot) -> None:
    """Photograph one page, no taller than a reader wants to scroll."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": 500},
        device_scale_factor=2 if shot.width == PHONE else 1,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    if shot.who:
        context.add_cookies([{"name": "braid_session", "value": cast.session(shot.who), "url": origin}])
    page = context.new_page()
    ids = {name: str(person.id) for name, person in cast.people.items()}
    answer = page.goto(origin + shot.path.format(**ids))
    assert answer is not None and answer.ok, f"{shot.name}: {answer and answer.status}"
    top = page.locator(shot.at).evaluate("place => Math.max(0, place.getBoundingClientRect().top + scrollY - 16)")
    height = page.evaluate("document.documentElement.scrollHeight") - top
    page.screenshot(
        path=OUT / f"{shot.name}.png",
        full_page=True,
        clip={"x": 0, "y": top, "width": shot.width, "height": min(height, shot.tall)},
    )
    context.close()


def main() -> int:
    build_assets.main()
    path = ensure_chromium.find()
    if path is None:
        print(ensure_chromium.ADVICE, file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="braid-screenshots-") as named:
        folder = Path(named)
        crypto.use(settings_for(folder, "").key())
        with demonstration(folder) as engine, served(engine, folder) as origin, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            cast = Cast.of(engine)
            for shot in SHOTS:
                take(browser, origin, cast, shot)
                print(f"{shot.name}.png, {(OUT / f'{shot.name}.png').stat().st_size // 1000} kB")
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
