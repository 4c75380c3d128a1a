"""The design system's components as plain, fast macros: each is expanded once, here, through the real ones."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tools.design_system import expand
from tools.parts import PARTS, Flags, Items, Part

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "templates" / "built" / "components.html"

_VALUE = r"[a-z_]+(?:\.[a-z_]+|\[\d\]|\(\))*"
_OPTIONAL_ATTRIBUTE = re.compile(rf' ([a-z-]+)="@@\?({_VALUE})@@"')
_OPTIONAL_CLASS = re.compile(rf" @@\+({_VALUE})@@")
_PLAIN = re.compile(rf"@@({_VALUE})@@")


def settings(names: Mapping[str, str]) -> Iterator[dict[str, bool]]:
    """Every way of switching these flags."""
    for chosen in itertools.product((True, False), repeat=len(names)):
        yield dict(zip(names, chosen, strict=True))


def macro(part: Part) -> str:
    """Our macro for one component."""
    body = _branches(part.flags, lambda on: _shape(part, on))
    return f"{{% macro {part.signature} -%}}{part.first}{body}{{%- endmacro %}}\n"


def _branches(flags: Mapping[str, str], shape: Callable[[Flags], str], on: dict[str, bool] | None = None) -> str:
    on = on or {}
    if not flags:
        return shape(on)
    (name, condition), *rest = flags.items()
    yes = _branches(dict(rest), shape, on | {name: True})
    no = _branches(dict(rest), shape, on | {name: False})
    return f"{{% if {condition} %}}{yes}{{% else %}}{no}{{% endif %}}"


def _shape(part: Part, on: Flags) -> str:
    if part.items is None:
        return filled_in(expand(part.component, part.params(on)), part.conditions)
    items = part.items
    before, _, after = _around(part, on, items, dict.fromkeys(items.flags, False))
    loop = _branches(items.flags, lambda item_on: _around(part, on, items, item_on)[1])
    place = '{% set item_id = id if loop.first else id ~ "-" ~ loop.index %}' if "item_id" in loop else ""
    whole = f"{before}{{% for item in {items.over} %}}{place}{loop}{{% endfor %}}{after}"
    return filled_in(whole, part.conditions)


def _around(part: Part, on: Flags, items: Items, item_on: Flags) -> tuple[str, str, str]:
    """What comes before the repeated part, the repeated part, and what comes after.

    Found by looking where the component grows when it is given the same item twice.
    """
    item = items.params(item_on)
    once, twice = (expand(part.component, part.params(on) | {items.under: [item] * count}) for count in (1, 2))
    length = len(twice) - len(once)
    for start in range(len(once) - length + 1):
        piece = once[start : start + length]
        if piece.startswith("<") and once[:start] + piece + once[start:] == twice:
            return once[:start], piece, once[start + length :]
    raise ValueError(f"{part.component} does not repeat its {items.under} as expected")


def filled_in(html: str, conditions: Mapping[str, str]) -> str:
    """HTML with marks, as Jinja."""
    html = _OPTIONAL_ATTRIBUTE.sub(r'{% if \2 or \2 == 0 %} \1="{{ \2 }}"{% endif %}', html)
    html = _OPTIONAL_CLASS.sub(r"{% if \1 %} {{ \1 }}{% endif %}", html)
    for name in (" checked", " selected"):
        for condition in conditions.values():
            html = re.sub(rf"{name}(?=[ >])", f"{{% if {condition} %}}{name}{{% endif %}}", html)
    html = _PLAIN.sub(r"{{ \1 }}", html)
    if "@@" in html:
        raise ValueError(f"a mark was changed on its way: {html}")
    return html


def built() -> str:
    """The whole file of macros."""
    return "".join(macro(part) for part in PARTS)


def build(target: Path = TARGET) -> None:
    """Write the macros where templates import them from."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half_done = target.with_suffix(".new")
    half_done.write_text(built(), encoding="utf-8")
    half_done.replace(target)


if __name__ == "__main__":
    build()
