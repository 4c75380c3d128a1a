"""The demonstration service, Northmoor Talking Therapies: eight weeks of it, played by the product's own actions."""

from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import Engine

from app.demo import founding, playing, signing_in, stories
from app.demo.signing_in import codes
from app.kit.work import Clock, wall_clock
from app.programme import content

__all__ = ["codes", "load_once", "sign_ins"]


class Place(Protocol):
    """What of the settings the demonstration needs to know."""

    @property
    def content_dir(self) -> Path: ...

    @property
    def public_origin(self) -> str: ...


def load_once(engine: Engine, settings: Place, *, clock: Clock = wall_clock) -> bool:
    """Load the demonstration, all or nothing; False where it is there already. Its last moment is the clock's."""
    if founding.is_founded(engine, stories.service().slug):
        return False
    library = content.read_library(settings.content_dir)
    # Every act is a transaction of its own inside this one, so that a load that was broken off leaves nothing.
    with engine.begin() as connection:
        playing.play(connection, library, origin=settings.public_origin, now=clock())
    return True


def sign_ins(settings: Place) -> str:
    """Who there is to sign in as, and how, as a table to print."""
    return signing_in.sign_ins(settings.public_origin)
