"""What staff may look for and change about who a patient is, and the sentence for each mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.caseload.need_queries import Need
from app.clinical.sequencing.facts import WaiverReason
from app.kit import say
from app.kit.forms import PageForm, on_field
from app.safety.banner import age

LONGEST_SEARCH = 100
# Whoever is younger or older than this has most likely been typed wrongly.
YOUNGEST, OLDEST = 16, 120


@dataclass(frozen=True)
class LookedFor:
    """What the address of a caseload asks for; what makes no sense is left out."""

    find: str
    need: Need | None
    page: int

    @classmethod
    def from_address(cls, asked: Mapping[str, str]) -> Self:
        number = asked.get("page", "")
        return cls(
            find=asked.get("find", "").replace("\x00", "")[:LONGEST_SEARCH].strip(),
            need=next((need for need in Need if need == asked.get("need")), None),
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1,
        )


class ContactForm(PageForm):
    problems: ClassVar = {
        "contact_note": "Shorten the contact note to 200 letters",
        "local_patient_id": "Enter at most 20 characters",
        "local_referral_id": "Enter at most 20 characters",
    }
    contact_note: Annotated[str, Field(max_length=200)] = ""
    local_patient_id: Annotated[str | None, Field(max_length=20)] = None
    local_referral_id: Annotated[str | None, Field(max_length=20)] = None
    made_from: Annotated[str | None, Field(max_length=64)] = None


class ReviewForm(PageForm):
    problems: ClassVar = {
        "words": "Write what was decided, and what happens next",
        "words.string_too_long": "Shorten this to 4,000 letters",
    }
    words: Annotated[str, Field(min_length=3, max_length=4000)]
    newest_id: UUID | None = None


class PeriodForm(PageForm):
    """Which days of a course are shown, as its address says it."""

    problems: ClassVar = {
        "period": "Choose a period",
        "since": "Enter the first day as a day, a month and a year",
        "until": "Enter the last day as a day, a month and a year",
    }
    period: Literal["start", "weeks-4", "own"] = "start"
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def own_days_are_a_stretch(self) -> Self:
        if self.period != "own":
            return self
        for name in ("since", "until"):
            if getattr(self, name) is None:
                raise on_field(name, self.problems[name])
        if self.since and self.until and self.until < self.since:
            raise on_field("until", "Choose a last day that is not before the first")
        return self


class TogetherForm(PageForm):
    problems: ClassVar = {
        "act": "Choose what to do",
        "step": "Choose a step",
        "reason": "Choose why this step is not needed",
        "note": "Shorten the note to 2,000 letters",
        "told": "Shorten the words to 1,000 letters",
        "many_id": "Reload the page and try again",
    }
    act: Literal["release", "waive"]
    step: Annotated[str, Field(min_length=1, max_length=60)]
    reason: WaiverReason | None = None
    note: Annotated[str, Field(max_length=2000)] = ""
    told: Annotated[str, Field(max_length=1000)] = ""
    many_id: UUID

    @model_validator(mode="after")
    def a_waiver_says_why(self) -> Self:
        if self.act == "waive" and self.reason is None:
            raise on_field("reason", "Choose why this step is not needed")
        if self.reason is WaiverReason.CLINICAL_JUDGEMENT and not self.note:
            raise on_field("note", "Write a note: clinical judgement has to be explained")
        return self


def birthday_problem(born_on: date, today: date) -> str:
    """Why a date of birth is most likely a slip of the keyboard; empty where it is not."""
    if born_on > today:
        return "Check the date of birth: that day has not come yet"
    years = age(born_on, today)
    if YOUNGEST <= years < OLDEST:
        return ""
    return f"Check the date of birth: they would be {_old(born_on, today, years)} old"


def _old(born_on: date, today: date, years: int) -> str:
    if years >= 2:
        return say.plural(years, "year")
    months = (today.year - born_on.year) * 12 + today.month - born_on.month - (today.day < born_on.day)
    return say.plural(months, "month") if months else say.plural((today - born_on).days, "day")
