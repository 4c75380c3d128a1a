"""The built components say what the design system's own macros say."""

import datetime as dt
import itertools
import json
import re
from enum import Enum

import pytest
from markupsafe import Markup

from app.kit import components, render
from tools import build_assets, design_system
from tools.build_components import ROOT, settings
from tools.parts import PARTS

INNER = "<p>Words of <b>ours</b></p>"
AWKWARD = "Jo’s “<b>5 & 6</b>”"

# What makes each flag true; where it is false the argument keeps its default.
SWITCHES = {
    "hint": {"hint": AWKWARD},
    "error": {"error": "Choose one."},
    "heading": {"heading": True},
    "inline": {"inline": True},
    "suffix": {"suffix": "minutes"},
    "link": {"href": "/my/today?a=1&b=2"},
    "about": {"about": "name"},
    "secondary": {"kind": "secondary"},
    "small": {"small": True},
    "open": {"open": True},
    "emergency": {"kind": "emergency"},
    "urgent": {"kind": "urgent"},
}
NEEDED = {
    "text": AWKWARD,
    "label": AWKWARD,
    "legend": AWKWARD,
    "title": "There is a problem",
    "summary": AWKWARD,
    "heading": "Call 111 if",
    "kind": "non-urgent",
    "name": "mood",
    "key": "Name",
    "value": AWKWARD,
    "id": "an-id",
    "href": "/back",
    "options": [("a", "First", "With a hint"), ("b", "Second & last")],
    "problems": {"mood": "Choose a number.", "when": "Add a day."},
}
OPTIONAL = {
    "value": "b",
    "values": ["b"],
    "id": "own-id",
    "type": "email",
    "autocomplete": "email",
    "inputmode": "numeric",
    "maxlength": 200,
    "min": 0,
    "max": 10,
    "step": 1,
    "spellcheck": "false",
    "classes": "is-short",
    "rows": 3,
    "formaction": "/other",
    "checked": True,
    "described_by": "somewhere",
    "about": "name",
    "action": "Alter",
    "level": 3,
    "prefix": "one-",
}


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    build_assets.main()


def arguments(part, on, *, is_full):
    defaults = dict(re.findall(r"(\w+)=('[^']*'|\(\)|\w+)", part.signature))
    names = re.findall(r"(?:\(|, )(\w+)", part.signature)
    given = {name: NEEDED[name] for name in names if name not in defaults}
    if is_full:
        given |= {name: OPTIONAL[name] for name in names if name in OPTIONAL and name in defaults}
    for flag, is_on in on.items():
        for name, value in SWITCHES[flag].items():
            given.pop(name, None) if not is_on and name in defaults else None
            if is_on:
                given[name] = value
    if "name" in given and part.name == "date_input" and is_full:
        given["value"] = dt.date(2026, 11, 2)
    return given


def ours(part, given):
    name = part.name
    source = f'{{% import "built/components.html" as c %}}{{{{ c.{name}(**given) }}}}'
    if "caller()" in repr(part.params(dict.fromkeys(part.flags, False))):
        source = f'{{% import "built/components.html" as c %}}{{% call c.{name}(**given) %}}{INNER}{{% endcall %}}'
    return render._ENVIRONMENT.from_string(source).render(given=given)


def known(part, given):
    """Every name a mark can use: what was given, the macro's defaults, and what it works out itself."""
    defaults = re.findall(r"(\w+)=('[^']*'|\(\)|\w+)", part.signature)
    plain = {name: {"false": False, "()": ()}.get(value, value.strip("'")) for name, value in defaults}
    values = plain | given
    if part.first:
        values["id"] = values.get("id") or values["name"]
    if part.name == "date_input":
        values["parts"] = components.date_parts(values["value"], values["name"])
    return values


def filled(params, values):
    """The design system's options with every mark replaced by its value; what has none is left out."""
    if isinstance(params, dict):
        return {key: told for key, one in params.items() if (told := filled(one, values)) is not None}
    if isinstance(params, list):
        return [filled(one, values) for one in params]
    if not isinstance(params, str) or "@@" not in params:
        return params
    if params == "@@caller()@@":
        return Markup(INNER)
    if mark := re.fullmatch(r"@@([?+!])(.+)@@", params):
        value = look_up(mark[2], values)
        return bool(value) if mark[1] == "!" else (str(value) if value or value == 0 else None)
    return re.sub(r"@@(.+?)@@", lambda found: str(look_up(found[1], values)), params)


def look_up(expression, values):
    return render._ENVIRONMENT.compile_expression(expression)(**values)


def theirs(part, on, given):
    values = known(part, given)
    params = filled(part.params(on), values)
    if part.items:
        over = look_up(part.items.over, values)
        params[part.items.under] = [
            filled(
                part.items.params(
                    {flag: bool(look_up(c, values | {"item": item})) for flag, c in part.items.flags.items()}
                ),
                values
                | {
                    "item": item,
                    "item_id": values.get("id") if place == 0 else f"{values.get('id')}-{place + 1}",
                    "chosen": getattr(item, "key", "") in {values.get("value"), *values.get("values", ())},
                },
            )
            for place, item in enumerate(over)
        ]
    return design_system.expand(part.component, params)


CASES = [
    pytest.param(part, on, is_full, id=f"{part.name}-{'-'.join(f for f in on if on[f]) or 'plain'}-{is_full}")
    for part, is_full in itertools.product(PARTS, (True, False))
    for on in settings(part.flags)
    if not (on.get("emergency") and on.get("urgent"))
]


@pytest.mark.parametrize(("part", "on", "is_full"), CASES)
def test_a_built_component_says_what_the_design_system_says(part, on, is_full):
    given = arguments(part, on, is_full=is_full)

    drawn = ours(part, given)

    assert design_system.outline(drawn) == design_system.outline(theirs(part, on, given))


def test_the_macros_and_the_styles_are_a_pair():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]["nhsuk-frontend"]
    locked = lock["packages"]["node_modules/nhsuk-frontend"]["version"]

    pair = {"nhsuk-frontend-jinja": design_system.port_version(), "nhsuk-frontend": locked}

    assert pair == design_system.PAIR
    assert wanted == locked


def test_the_lock_file_holds_no_address_of_a_registry():
    text = (ROOT / "package-lock.json").read_text()

    assert '"resolved"' not in text
    assert "://" not in text


def test_a_mark_changed_on_its_way_stops_the_build():
    from tools.build_components import filled_in

    with pytest.raises(ValueError, match="changed on its way"):
        filled_in('<p class="@@a b@@">', {})


class Reason(Enum):
    NOT_RELEVANT = "not-relevant"
    GOALS_MET = "goals-met"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize()


@pytest.mark.parametrize(
    "options",
    [
        {"not-relevant": "Not relevant", "goals-met": "Goals met"},
        [("not-relevant", "Not relevant"), ("goals-met", "Goals met")],
        Reason,
    ],
)
def test_options_are_taken_as_they_come(options):
    found = components.choices(options)

    assert [(one.key, one.label) for one in found] == [("not-relevant", "Not relevant"), ("goals-met", "Goals met")]


def test_the_chosen_option_is_found_whatever_it_is_kept_as():
    drawn = [
        render.part("built/components.html", "radios", "reason", "Why?", Reason, value=value)
        for value in (Reason.GOALS_MET, "goals-met")
    ]

    assert drawn[0] == drawn[1]
    assert drawn[0].count(" checked") == 1


def test_a_rating_of_zero_is_shown_as_chosen_and_no_rating_is_not():
    rated = render.part("built/components.html", "radios", "q1", "Mood", {0: "Not at all", 1: "Several days"}, value=0)
    unrated = render.part(
        "built/components.html", "radios", "q1", "Mood", {0: "Not at all", 1: "Several days"}, value=None
    )

    assert ' value="0" checked' in rated
    assert "checked" not in unrated


@pytest.mark.parametrize(
    "value",
    [dt.date(2026, 3, 7), "2026-03-07", {"on-day": "7", "on-month": "3", "on-year": "2026"}],
)
def test_a_date_fills_its_three_boxes(value):
    assert components.date_parts(value, "on") == ("7", "3", "2026")


def test_a_date_that_is_none_leaves_its_boxes_empty():
    assert components.date_parts(None, "on") == ("", "", "")
    assert components.date_parts("next week", "on") == ("", "", "")
