"""What browsers load from us: complete, ours alone, and named by its content."""

import json
import re

import pytest

from tools import build_assets, stylesheet
from tools.build_assets import DIST, SHEETS

FOREIGN = re.compile(r"https?://(?!www\.w3\.org/)|(?<![:\w])//\w")


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    build_assets.main()


def manifest():
    return json.loads(build_assets.MANIFEST.read_text())


def test_every_name_leads_to_a_file_with_its_contents_hash():
    assert {*SHEETS, "braid.js", "mark.svg", "app.webmanifest"} <= manifest().keys()
    for name, hashed in manifest().items():
        stem, suffix = name.rsplit(".", 1)
        assert re.fullmatch(rf"{re.escape(stem)}\.[0-9a-f]{{12}}\.{suffix}", hashed)
        assert (DIST / hashed).stat().st_size > 0


def test_no_style_sheet_asks_anyone_for_anything():
    for name in SHEETS:
        css = (DIST / manifest()[name]).read_text()

        assert "@font-face" not in css
        assert "Frutiger" not in css
        assert all((DIST / address).exists() for address in re.findall(r"url\(([^)]*)\)", css))
        assert not FOREIGN.search(css)


def test_the_script_names_no_other_origin():
    assert not FOREIGN.search(re.sub(r"//.*", "", (DIST / manifest()["braid.js"]).read_text()))


@pytest.mark.parametrize(
    "css", ["@font-face{src:url(x)}", "a{background:url(https://a.example/b.png)}", "a{b:url(data:image/png;base64,A)}"]
)
def test_a_style_sheet_that_leaves_us_stops_the_build(css):
    with pytest.raises(ValueError, match="still has"):
        stylesheet.refuse_what_leaves_us(css)


def test_styles_of_what_we_use_are_there_and_of_what_we_do_not_are_gone():
    css = build_assets.design_system_css()

    assert ".nhsuk-radios__input" in css
    assert ".nhsuk-error-summary" in css
    assert ".nhsuk-header" not in css
    assert ".nhsuk-hero" not in css


def test_a_second_build_with_nothing_changed_makes_nothing(capsys):
    before = {path.name: path.stat().st_mtime_ns for path in DIST.iterdir()}

    build_assets.main()

    assert {path.name: path.stat().st_mtime_ns for path in DIST.iterdir()} == before
    assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("physical", "told"),
    [
        ("margin-left:8px", "margin-inline-start:8px"),
        ("padding-right:1rem", "padding-inline-end:1rem"),
        ("left:0", "inset-inline-start:0"),
        ("border-left-color:red", "border-inline-start-color:red"),
        ("border-top-right-radius:4px", "border-start-end-radius:4px"),
        ("float:right", "float:inline-end"),
        ("text-align:left", "text-align:start"),
        ("text-align:center", "text-align:center"),
        ("margin-top:8px", "margin-top:8px"),
    ],
)
def test_sides_are_told_as_start_and_end(physical, told):
    [rule] = stylesheet.logical(stylesheet.parse(f"a{{{physical}}}"))

    assert rule.declarations == told


def test_rules_survive_being_read_and_written():
    css = """@charset "UTF-8"; /* no { */ a:is(.b, .c) > d , e { color : red; background: url("x;y") }
    @media (min-width: 40em) { a { b: c } } @media (min-width: 40em) { f { g: h } }"""

    written = stylesheet.written(stylesheet.parse(css))

    assert written == ('a:is(.b, .c) > d , e{color:red;background:url("x;y")}@media (min-width: 40em){a{b:c}f{g:h}}')


def test_a_selector_of_a_component_we_do_not_use_is_taken_from_its_list():
    rules = stylesheet.kept(
        stylesheet.parse(".nhsuk-input:focus, .nhsuk-hero a { b: c } .nhsuk-hero { d: e }"),
        lambda selector: stylesheet.blocks(selector) <= {"nhsuk-input"},
    )

    assert stylesheet.written(rules) == ".nhsuk-input:focus{b:c}"


def test_a_brace_too_many_is_found():
    with pytest.raises(ValueError, match="brace"):
        stylesheet.parse("a { b: c } } d { e: f }")
