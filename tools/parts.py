"""The design system's components that we use, and our own macro's signature for each.

A mark stands where a value goes: `@@name@@` a value, `@@?name@@` an attribute left out when it has none,
`@@+name@@` a class that may be missing, `@@!name@@` an attribute that is there or not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Flags = Mapping[str, bool]
Params = dict[str, Any]


@dataclass(frozen=True)
class Items:
    """The repeated part: for each of `over`, `params` of it, which go into the component under `under`."""

    under: str
    over: str
    params: Callable[[Flags], Params]
    flags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One macro of ours. `flags` are what changes the shape: a name and the Jinja condition for it."""

    signature: str
    component: str
    params: Callable[[Flags], Params]
    flags: Mapping[str, str] = field(default_factory=dict)
    items: Items | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    first: str = ""

    @property
    def name(self) -> str:
        return self.signature.split("(")[0]


def _question(on: Flags, **more: Any) -> Params:
    """What every labelled field shares."""
    label: Params = {"text": "@@label@@"}
    if on["heading"]:
        label |= {"isPageHeading": True, "size": "l"}
    return {"id": "@@id@@", "name": "@@name@@", "label": label, **_notes(on), **more}


def _notes(on: Flags) -> Params:
    noted: Params = {}
    if on["hint"]:
        noted["hint"] = {"text": "@@hint@@"}
    if on["error"]:
        noted["errorMessage"] = {"text": "@@error@@"}
    return noted


def _legend(on: Flags) -> Params:
    legend: Params = {"text": "@@legend@@"}
    if on["heading"]:
        legend |= {"isPageHeading": True, "size": "l"}
    return {"legend": legend}


def _input(on: Flags) -> Params:
    attributes = {name: f"@@?{name}@@" for name in ("maxlength", "min", "max", "step", "spellcheck")}
    params = _question(
        on,
        value="@@?value@@",
        type="@@type@@",
        autocomplete="@@?autocomplete@@",
        inputmode="@@?inputmode@@",
        classes="@@+classes@@",
        attributes=attributes,
    )
    return params | ({"suffix": "@@suffix@@"} if on["suffix"] else {})


def _textarea(on: Flags) -> Params:
    attributes = {"maxlength": "@@?maxlength@@", "spellcheck": "@@?spellcheck@@"}
    return _question(on, value="@@value@@", rows="@@rows@@", autocomplete="@@?autocomplete@@", attributes=attributes)


def _choices(on: Flags) -> Params:
    params: Params = {"idPrefix": "@@id@@", "name": "@@name@@", "fieldset": _legend(on), **_notes(on)}
    if on["inline"]:
        params["classes"] = "nhsuk-radios--inline"
    return params


def _ticks(on: Flags) -> Params:
    return {"idPrefix": "@@id@@", "name": "@@name@@", "fieldset": _legend(on), **_notes(on)}


def _choice(on: Flags) -> Params:
    item: Params = {"id": "@@item_id@@", "value": "@@item.key@@", "text": "@@item.label@@", "checked": "@@!chosen@@"}
    return item | ({"hint": {"text": "@@item.hint@@"}} if on["item_hint"] else {})


def _tick(on: Flags) -> Params:
    item: Params = {"id": "@@id@@", "value": "@@value@@", "text": "@@label@@", "checked": "@@!checked@@"}
    if on["hint"]:
        item["hint"] = {"text": "@@hint@@"}
    noted = {"errorMessage": {"text": "@@error@@"}} if on["error"] else {}
    return {"idPrefix": "@@id@@", "name": "@@name@@", "items": [item], **noted}


def _date(on: Flags) -> Params:
    def part(name: str, words: str, width: int) -> Params:
        return {
            "id": f"@@id@@-{name}",
            "name": f"@@name@@-{name}",
            "label": words,
            "width": width,
            "value": f"@@?parts.{name}@@",
        }

    items = [part("day", "Day", 2), part("month", "Month", 2), part("year", "Year", 4)]
    return {"id": "@@id@@", "items": items, "fieldset": _legend(on), **_notes(on)}


def _button(on: Flags) -> Params:
    params: Params = {"text": "@@text@@", "id": "@@?id@@", "small": on["small"]}
    if on["secondary"]:
        params["variant"] = "secondary"
    if on["link"]:
        return params | {"href": "@@href@@"}
    return params | {"name": "@@?name@@", "value": "@@?value@@", "attributes": {"formaction": "@@?formaction@@"}}


def _care(on: Flags) -> Params:
    kind = "emergency" if on["emergency"] else "urgent" if on["urgent"] else "non-urgent"
    return {
        "variant": kind,
        "heading": {"text": "@@heading@@", "level": "@@level@@"},
        "description": {"html": "@@caller()@@"},
    }


def _mistake(on: Flags) -> Params:
    return {"href": "#@@prefix@@@@item[0]@@", "text": "@@item[1]@@"}


def _details(on: Flags) -> Params:
    html, attributes = "@@caller()@@", {"id": "@@?id@@"}
    return {"summary": "@@summary@@", "html": html, "attributes": attributes, "open": on["open"]}


def _row(on: Flags) -> Params:
    row: Params = {"key": {"text": "@@key@@"}, "value": {"text": "@@value@@"}}
    if on["link"]:
        action = {"href": "@@href@@", "text": "@@action@@"}
        if on["about"]:
            action["visuallyHiddenText"] = "@@about@@"
        row["actions"] = {"items": [action]}
    return row


_NOTED = {"hint": "hint", "error": "error"}
_ASKED = _NOTED | {"heading": "heading"}
_ID = "{% set id = id or name %}"
_ONE = _ID + "{% set value = value|as_key %}"
_SEVERAL = _ID + "{% set values = values|as_keys %}"
_CHOICE = {"item_hint": "item.hint"}

PARTS = (
    Part(
        "button(text, kind='', href='', name='', value='', formaction='', id='', small=false)",
        "button",
        _button,
        {"link": "href", "secondary": "kind == 'secondary'", "small": "small"},
    ),
    Part(
        "input(name, label, value='', hint='', error='', id='', type='text', autocomplete='', inputmode='', "
        "maxlength='', min='', max='', step='', spellcheck='', suffix='', classes='', heading=false)",
        "input",
        _input,
        _ASKED | {"suffix": "suffix"},
        first=_ID,
    ),
    Part(
        "textarea(name, label, value='', hint='', error='', id='', rows=5, maxlength='', autocomplete='', "
        "spellcheck='', heading=false)",
        "textarea",
        _textarea,
        _ASKED,
        first=_ID,
    ),
    Part(
        "select(name, label, options, value='', hint='', error='', id='', heading=false)",
        "select",
        _question,
        _ASKED,
        Items(
            "items",
            "options|choices",
            lambda on: {"value": "@@item.key@@", "text": "@@item.label@@", "selected": "@@!chosen@@"},
        ),
        {"chosen": "item.key == value"},
        first=_ONE,
    ),
    Part(
        "radios(name, legend, options, value='', hint='', error='', id='', inline=false, heading=false)",
        "radios",
        _choices,
        _ASKED | {"inline": "inline"},
        Items("items", "options|choices", _choice, _CHOICE),
        {"chosen": "item.key == value"},
        first=_ONE,
    ),
    Part(
        "checkboxes(name, legend, options, values=(), hint='', error='', id='', heading=false)",
        "checkboxes",
        _ticks,
        _ASKED,
        Items("items", "options|choices", _choice, _CHOICE),
        {"chosen": "item.key in values"},
        first=_SEVERAL,
    ),
    Part(
        "checkbox(name, label, value='yes', checked=false, hint='', error='', id='')",
        "checkboxes",
        _tick,
        _NOTED,
        conditions={"checked": "checked"},
        first=_ID,
    ),
    Part(
        "date_input(name, legend, value='', hint='', error='', id='', heading=false)",
        "date-input",
        _date,
        _ASKED,
        first=_ID + "{% set parts = value|date_parts(name) %}",
    ),
    Part(
        "error_summary(problems, prefix='', title='There is a problem')",
        "error-summary",
        lambda on: {"heading": "@@title@@"},
        items=Items("errorList", "problems|items", _mistake),
    ),
    Part(
        "details(summary, id='', open=false)",
        "details",
        _details,
        {"open": "open"},
    ),
    Part("back_link(href, text='Back')", "back-link", lambda on: {"href": "@@href@@", "text": "@@text@@"}),
    Part(
        "skip_link(href='#main', text='Skip to main content')",
        "skip-link",
        lambda on: {"href": "@@href@@", "text": "@@text@@"},
    ),
    Part(
        "fieldset(legend, described_by='', heading=false)",
        "fieldset",
        lambda on: {**_legend(on), "html": "@@caller()@@", "attributes": {"aria-describedby": "@@?described_by@@"}},
        {"heading": "heading"},
    ),
    Part("hint(id, text)", "hint", lambda on: {"id": "@@id@@", "text": "@@text@@"}),
    Part("error_message(id, text)", "error-message", lambda on: {"id": "@@id@@", "text": "@@text@@"}),
    Part(
        "inset(about='Information')",
        "inset-text",
        lambda on: {"html": "@@caller()@@", "visuallyHiddenText": "@@about@@"},
    ),
    Part(
        "warning(heading, level=2)",
        "warning-callout",
        lambda on: {"heading": {"text": "@@heading@@", "level": "@@level@@"}, "html": "@@caller()@@"},
    ),
    Part(
        "care_card(kind, heading, level=2)",
        "card",
        _care,
        {"emergency": "kind == 'emergency'", "urgent": "kind == 'urgent'"},
    ),
    Part("summary_list()", "summary-list", lambda on: {"html": "@@caller()@@"}),
    Part(
        "summary_row(key, value, href='', action='Change', about='')",
        "summary-list/row",
        _row,
        {"link": "href", "about": "about"},
    ),
)
