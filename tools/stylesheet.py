"""Style sheets as rules: which to keep, directions made logical, and what no page of ours may ask for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = r'"[^"]*"|\'[^\']*\''
_HEAD = re.compile(rf"(?:{_STRING}|[^;{{}}\"'])*")
_DECLARATION = re.compile(rf"(?:{_STRING}|\((?:{_STRING}|[^()\"']|\([^()]*\))*\)|[^;\"'(])+")
_BLOCK_NAME = re.compile(r"\.([a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*)((?:__|--)[a-zA-Z0-9_-]*)?")
_SIDES = {"left": "start", "right": "end"}


@dataclass(frozen=True)
class Rule:
    """A selector, or an at-rule, and what is in its braces: declarations or further rules."""

    head: str
    declarations: str = ""
    rules: tuple["Rule", ...] = ()

    def __str__(self) -> str:
        return f"{self.head}{{{self.declarations or ''.join(map(str, self.rules))}}}"


def parse(css: str) -> list[Rule]:
    """The rules of a style sheet in order; statements such as @charset are left out."""
    plain = _COMMENT.sub("", css)
    rules, end = _rules(plain, 0)
    if plain[end:].strip():
        raise ValueError("a brace is closed that was not opened")
    return rules


def _rules(css: str, at: int) -> tuple[list[Rule], int]:
    found: list[Rule] = []
    while at < len(css):
        head = _HEAD.match(css, at)
        end = head.end() if head else at
        words = " ".join(css[at:end].split())
        mark = css[end : end + 1]
        if mark == "{" and words.startswith(("@media", "@supports", "@layer", "@container")):
            inner, at = _rules(css, end + 1)
            found.append(Rule(words, rules=tuple(inner)))
        elif mark == "{":
            close = css.index("}", end)
            found.append(Rule(words, declarations=_tight(css[end + 1 : close])))
            at = close + 1
        elif mark == "}":
            return found, end + 1
        else:
            at = end + 1
    return found, at


def _tight(declarations: str) -> str:
    parts = [" ".join(part.split()) for part in _split(declarations)]
    return ";".join(re.sub(r"^([a-zA-Z-]+)\s*:\s*", r"\1:", part) for part in parts if part)


def _split(declarations: str) -> list[str]:
    """Declarations apart; a semicolon in quotes or brackets belongs to its value."""
    return _DECLARATION.findall(declarations)


def kept(rules: list[Rule], keep: Callable[[str], bool]) -> list[Rule]:
    """The rules without the selectors that `keep` refuses, and without what is then empty."""
    left: list[Rule] = []
    for rule in rules:
        if rule.rules:
            inner = kept(list(rule.rules), keep)
            if inner:
                left.append(Rule(rule.head, rules=tuple(inner)))
        elif rule.head.startswith("@"):
            if rule.head != "@font-face":
                left.append(rule)
        elif selectors := [one for one in _selectors(rule.head) if keep(one)]:
            left.append(Rule(",".join(selectors), rule.declarations))
    return left


def _selectors(head: str) -> Iterator[str]:
    for one in re.split(r",(?![^()]*\))", head):
        yield re.sub(r"\s*([>~+])\s*", r"\1", one.strip())


def blocks(selector: str) -> set[str]:
    """The components a selector names: `.nhsuk-card__heading` names nhsuk-card."""
    return {found[1] for found in _BLOCK_NAME.finditer(selector)}


def variants(selector: str) -> set[str]:
    """The classes a selector names, whole."""
    return {found[0][1:] for found in _BLOCK_NAME.finditer(selector)}


def logical(rules: list[Rule]) -> list[Rule]:
    """The same rules with left and right told as start and end, so that they follow the page's direction."""
    return [
        Rule(rule.head, rules=tuple(logical(list(rule.rules))))
        if rule.rules
        else Rule(rule.head, ";".join(_logical(part) for part in _split(rule.declarations)))
        for rule in rules
    ]


def _logical(declaration: str) -> str:
    name, _, value = declaration.partition(":")
    if name in ("text-align", "float", "clear"):
        side = _SIDES.get(value.strip())
        return f"{name}:{side if name == 'text-align' else 'inline-' + side}" if side else declaration
    if name in _SIDES:
        return f"inset-inline-{_SIDES[name]}:{value}"
    if match := re.fullmatch(r"(margin|padding|scroll-margin|scroll-padding)-(left|right)", name):
        return f"{match[1]}-inline-{_SIDES[match[2]]}:{value}"
    if match := re.fullmatch(r"border-(left|right)(-color|-style|-width)?", name):
        return f"border-inline-{_SIDES[match[1]]}{match[2] or ''}:{value}"
    if match := re.fullmatch(r"border-(top|bottom)-(left|right)-radius", name):
        upright = "start" if match[1] == "top" else "end"
        return f"border-{upright}-{_SIDES[match[2]]}-radius:{value}"
    return declaration


def written(rules: list[Rule]) -> str:
    """The rules as a style sheet; neighbours under the same condition share it."""
    merged: list[Rule] = []
    for rule in rules:
        if merged and rule.rules and merged[-1].head == rule.head and merged[-1].rules:
            merged[-1] = Rule(rule.head, rules=(*merged[-1].rules, *rule.rules))
        else:
            merged.append(rule)
    return "".join(map(str, merged))


def refuse_what_leaves_us(css: str) -> None:
    """Raise ValueError if a style sheet would ask any other origin, or anyone, for a font or a picture."""
    for sign in ("@font-face", "@import", "http:", "https:", "//", "data:", "Frutiger"):
        if sign in css:
            at = css.index(sign)
            raise ValueError(f"the style sheet still has {sign}: …{css[max(at - 60, 0) : at + 60]}…")
