"""What the author of a pathway sends to tell what happens to the invented patient."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.clinical.sequencing.play import LONGEST, Happening, Ready, What
from app.kit.forms import PageForm

READY = (
    (Ready.BETTER.value, "Does what is open each week and gets better"),
    (Ready.NO_BETTER.value, "Does what is open each week and gets no better"),
    (Ready.IN_SESSIONS.value, "Does everything in sessions"),
    (Ready.SKIPS.value, "Skips the first step, then does what is open"),
    (Ready.AWAY.value, "Misses every second session and week"),
)


class HappeningForm(PageForm):
    problems: ClassVar = {
        "day": f"Give a day from 1 to {LONGEST}",
        "what": "Choose what happens",
        "total": "Give the total as a number",
        "word": "Give one word, such as relaxation",
    }
    day: Annotated[int, Field(ge=1, le=LONGEST)]
    what: What
    step: Annotated[str, Field(max_length=60)] = ""
    measure: Annotated[str, Field(max_length=40)] = ""
    word: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9-]*$")] = ""
    total: Annotated[int, Field(ge=0, le=1000)] | None = None

    def happening(self) -> Happening:
        """What was told, as the core has it."""
        return Happening(**self.model_dump())
