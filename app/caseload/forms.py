"""What staff may change about who a patient is, and the sentence for each mistake."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.kit.forms import PageForm


class ContactForm(PageForm):
    problems: ClassVar = {
        "contact_note": "Shorten the contact note to 200 letters",
        "local_patient_id": "Enter at most 20 characters",
        "local_referral_id": "Enter at most 20 characters",
    }
    contact_note: Annotated[str, Field(max_length=200)] = ""
    local_patient_id: Annotated[str | None, Field(max_length=20)] = None
    local_referral_id: Annotated[str | None, Field(max_length=20)] = None
