"""What whoever runs the server does with text packs: check one, install it for a service, see them, take one out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from app.accounts.queries import services_by_slug
from app.kit import db, say
from app.kit.errors import Refused
from app.kit.located import Unreadable
from app.kit.work import Clock, Work, system_work, wall_clock
from app.programme.content import Library
from app.questionnaires import text_actions, text_queries
from app.questionnaires.text_content import ReadPack, read_pack
from app.questionnaires.text_queries import Standing, State


@dataclass(frozen=True)
class Told:
    """What a command says, line by line, and its status: 0 where it did what was asked."""

    lines: tuple[str, ...]
    status: int = 0


class NoSuchService(Refused):
    title = "There is no such service"


def check(file: Path, library: Library) -> Told:
    """Every mistake in a text pack."""
    try:
        read = read_pack(file, library.instruments)
    except Unreadable as unreadable:
        return Told(tuple(str(fault) for fault in unreadable.faults), status=1)
    return Told((f"{file}: every text of the {read.instrument.short} is there", *_asks(read)))


def install(
    bind: Engine | Connection, file: Path, library: Library, *, service: str | None, clock: Clock = wall_clock
) -> Told:
    """Install a text pack for a service, or tell every mistake in it."""
    try:
        read = read_pack(file, library.instruments)
        with _service(bind, service, clock) as (name, work):
            text_actions.install(work, pack=read.pack)
    except Unreadable as unreadable:
        return Told(tuple(str(fault) for fault in unreadable.faults), status=1)
    except Refused as refused:
        return Told((refused.words,), status=1)
    permission = read.pack.permission
    by = f"By permission of {permission.by}, {say.day_year(permission.on)}."
    return Told((f"{name} can ask the {read.instrument.short} now. {by}",))


def listed(bind: Engine | Connection, library: Library, *, service: str | None, clock: Clock = wall_clock) -> Told:
    """Each instrument that needs words of others, with what a service has of them."""
    try:
        with _service(bind, service, clock) as (name, work):
            found = text_queries.standings(work, library.instruments)
    except Refused as refused:
        return Told((refused.words,), status=1)
    lines = [f"{one.instrument.key}: {_state(one)}" for one in found if one.state is not State.OURS]
    return Told((f"{name}:", *(lines or ["every instrument has its words"])))


def remove(bind: Engine | Connection, instrument: str, *, service: str | None, clock: Clock = wall_clock) -> Told:
    """Take a text pack out of a service."""
    try:
        with _service(bind, service, clock) as (name, work):
            text_actions.remove(work, instrument=instrument)
    except Refused as refused:
        return Told((refused.words,), status=1)
    return Told((f"{name} cannot ask {instrument} any more. What was answered stays.",))


def _asks(read: ReadPack) -> Iterator[str]:
    for question in read.instrument.questions:
        yield f"  {question.label}: {question.text}"


def _state(one: Standing) -> str:
    if one.installed is None:
        return "no text pack"
    pack = one.installed.pack
    told = f"version {pack.version}, by permission of {pack.permission.by}, {say.day_year(pack.permission.on)}"
    if one.state is State.OTHER_VERSION:
        return f"{told}; does not fit version {one.instrument.version} that is here"
    return told


@contextmanager
def _service(bind: Engine | Connection, slug: str | None, clock: Clock) -> Iterator[tuple[str, Work]]:
    with db.transaction(bind, None) as session:
        known = services_by_slug(session)
    if slug is None and len(known) == 1:
        (slug,) = known
    if slug not in known:
        named = f"There is no service “{slug}”" if slug else "Say which service with --service"
        raise NoSuchService(f"{named}. There are: {', '.join(known) or 'none'}.")
    found = known[slug]
    with system_work(bind, found.id, clock=clock) as work:
        yield found.name, work
