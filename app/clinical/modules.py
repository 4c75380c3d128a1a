"""Modules of the programme: what they are for, their pages and worksheets, and the work they require."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.clinical.containers import Worksheet
from app.clinical.fields import Key, Value, Words, mistake
from app.clinical.quick_checks import Check

GUIDE_HEADINGS = (
    "Aims",
    "Before the session",
    "In the session",
    "Likely questions",
    "What to look at in the answers",
    "Adaptations",
)
Minutes = Annotated[int, Field(ge=1, le=600)]
Problem = Literal["depression", "anxiety", "worry", "panic", "phobia", "sleep", "stress"]


class Technique(Value):
    """A technique of CBT by its standard name, and as it is named to a patient."""

    key: Key
    title: Words
    patient: Words


class Techniques(Value):
    techniques: tuple[Technique, ...]


class Ideas(Value):
    """Things to do, by the three kinds of activity (Richards and Whyte 2011)."""

    sign_off: tuple[Words, ...] = ()
    routine: tuple[Words, ...]
    pleasurable: tuple[Words, ...]
    necessary: tuple[Words, ...]


class Html(Value):
    """Sanitised HTML of a page."""

    html: str


class Try(Value):
    """A place where a worksheet of the module is drawn, with an introduction above it."""

    worksheet: Key
    intro_html: str


Part = Html | Try | Check


class Page(Value):
    """One page. `guide` is for the practitioner and never shown to a patient."""

    key: Key
    title: Words
    minutes: Minutes
    key_point: Words
    guide: Words
    parts: tuple[Part, ...]

    @cached_property
    def worksheets(self) -> tuple[str, ...]:
        """The keys of the worksheets tried on this page, in order."""
        return tuple(part.worksheet for part in self.parts if isinstance(part, Try))


class PageMatter(Value):
    """What the front matter of a page says."""

    title: Words
    minutes: Minutes
    key_point: Words
    guide: Words


class Activity(Value):
    """A piece of required work: done online when its page is moved on from or its worksheet is saved."""

    key: Key
    title: Words
    page: Key | None = None
    worksheet: Key | None = None

    @model_validator(mode="after")
    def _done_in_one_way(self) -> "Activity":
        if (self.page is None) == (self.worksheet is None):
            problem = f'activity "{self.key}" needs either "page" or "worksheet"'
            raise mistake(problem, "Give the one that completes it.")
        return self


class Serves(Value):
    problems: tuple[Problem, ...] = ()
    goals: tuple[Key, ...] = ()


class SignOff(Value):
    """The clinician of the deploying service who answers for the text, and the day it was signed."""

    name: Words
    role: Words
    on: dt.date


class GuideMatter(Value):
    minutes: Minutes


class GuideSection(Value):
    heading: Words
    html: str


class Guide(Value):
    """What the practitioner reads before and in the session. `minutes` is the time to read it."""

    minutes: Minutes
    sections: tuple[GuideSection, ...]

    def section(self, heading: str) -> GuideSection:
        """The section under one of `GUIDE_HEADINGS`. Raises KeyError for another."""
        return {section.heading: section for section in self.sections}[heading]


class Audio(Value):
    """A recording in the module's media folder, with its words."""

    title: Words
    file: Words
    minutes: Minutes
    transcript: Words


class About(Value):
    """What module.yaml says. `minutes` is for the whole module, all pages."""

    key: Key
    title: Words
    summary: Words
    why: Words
    minutes: Minutes
    version: Words
    kind: Literal["core", "optional", "transdiagnostic", "coping"]
    techniques: tuple[Key, ...] = ()
    serves: Serves = Serves()
    cautions: tuple[Words, ...] = ()
    review_on: dt.date
    sign_off: tuple[SignOff, ...] = ()
    activities: Annotated[tuple[Activity, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _activity_keys_differ(self) -> "About":
        keys = [activity.key for activity in self.activities]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                at = ("activities", place, "key")
                raise mistake(f'activity "{key}" is there twice', "Give one another key.", *at)
        return self

    @property
    def is_signed_off(self) -> bool:
        return bool(self.sign_off)


class Module(About):
    """A module as it was read: complete, its references checked, pinned by `content_hash`."""

    pages: Annotated[tuple[Page, ...], Field(min_length=1)]
    worksheets: tuple[Worksheet, ...]
    guide: Guide
    content_hash: str

    def page(self, key: str) -> Page:
        """The page with this key. Raises KeyError."""
        return {page.key: page for page in self.pages}[key]

    def has_page(self, key: str) -> bool:
        return any(page.key == key for page in self.pages)

    def worksheet(self, key: str) -> Worksheet:
        """The worksheet with this key. Raises KeyError."""
        return {worksheet.key: worksheet for worksheet in self.worksheets}[key]

    def has_worksheet(self, key: str) -> bool:
        return any(worksheet.key == key for worksheet in self.worksheets)

    def activity(self, key: str) -> Activity:
        """The activity with this key. Raises KeyError."""
        return {activity.key: activity for activity in self.activities}[key]

    @property
    def first_page(self) -> Page:
        return self.pages[0]

    def page_number(self, key: str) -> int:
        """The place of a page in the module, from 1. Raises KeyError."""
        return self.pages.index(self.page(key)) + 1

    def next_page(self, key: str) -> Page | None:
        """The page after this one; None after the last. Raises KeyError."""
        return next(iter(self.pages[self.page_number(key) :]), None)

    def previous_page(self, key: str) -> Page | None:
        """The page before this one; None before the first. Raises KeyError."""
        number = self.page_number(key)
        return self.pages[number - 2] if number > 1 else None

    def page_with(self, worksheet: str) -> Page | None:
        """The first page on which a worksheet is tried."""
        return next((page for page in self.pages if worksheet in page.worksheets), None)

    @cached_property
    def asked_on(self) -> dict[str, frozenset[str]]:
        """For each page, the keys of the required work that is done on it: by moving on, or by saving a worksheet."""
        return {
            page.key: frozenset(
                activity.key
                for activity in self.activities
                if activity.page == page.key or activity.worksheet in page.worksheets
            )
            for page in self.pages
        }

    def activities_of_page(self, key: str) -> tuple[Activity, ...]:
        """The required work that is done by moving on from this page."""
        return tuple(activity for activity in self.activities if activity.page == key)

    def activities_of_worksheet(self, key: str) -> tuple[Activity, ...]:
        """The required work that is done by saving this worksheet."""
        return tuple(activity for activity in self.activities if activity.worksheet == key)


def content_hash(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of a module's files in hexadecimal, the same whatever order they are given in."""
    whole = hashlib.sha256()
    for name in sorted(files):
        for piece in (name.encode(), files[name]):
            whole.update(len(piece).to_bytes(8, "big") + piece)
    return whole.hexdigest()
