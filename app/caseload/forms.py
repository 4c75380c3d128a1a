"""What staff may look for and change about who a patient is, and the sentence for each mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from pydantic import Field

from app.caseload.need_queries import Need
from app.kit.forms import PageForm

LONGEST_SEARCH = 100


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
