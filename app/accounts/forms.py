"""What people may send us about their accounts, and the sentence for each mistake."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import EmailStr, Field, field_validator

from app.accounts.roles import STAFF, Role
from app.kit.forms import PageForm

Name = Annotated[str, Field(min_length=1, max_length=80)]
NO_EMAIL = "Enter an e-mail address in the right form, like name@example.com"


class EmailForm(PageForm):
    problems: ClassVar = {"email": NO_EMAIL, "email.missing": "Enter your e-mail address"}
    email: Annotated[EmailStr, Field(max_length=254)]


class PasswordSignInForm(EmailForm):
    problems: ClassVar = {**EmailForm.problems, "password": "Enter your password"}
    password: Annotated[str, Field(min_length=1, max_length=1000)]


Code = Annotated[str, Field(pattern=r"^[0-9]{3} ?[0-9]{3}$")]


class CodeForm(PageForm):
    problems: ClassVar = {"code": "Enter the 6 numbers from your authenticator app"}
    code: Code


class NewPasswordForm(PageForm):
    problems: ClassVar = {"password": "Enter a new password"}
    current: str = ""
    password: Annotated[str, Field(min_length=1, max_length=1000)]


class SetUpForm(NewPasswordForm):
    problems: ClassVar = {**NewPasswordForm.problems, **CodeForm.problems}
    code: Code


class RoleForm(PageForm):
    problems: ClassVar = {"role": "Choose a role"}
    role: Role


class StaffForm(PageForm):
    problems: ClassVar = {
        "given_name": "Enter a first name of up to 80 letters",
        "family_name": "Enter a last name of up to 80 letters",
        "email": NO_EMAIL,
        "email.missing": "Enter an e-mail address",
        "roles": "Choose at least one role",
    }
    lists: ClassVar = frozenset({"roles"})
    given_name: Name
    family_name: Name
    email: Annotated[EmailStr, Field(max_length=254)]
    roles: Annotated[list[Role], Field(min_length=1)]

    @field_validator("roles")
    @classmethod
    def staff_roles_only(cls, value: list[Role]) -> list[Role]:
        if not set(value) <= STAFF:
            raise ValueError("Choose a role for staff")
        return list(dict.fromkeys(value))


class PatientForm(PageForm):
    problems: ClassVar = {
        "given_name": "Enter a first name of up to 80 letters",
        "family_name": "Enter a last name of up to 80 letters",
        "email": NO_EMAIL,
        "email.missing": "Enter an e-mail address",
        "born_on": "Enter a date of birth, like 14 3 1989",
        "practitioner_id": "Choose a practitioner",
        "contact_note": "Shorten the contact note to 200 letters",
        "local_patient_id": "Enter at most 20 characters for the record system’s patient number",
        "local_referral_id": "Enter at most 20 characters for the record system’s referral number",
        "pathway": "Choose a pathway",
    }
    given_name: Name
    family_name: Name
    email: Annotated[EmailStr, Field(max_length=254)]
    born_on: date
    nhs_number: str | None = None
    contact_note: Annotated[str, Field(max_length=200)] = ""
    local_patient_id: Annotated[str | None, Field(max_length=20)] = None
    local_referral_id: Annotated[str | None, Field(max_length=20)] = None
    practitioner_id: UUID
    pathway: UUID

    @field_validator("born_on")
    @classmethod
    def a_real_birthday(cls, value: date) -> date:
        if value.year < 1900:
            raise ValueError("Enter a date of birth, like 14 3 1989")
        return value

    @field_validator("nhs_number")
    @classmethod
    def a_real_number(cls, value: str | None) -> str | None:
        """Modulus 11 over the first nine digits (NHS Data Model and Dictionary, NHS NUMBER)."""
        if not value:
            return None
        digits = value.replace(" ", "").replace("-", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
            raise ValueError("Enter an NHS number of 10 digits, like 999 123 4560")
        check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
        if {11: 0}.get(check, check) != int(digits[9]):
            raise ValueError("Check the NHS number: one of its digits is not right")
        return digits


class ReassignForm(PageForm):
    problems: ClassVar = {"practitioner_id": "Choose a practitioner"}
    practitioner_id: UUID


class DeviceForm(PageForm):
    only_me: Literal["yes"] | None = None

    @property
    def is_own(self) -> bool:
        return self.only_me == "yes"
