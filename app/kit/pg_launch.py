"""Starting a PostgreSQL server as our own child: the first time, every time, and after it was killed."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from app.kit.pg_binaries import Binaries, NoPostgres
from app.kit.pg_process import (
    OUR_TEMPORARY,
    PATIENCE,
    PORT,
    Cluster,
    Duty,
    Note,
    answers,
    claim,
    read_note,
    remove_temporary,
    stop,
)

LONGEST_SOCKET = 100  # bytes; macOS allows 103
LARGEST_LOG = 5_000_000  # bytes
CAREFREE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
Process = subprocess.Popen[bytes]


def launch(cluster: Cluster, binaries: Binaries) -> Duty:
    """Make the cluster if there is none, start its server as our child and wait until it takes connections."""
    if not cluster.data.exists():
        _initialise(cluster, binaries)
    _clear_traces(cluster.data)
    socket_dir = _socket_folder(cluster)
    deadline = time.monotonic() + PATIENCE
    while (process := _tried(cluster, binaries, socket_dir, deadline)) is None:
        # The killed server's children are still letting go of its memory.
        said = _last_words(cluster)
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise NoPostgres(f"PostgreSQL did not start. Its last words, from {_log(cluster)}:\n{said}")
        time.sleep(0.1)
    return Duty(cluster, Note(process.pid, socket_dir), process, claim(cluster.asked))


def _tried(cluster: Cluster, binaries: Binaries, socket_dir: Path, deadline: float) -> Process | None:
    process = _spawn(cluster, binaries, socket_dir)
    ready = False
    try:
        while not ready and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
            ready = answers(socket_dir)
    finally:
        if not ready and process.poll() is None:
            stop(process.pid, lambda: process.poll() is not None)
    return process if ready else None


def _initialise(cluster: Cluster, binaries: Binaries) -> None:
    new = cluster.data.with_name("cluster.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    cluster.account.give(new)
    # The built-in provider sorts alike on every platform; it came with version 17.
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if binaries.major >= 17
        else ["--locale=C.UTF-8"]
    )
    command: list[str | Path] = [binaries.folder / "initdb", "-D", new, "-U", "postgres", "--encoding=UTF8", *locale]
    command += ["--data-checksums", "--auth-local=trust", "--auth-host=reject", "--no-instructions"]
    command += ["--no-sync"] if cluster.fast else []
    told = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=_environment(), **cluster.account.run_as
    )
    if told.returncode:
        raise NoPostgres(f"PostgreSQL could not make a database in {cluster.data}:\n{told.stdout}{told.stderr}")
    # Half a cluster never bears the real name.
    new.rename(cluster.data)


def _clear_traces(data: Path) -> None:
    """Let PostgreSQL start although the files of a dead server name a process number that lives again."""
    note = read_note(data)
    if note and note.socket_dir != data:
        remove_temporary(note.socket_dir)
    for socket in data.glob(".s.PGSQL.*"):
        socket.unlink()
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    lines = pid_file.read_text().splitlines(keepends=True)
    if len(lines) < 7:
        pid_file.unlink()
        return
    # PostgreSQL knows that its parent is no server. Deleting the file instead would also skip its check that no
    # child of the dead server still writes to the data.
    pid_file.write_text(f"{os.getpid()}\n" + "".join(lines[1:]))


def _socket_folder(cluster: Cluster) -> Path:
    if len(os.fsencode(cluster.data / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET:
        return cluster.data
    short = Path(tempfile.mkdtemp(prefix=OUR_TEMPORARY, dir="/tmp"))
    cluster.account.give(short)
    return short


def _spawn(cluster: Cluster, binaries: Binaries, socket_dir: Path) -> Process:
    quoted = str(socket_dir).replace('"', '""')
    settings = [
        "listen_addresses=",
        f'unix_socket_directories="{quoted}"',
        "unix_socket_permissions=0700",
        f"port={PORT}",
        "timezone=UTC",
        "log_timezone=UTC",
        *(CAREFREE if cluster.fast else ()),
    ]
    command: list[str | Path] = [
        binaries.folder / "postgres",
        "-D",
        cluster.data,
        *(f"--{setting}" for setting in settings),
    ]
    log = _log(cluster)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    with log.open("ab") as out:
        # A session of its own, so that Ctrl-C reaches us first and requests under way can finish.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            **cluster.account.run_as,
        )


def _environment() -> dict[str, str]:
    # Our own environment holds secrets, and PG* variables that would steer the server.
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ} | {"LC_ALL": "C"}


def _log(cluster: Cluster) -> Path:
    return cluster.asked / "server.log"


def _last_words(cluster: Cluster) -> str:
    return "\n".join(_log(cluster).read_text(errors="replace").splitlines()[-8:])
