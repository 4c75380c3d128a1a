"""One PostgreSQL server as a process of this machine: whether it is there, whose duty it is, and its end."""

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.kit.pg_binaries import Account, NoPostgres

PORT = "5432"  # no port of the machine: only part of the socket's name
PATIENCE = 30.0  # seconds; replaying the log after a crash takes a few
OUR_TEMPORARY = "braid-"


@dataclass(frozen=True)
class Cluster:
    """Where one database lives: the folder it was asked for in, and the folder PostgreSQL writes to."""

    asked: Path
    data: Path
    account: Account
    fast: bool

    @property
    def away(self) -> bool:
        """Whether it lives elsewhere, since `nobody` cannot reach the folder root asked for."""
        return self.data.parent != self.asked


@dataclass(frozen=True)
class Note:
    """What a server wrote about itself in `postmaster.pid`: the process, and the folder of its socket."""

    pid: int
    socket_dir: Path


@contextmanager
def locked(asked: Path) -> Iterator[None]:
    """Hold the lock round starting and stopping the server of this folder; waits for whoever has it."""
    descriptor = os.open(asked / "start.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def claim(asked: Path) -> int | None:
    """Become the process that stops the server, unless another living process is; the kernel frees it at our end."""
    descriptor = os.open(asked / "owner.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def answering(cluster: Cluster) -> Note | None:
    """The server of this cluster if one answers, None if none runs; waits for one that is starting or stopping."""
    deadline = time.monotonic() + PATIENCE
    while note := read_note(cluster.data):
        if answers(note.socket_dir):
            return note
        if not _is_postmaster(note.pid, cluster.data):
            return None
        if time.monotonic() > deadline:
            raise NoPostgres(
                f"A PostgreSQL server (process {note.pid}) has {cluster.data} open but does not answer. "
                f"Stop it with `kill -INT {note.pid}`, then start Braid again."
            )
        time.sleep(0.05)
    return None


class Duty:
    """What this process owes a server: to stop it, once, when the process ends."""

    def __init__(self, cluster: Cluster, note: Note, process: "subprocess.Popen[bytes] | None", held: int | None):
        self.cluster = cluster
        self.note = note
        self._process = process
        self._held = held
        self._pid = os.getpid()
        self._done = False

    def accept(self) -> None:
        """From now on the server stops with this process, however it ends short of SIGKILL."""
        atexit.register(self.discharge)
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _leave)

    def discharge(self) -> None:
        """Stop the server and tidy up behind it; nothing the second time, or in a fork of this process."""
        if self._done or os.getpid() != self._pid:
            return
        # A test may have deleted the folder under a running server.
        with locked(self.cluster.asked) if self.cluster.asked.exists() else nullcontext():
            if not self._gone():
                stop(self.note.pid, self._gone)
            self._tidy()
        self._done = True
        atexit.unregister(self.discharge)

    def _gone(self) -> bool:
        if self._process is not None:
            return self._process.poll() is not None
        return not _is_postmaster(self.note.pid, self.cluster.data)

    def _tidy(self) -> None:
        # Another process may have started a server of its own after ours was killed.
        if read_note(self.cluster.data) in (None, self.note):
            remove_temporary(self.note.socket_dir)
            if self.cluster.fast and self.cluster.away:
                remove_temporary(self.cluster.data.parent)
                (self.cluster.asked / "cluster").unlink(missing_ok=True)
        if self._held is not None:
            os.close(self._held)


def _leave(number: int, _frame: object) -> None:
    # Python would otherwise die of the signal without running what is due at exit.
    raise SystemExit(128 + number)


def read_note(data: Path) -> Note | None:
    """What the server of this folder wrote, living or dead; None where there is nothing to go by."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    # Another folder's name means a copy of a folder in use: that server is not ours.
    if len(lines) < 5 or not lines[0].strip().isdigit() or lines[1] != str(data):
        return None
    return Note(int(lines[0]), Path(lines[4]))


def answers(socket_dir: Path) -> bool:
    """Whether a real connection is taken: nothing less shows that a server is ready."""
    try:
        psycopg.connect(host=str(socket_dir), port=PORT, user="postgres", dbname="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _is_postmaster(pid: int, data: Path) -> bool:
    """Whether this process is alive, no zombie, and serves this cluster rather than bearing a reused number."""
    proc = Path("/proc/self/stat")
    if not proc.exists():
        told = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return str(data) in told.stdout
    try:
        # A zombie's command line is empty.
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def stop(pid: int, gone: Callable[[], bool]) -> None:
    """Stop a server, waiting up to 20 seconds until `gone` says it is."""
    # Disconnect and finish; leave at once; and at last without a word.
    for number, patience in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if gone():
                return
            time.sleep(0.01)


def remove_temporary(folder: Path) -> None:
    """Delete a folder that we made in the system's temporary place, and no other."""
    if folder.name.startswith(OUR_TEMPORARY):
        shutil.rmtree(folder, ignore_errors=True)
