"""The database of a machine that has none: a PostgreSQL of our own, started with us and stopped with us.

For development, demonstrations and tests. A deployment names its server in DATABASE_URL instead.
"""

import errno
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa

from app.kit import pg_binaries, pg_launch, pg_process
from app.kit.pg_process import PORT, Cluster, Duty, Note

MIGRATIONS = Path(__file__).parents[2] / "migrations"
DATABASE = "braid"
_ROLES = (MIGRATIONS / "roles.sql").read_bytes()
_ENTRY = (MIGRATIONS / "database.sql").read_bytes()


@dataclass(frozen=True)
class Server:
    """A running server: SQLAlchemy URLs for the administrator and the roles, and the folder of its socket."""

    admin_url: str
    owner_url: str
    app_url: str
    worker_url: str
    socket_dir: Path
    _duty: Duty | None = field(repr=False, compare=False)

    def stop(self) -> None:
        """Stop the server if this process is the one that stops it. Safe to call again."""
        if self._duty:
            self._duty.discharge()


def start(data_dir: Path, *, fast: bool = False) -> Server:
    """A server with its data under `data_dir`, started unless it runs already, with the roles and a database `braid`.

    It stops when the process that started it ends. `fast` is for throw-away data: nothing is written through to the
    disk, and what had to be put outside `data_dir` is deleted at the stop. Raises NoPostgres with the reason in
    plain words.
    """
    asked = data_dir.resolve()
    try:
        asked.mkdir(parents=True, exist_ok=True)
        with pg_process.locked(asked):
            return _started(_cluster(asked, fast))
    except PermissionError as denied:
        raise pg_binaries.NoPostgres(
            f"Braid may not use {denied.filename or asked}: it belongs to another account. "
            "Start Braid from that account, or choose another folder with BRAID_DATA_DIR."
        ) from denied


def prepare(connection: sa.Connection) -> None:
    """Shut everybody but the roles out of the database of this administrator's connection (autocommit)."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.execute(_ENTRY)


def _cluster(asked: Path, fast: bool) -> Cluster:
    data = asked / "cluster"
    if data.is_symlink() and not data.exists():
        data.unlink()
    account = pg_binaries.account_for(data)
    if not data.exists() and not account.ours and not pg_binaries.open_to_all(asked):
        # PostgreSQL cannot reach this folder, and opening its parents to everybody is not ours to do.
        away = Path(
            tempfile.mkdtemp(prefix=pg_process.OUR_TEMPORARY, dir=tempfile.gettempdir() if fast else "/var/lib")
        )
        account.give(away)
        data.symlink_to(away / "cluster")
    cluster = Cluster(asked, data.resolve(), account, fast)
    if data.exists() and data.stat().st_uid != account.uid:
        raise PermissionError(errno.EACCES, "belongs to another account", str(data))
    return cluster


def _started(cluster: Cluster) -> Server:
    note = pg_process.answering(cluster)
    if note:
        duty, socket_dir = _adopted(cluster, note), note.socket_dir
    else:
        launched = pg_launch.launch(cluster, _binaries(cluster))
        duty, socket_dir = launched, launched.note.socket_dir
    if duty:
        duty.accept()
    _prepare(socket_dir)
    return Server(
        admin_url=_url("postgres", "postgres", socket_dir),
        owner_url=_url("braid_owner", DATABASE, socket_dir),
        app_url=_url("braid_app", DATABASE, socket_dir),
        worker_url=_url("braid_worker", DATABASE, socket_dir),
        socket_dir=socket_dir,
        _duty=duty,
    )


def _adopted(cluster: Cluster, note: Note) -> Duty | None:
    # Whoever started it may have been killed; then it is ours to stop.
    held = pg_process.claim(cluster.asked)
    return None if held is None else Duty(cluster, note, None, held)


def _binaries(cluster: Cluster) -> pg_binaries.Binaries:
    made_by = cluster.data / "PG_VERSION"
    major = int(made_by.read_text()) if made_by.exists() else None
    return pg_binaries.find(cluster.account, cluster.data.parent, major=major)


def _prepare(socket_dir: Path) -> None:
    """Make the roles and the database where they are missing, and shut everybody else out of it."""
    with _admin(socket_dir, "postgres") as admin:
        admin.execute(_ROLES)
        if admin.execute("select from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            admin.execute("create database braid owner braid_owner")
    with _admin(socket_dir, DATABASE) as admin:
        admin.execute(_ENTRY)


def _admin(socket_dir: Path, database: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(socket_dir), port=PORT, user="postgres", dbname=database, autocommit=True)


def _url(role: str, database: str, socket_dir: Path) -> str:
    query = {"host": str(socket_dir), "port": PORT}
    return sa.URL.create("postgresql+psycopg", username=role, database=database, query=query).render_as_string()
