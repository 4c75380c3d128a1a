"""Words that blame, cheer or promise are nowhere that a person reads: templates, content, refusals and forms."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from httpx2 import Request, Response

from app.kit.web import HEADERS
from tests.client import check
from tests.house.files import HOUSE, nodes, python, text_of
from tests.judging import LET_BE, judging

NEVER = re.compile(
    r"\b(overdue|(?:non-?)?complian(?:t|ce)|non-?adherent|your journey|journey|well done|"
    r"(?:great|good) (?:job|work)|don[’']t worry|you failed|you missed|congratulations|amazing)\b",
    re.IGNORECASE,
)
# What a template does and what a key is called is not read: `{{ text_html|safe }}`, `"safety/alert.html"`.
NOT_READ = re.compile(r"\|\s*safe\b|\{#.*?#\}|<!--.*?-->|[\"'][\w./-]*[\"']")
# What people of the demonstration write is theirs.
TOLD = "app/demo/"
SHOUT = re.compile(r"[a-z]!(?:\s|$|<)")


def read(root: Path) -> Iterator[tuple[str, int, str]]:
    """Every line that people may read, with where it is."""
    for folder in ("templates", "modules_content"):
        for path in sorted((root / folder).rglob("*.*")):
            if path.suffix in (".html", ".txt", ".md", ".yaml") and "built" not in path.parts:
                for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                    yield path.relative_to(root).as_posix(), number, line
    for where, tree in python(root):
        for node in () if where.startswith(TOLD) else nodes(tree):
            text = text_of(node)
            # A sentence, not a key: something with spaces that is not a comment on the code.
            if text and " " in text.strip() and text not in _docstrings(tree):
                yield where, node.lineno, text


@cache
def _docstrings(tree: ast.Module) -> set[str]:
    return {
        text_of(node.body[0].value) or ""
        for node in nodes(tree)
        if isinstance(getattr(node, "body", None), list) and node.body and isinstance(node.body[0], ast.Expr)
    }


def unkind(root: Path) -> list[str]:
    found = []
    for where, number, line in read(root):
        words = [match[0] for match in NEVER.finditer(line)]
        words += judging(NOT_READ.sub("", line))
        words += [match[0].strip() for match in SHOUT.finditer(line)]
        found += [f"{where}:{number} says “{word}”" for word in words]
    return found


def test_nothing_we_say_blames_cheers_or_promises():
    assert unkind(HOUSE) == []


NEVER_SAID = (
    "Your questionnaire is overdue.",
    "Ash is compliant with homework.",
    "This is low risk.",
    "Ash is at medium-risk now.",
    "Risk level: 2",
    "Her risk score fell.",
    "Your journey starts here",
    "Well done, that is saved.",
    "Great job",
    "Don’t worry about it",
    "You are safe.",
    "Ash feels unsafe at home.",
    "Everybody was safely at home.",
    '{{ note("You are safe now.") }}',
    "That is saved!",
    "You missed a session.",
)


@pytest.mark.parametrize("file", ["templates/weather/page.html", "modules_content/modules/weather/guide.md"])
def test_a_word_we_never_use_is_found(plant, file):
    found = unkind(plant(file, "\n".join(NEVER_SAID)))

    assert {fault.partition(" ")[0] for fault in found} >= {f"{file}:{n + 1}" for n in range(len(NEVER_SAID))}


def test_a_word_we_never_use_is_found_in_what_code_says(plant):
    root = plant("app/weather/pages.py", 'WORDS = "Your rating is overdue."\n')

    assert "app/weather/pages.py:1 says “overdue”" in unkind(root)


def test_what_only_looks_like_one_is_let_be(plant):
    fine = [
        *LET_BE,
        "a != b",
        "<!-- a -->",
        "fail-safe",
        "{{ text_html|safe }}",
    ]

    assert not [fault for fault in unkind(plant("templates/weather/page.html", "\n".join(fine))) if "weather" in fault]


def answered(words: str) -> Response:
    ways = '<a href="/help">Help</a><a href="/leave">Leave</a>'
    page = f"<html><head><title>Ash</title></head><body><h1>Ash</h1>{ways}{words}</body></html>"
    return Response(200, html=page, headers=HEADERS, request=Request("GET", "http://localhost/"))


@pytest.mark.parametrize("words", ["<p>Ash is <b>low</b> risk.</p>", '<img alt="Ash is safe">', "<p>Risk level 2</p>"])
def test_a_page_that_judges_somebody_is_refused(words):
    with pytest.raises(AssertionError, match="judges a person"):
        check(answered(words))


def test_a_page_with_only_names_is_let_be():
    assert check(answered(f"<p>{', '.join(LET_BE)}</p>"))
