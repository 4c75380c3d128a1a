"""Every template compiles and is used, and every template that is named exists."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from jinja2 import TemplateError

from app.kit import render
from tests.house.files import HOUSE, nodes, python, text_of

NAMED = re.compile(r"""["']([\w/-]+\.(?:html|txt))["']""")
# Made from the design system with the assets, and not kept.
MADE = "built/"
EXTENDS = re.compile(r"\{% extends (.+?) %\}")
# What leads to help from every page that stands in it.
FRAMES = {"patient.html": ("/help", "/leave"), "staff.html": ("/help",), "print.html": ("/help", "/leave")}


def templates(root: Path) -> dict[str, str]:
    folder = root / "templates"
    found = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.*"))}
    return {name: text for name, text in found.items() if not name.startswith(MADE)}


def named(root: Path) -> Iterator[tuple[str, str]]:
    """Where a template is named, and its name, with a star where a name is put together."""
    for where, tree in python(root):
        for node in nodes(tree):
            if isinstance(node, ast.JoinedStr):
                node = ast.Constant("".join(text_of(part) or "*" for part in node.values))
            text = text_of(node) or ""
            if re.fullmatch(r"[\w/*-]+/[\w*-]+\.(html|txt)|[a-z]+\.html", text):
                yield where, text
    for where, text in templates(root).items():
        yield from ((where, name) for name in NAMED.findall(text))


def broken(root: Path) -> Iterator[str]:
    for name, text in templates(root).items():
        try:
            render._ENVIRONMENT.compile(text, name)
        except TemplateError as failed:
            yield f"{name}: {failed}"


def missing(root: Path) -> list[str]:
    known = templates(root)
    return [
        f"{where} names {name}, which does not exist"
        for where, name in named(root)
        if not name.startswith(MADE) and not any(fnmatch(one, name) for one in known)
    ]


def unused(root: Path) -> list[str]:
    used = {name for where, name in named(root) if where != name}
    return [name for name in templates(root) if not any(fnmatch(name, one) for one in used)]


def unescaped(root: Path) -> list[str]:
    """Where a template prints what is not cleaned text: only names that end in `html` were made clean."""
    return [
        f"{name} prints {said.strip()} as it comes"
        for name, text in templates(root).items()
        for said in re.findall(r"([^\s{(,~]+)\s*\|\s*safe\b", text)
        if not said.endswith("html")
    ]


def helpless(root: Path) -> Iterator[str]:
    """Pages from which there is no way to help, or that patients could not leave quickly."""
    for name, text in templates(root).items():
        if name in FRAMES:
            yield from (f"{name} has no {way}" for way in FRAMES[name] if f"'{way}'" not in text)
        elif (on := EXTENDS.search(text)) and not set(re.findall(r"[\w/-]+\.html", on[1])) <= FRAMES.keys():
            yield f"{name} stands in {on[1]}"


def test_every_page_leads_to_help_and_patients_can_leave_it():
    assert list(helpless(HOUSE)) == []


def test_a_page_in_a_frame_of_its_own_is_found(plant):
    root = plant("templates/weather/odd.html", '{% extends "base.html" %}')

    assert list(helpless(root)) == ['weather/odd.html stands in "base.html"']


def test_only_cleaned_text_is_printed_as_it_comes():
    assert unescaped(HOUSE) == []


def test_every_template_compiles():
    assert list(broken(HOUSE)) == []


def test_every_template_that_is_named_exists():
    assert missing(HOUSE) == []


def test_every_template_is_used():
    assert unused(HOUSE) == []


def test_a_template_that_does_not_compile_is_found(plant):
    for number, text in enumerate(["{% if %}", "{{ 1 | colour }}", "{% block a %}"]):
        root = plant(f"templates/odd-{number}.html", text)

    assert [line[:6] for line in broken(root)] == ["odd-0.", "odd-1.", "odd-2."]


def test_a_template_nobody_names_is_found(plant):
    assert "weather/odd.html" in unused(plant("templates/weather/odd.html", "Words"))


@pytest.mark.parametrize("name", ['"weather/absent.html"', 'f"weather/{kind}.html"'])
def test_a_name_without_a_template_is_found(plant, name):
    assert any("weather/" in fault for fault in missing(plant("app/weather/pages.py", f"page(request, {name})\n")))


def test_a_template_that_extends_a_missing_one_is_found(plant):
    root = plant("templates/weather/odd.html", '{% extends "weather/absent.html" %}')

    assert missing(root)[-1] == "weather/odd.html names weather/absent.html, which does not exist"


@pytest.mark.parametrize("text", ["{{ words|safe }}", "{{ entry.words | safe }}"])
def test_text_printed_as_it_comes_is_found(plant, text):
    assert len(unescaped(plant("templates/weather/odd.html", text))) == 1


def test_cleaned_text_printed_as_it_comes_is_let_be(plant):
    assert unescaped(plant("templates/weather/odd.html", "{{ part.intro_html|safe }}")) == unescaped(HOUSE)
