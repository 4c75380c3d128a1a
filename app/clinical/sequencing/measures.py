"""The measures a rule may name, and the whole numbers each can come to."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from app.clinical.fields import mistake


@dataclass(frozen=True, slots=True)
class Measure:
    """A questionnaire with one total; `low` and `high` are the smallest and largest totals possible."""

    name: str
    low: int
    high: int

    @property
    def widest(self) -> int:
        """The largest difference two totals can have."""
        return self.high - self.low


MEASURES = {"phq-9": Measure("PHQ-9", 0, 27), "gad-7": Measure("GAD-7", 0, 21)}


def _known(key: str) -> str:
    if key not in MEASURES:
        raise mistake(f'"{key}" is not a measure', f"Use one of: {', '.join(MEASURES)}.")
    return key


MeasureKey = Annotated[str, AfterValidator(_known)]
