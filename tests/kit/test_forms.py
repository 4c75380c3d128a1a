"""What was typed is read once; each mistake has a sentence, and nothing typed is lost."""

from datetime import date
from typing import Annotated, ClassVar, Self

import pytest
from pydantic import EmailStr, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import MAX_FIELD_BYTES, PageForm, PostedForm


class Visit(PageForm):
    problems: ClassVar = {
        "name": "Enter a name",
        "name.string_too_long": "Shorten the name to 5 letters",
        "email": "Enter an e-mail address",
        "on": "Enter a day",
        "colours": "Choose a colour",
    }
    lists: ClassVar = frozenset({"colours"})
    name: Annotated[str, Field(min_length=1, max_length=5)]
    email: EmailStr
    on: date
    colours: Annotated[list[str], Field(min_length=1)]
    note: str = ""

    @field_validator("note")
    @classmethod
    def kind(cls, value: str) -> str:
        if value == "rude":
            raise ValueError("Say it more kindly")
        return value

    @model_validator(mode="after")
    def a_note_for_red(self) -> Self:
        if "red" in self.colours and not self.note:
            raise PydanticCustomError("on-field", "{sentence}", {"sentence": "Say why red", "field": "note"})
        return self


GOOD = {"name": "Ash", "email": "ash@example.org", "on-day": "3", "on-month": "3", "on-year": "2026", "colours": "blue"}


def read(*more, **changed):
    fields = {**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return Visit.read(PostedForm([*fields.items(), *more]))


def test_a_form_filled_in_is_read():
    form, problems = read(("colours", "green"))

    assert problems == {}
    assert (form.name, form.on, form.colours) == ("Ash", date(2026, 3, 3), ["blue", "green"])


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"name": ""}, {"name": "Enter a name"}),
        ({"name": "   "}, {"name": "Enter a name"}),
        ({"name": "Ashling"}, {"name": "Shorten the name to 5 letters"}),
        ({"email": "ash"}, {"email": "Enter an e-mail address"}),
        ({"on_day": "31", "on_month": "2"}, {"on": "Enter a day"}),
        ({"on_day": "", "on_month": "", "on_year": ""}, {"on": "Enter a day"}),
        ({"colours": " "}, {"colours": "Choose a colour"}),
        ({"note": "rude"}, {"note": "Say it more kindly"}),
        ({"colours": "red"}, {"note": "Say why red"}),
    ],
)
def test_each_mistake_has_its_own_sentence(changed, problems):
    assert read(**changed) == (None, problems)


def test_mistakes_come_in_the_order_of_the_form():
    _, problems = read(colours="", on_day="40", name="", email="x")

    assert list(problems) == ["name", "email", "on", "colours"]


def test_line_ends_are_plain_and_no_text_can_hold_what_the_database_cannot():
    posted = PostedForm([("note", "one\r\ntwo\x00"), ("note", "last")])

    assert posted.every("note") == ["one\ntwo", "last"]
    assert posted["note"] == "last"


def test_what_was_typed_can_be_kept_without_the_token():
    posted = PostedForm([("csrf", "secret"), ("a", "1"), ("b", "1"), ("b", "2")])

    assert posted.raw() == {"a": "1", "b": ["1", "2"]}


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_a_form_larger_than_any_of_ours_is_refused(clients, kind):
    browser = clients()
    told = {"csrf": browser.token(), "email": "a" * (MAX_FIELD_BYTES + 1)}
    sent = {"data": told} if kind == "urlencoded" else {"files": {name: (None, value) for name, value in told.items()}}

    response = browser.http.post("/sign-in", headers={"sec-fetch-site": "same-origin"}, **sent)

    assert response.status_code in (400, 413)
    assert "<h1>" in response.text


def test_a_form_with_more_fields_than_any_of_ours_is_refused(clients):
    browser = clients()
    fields = {"csrf": browser.token(), **{f"field-{n}": "x" for n in range(600)}}

    assert browser.http.post("/sign-in", data=fields).status_code in (400, 413)


def test_an_uploaded_file_is_no_field(clients):
    browser = clients()

    response = browser.http.post(
        "/sign-in", data={"csrf": browser.token()}, files={"email": ("a.txt", b"ash@example.org")}
    )

    assert response.status_code in (400, 422)
