"""The demonstration service, Northmoor Talking Therapies: eight weeks of it, played by the product's own actions."""

from sqlalchemy.engine import Engine

from app.config import Settings
from app.demo import founding, stories
from app.demo.signing_in import codes, sign_ins
from app.kit.work import Clock, wall_clock

__all__ = ["codes", "is_loaded", "load_once", "sign_ins"]


def is_loaded(engine: Engine) -> bool:
    """Whether the demonstration is there."""
    return founding.is_founded(engine, stories.service().slug)


def load_once(engine: Engine, settings: Settings, *, clock: Clock = wall_clock) -> bool:
    """Load the demonstration, all or nothing; False where it is there already. Its last moment is the clock's."""
    if is_loaded(engine):
        return False
    # Only the first start plays it: no later one need load what can.
    from app.demo import playing
    from app.programme import content

    library = content.read_library(settings.content_dir)
    # Every act is a transaction of its own inside this one, so that a load that was broken off leaves nothing.
    with engine.begin() as connection:
        playing.play(connection, library, origin=settings.public_origin, now=clock())
    return True
