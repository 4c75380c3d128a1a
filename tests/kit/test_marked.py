"""Text from authors becomes safe, accessible HTML."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import marked
from app.kit.marked import Fence, Prose, Writing

BOXES = {
    "person": marked.section("braid-person"),
    "summary": marked.section("braid-sheet braid-summary", heading="In short"),
    "reveal": marked.details,
}
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://e.example/x)',
    '[x](https://e.example/" onmouseover="alert(1))',
    "[x](https://e.example 'title\" onclick=\"alert(1)')",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '<iframe src="https://e.example"></iframe>',
    "<style>body{display:none}</style>",
    "<form action=https://e.example><input name=password></form>",
    "<base href=https://e.example>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<p style='position:fixed'>x</p>",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "\x00<script>alert(1)</script>",
]


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.addresses = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        self.addresses += [value for name, value in attrs if name in ("href", "src")]


def seen(markup):
    parser = Seen()
    parser.feed(markup)
    return parser


def is_harmless(markup):
    found = seen(markup)
    allowed = {"class", "id", "href", "src", "alt", "rel", "aria-labelledby", "start", "controls", "preload"}
    assert not {tag for tag, _ in found.tags} & {"script", "iframe", "style", "form", "input", "base", "svg", "math"}
    assert all(set(attributes) <= allowed for _, attributes in found.tags)
    # A browser passes over spaces before a scheme and tabs and line ends inside it.
    schemes = [re.match(r"[\x00-\x20]*([a-zA-Z][\w+.\-\t\n\r]*):", address or "") for address in found.addresses]
    assert {scheme[1] for scheme in schemes if scheme} <= {"https", "mailto", "tel"}
    return True


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", ["prose", "title", "body", "audio"])
def test_no_text_can_bring_in_a_script(attack, place):
    writing = Writing()
    line = attack.replace("\n", " ")
    drawn = {
        "prose": lambda: marked.render(attack, writing),
        "title": lambda: marked.rendered(Fence("person", line, "x", 1), BOXES, writing),
        "body": lambda: marked.rendered(Fence("reveal", "x", attack, 1), BOXES, writing),
        "audio": lambda: marked.audio(line, f"media/{line}", 3, attack, writing, line=1),
    }

    assert is_harmless(drawn[place]())


@given(st.text(alphabet=st.sampled_from("<>\"'&/=:()[]!`*_#- \n\tajsvcriptonehf1;xyz")))
def test_whatever_is_written_stays_harmless(text):
    assert is_harmless(marked.render(text, Writing()))


def test_headings_begin_at_the_second_level_and_below_a_heading_at_the_third():
    text = "# One\n\n## Two\n\n### Three\n"

    page = [tag for tag, _ in seen(marked.render(text, Writing())).tags]
    inside = [tag for tag, _ in seen(marked.rendered(Fence("person", "Gwen", text, 1), BOXES, Writing())).tags]

    assert page == ["h2", "h2", "h3"]
    assert inside == ["section", "h2", "h3", "h3", "h3"]


def test_an_example_person_is_a_section_named_by_its_heading():
    drawn = marked.rendered(Fence("person", "Gwen’s week", "She *swam*.", 4), BOXES, Writing())

    assert drawn == (
        '<section class="braid-person" aria-labelledby="read-gwens-week">\n'
        '<h2 id="read-gwens-week">Gwen’s week</h2>\n<p>She <em>swam</em>.</p>\n</section>\n'
    )


def test_a_summary_has_a_heading_of_its_own_when_none_is_given():
    drawn = marked.rendered(Fence("summary", "", "- One\n- Two", 1), BOXES, Writing())

    assert '<section class="braid-sheet braid-summary" aria-labelledby="read-in-short">' in drawn
    assert '<h2 id="read-in-short">In short</h2>' in drawn


def test_a_reveal_opens_in_the_markup_of_the_design_system():
    drawn = marked.rendered(Fence("reveal", "What if I can’t?", "Rest.", 1), BOXES, Writing())

    assert drawn == (
        '<details class="nhsuk-details"><summary class="nhsuk-details__summary">'
        '<span class="nhsuk-details__summary-text">What if I can’t?</span></summary>'
        '<div class="nhsuk-details__text">\n<p>Rest.</p>\n</div></details>\n'
    )


def test_a_recording_has_its_words_beneath_it():
    drawn = marked.audio("Breathing", "media/a.mp3", 1, "Breathe *out*.", Writing(), line=1)

    assert '<audio controls="" preload="none" src="media/a.mp3"></audio><details' in drawn
    assert "Breathing, about 1 minute</figcaption>" in drawn
    assert "Breathe <em>out</em>." in drawn


def test_ids_are_never_given_twice_on_a_page():
    writing = Writing()
    titles = ["Gwen", "Gwen", "Gwen 2", "!", "?", "Gwen"]

    drawn = "".join(marked.rendered(Fence("person", title, "", 1), BOXES, writing) for title in titles)

    ids = seen(drawn).ids
    assert len(ids) == len(set(ids)) == 6


def test_links_and_pictures_go_where_the_resolver_says_and_nowhere_when_it_says_none():
    asked = []

    def resolve(address, line):
        asked.append((address, line))
        return {"page:b": "b", "media/x.png": "media/x.png"}.get(address)

    text = "Go to\n[b](page:b) or\n[c](page:c).\n\n![A hill](media/x.png)"

    drawn = marked.render(text, Writing(resolve), line=10)

    assert asked == [("page:b", 11), ("page:c", 12), ("media/x.png", 14)]
    assert '<a href="b" rel="noopener noreferrer">b</a>' in drawn
    assert '<a rel="noopener noreferrer">c</a>' in drawn
    assert '<img src="media/x.png" alt="A hill">' in drawn


def test_a_text_is_split_at_its_fences_with_their_lines():
    text = "One.\n\n::: person Gwen’s week\nTwo.\n:::\n\nThree.\n::: reveal Why?\n:::\n"

    parts, faults = marked.split(text, file="page.md", known=BOXES, first_line=7)

    assert faults == []
    assert parts == [
        Prose("One.\n", 7),
        Fence("person", "Gwen’s week", "Two.", 9),
        Prose("\nThree.", 12),
        Fence("reveal", "Why?", "", 14),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("::: persn Gwen\nx\n:::\n", 'page.md:1: component "persn" is not known. Did you mean "person"?'),
        ("a\n\n::: person Gwen\nx\n", 'page.md:3: "::: person" is never closed. End it with :::.'),
        ("a\n:::\n", "page.md:2: a fence is closed that was not opened. Take out this :::."),
        (
            "::: person Gwen\n::: reveal Why?\n:::\n",
            'page.md:2: "::: reveal" is inside another fence. Close the fence of line 1 before it with :::.',
        ),
        (":::person Gwen\n", 'page.md:1: ":::person Gwen" is not a fence. Put a space after :::.'),
    ],
)
def test_a_fence_that_is_wrong_says_where_and_how_to_mend_it(text, fault):
    faults = marked.split(text, file="page.md", known=BOXES)[1]

    assert [str(fault) for fault in faults] == [fault]
