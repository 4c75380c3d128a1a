"""The instruments that are shipped, read as the library reads them."""

from functools import cache
from pathlib import Path

from app.clinical.instruments import Instrument
from app.kit.located import load
from app.kit.shapes import Shape, read_as

FOLDER = Path(__file__).parents[2] / "modules_content" / "instruments"


@cache
def shipped(key: str) -> Instrument:
    """One of them by its key."""
    path = FOLDER / f"{key}.yaml"
    return read_as(Shape(Instrument), load(path, shown_as=path.name))
