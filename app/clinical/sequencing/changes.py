"""What one edit of a rule changed, in a few words: what a link to undo it says."""

from app.clinical.sequencing import editing
from app.clinical.sequencing.blanks import Blank, Known, value_at
from app.clinical.sequencing.editing import Node
from app.clinical.sequencing.sentences import is_list, pieces


def changed(before: Node, after: Node, known: Known) -> str:
    """The one blank that differs, with what it was; or what happened to the lines. Nothing where nothing did."""
    was, now = list(editing.lines(before)), list(editing.lines(after))
    if before == after:
        return ""
    if len(now) != len(was) and not (is_list(before) or is_list(after)):
        return _counted(len(now) - len(was))
    different = [(old, new) for (_, old), (_, new) in zip(was, now, strict=False) if old != new and _leaf(old, new)]
    if len(different) == 1 and (words := _in_blank(*different[0], known)):
        return words
    return "the last change to the rule"


def _leaf(old: Node, new: Node) -> bool:
    """Whether two parts differ by themselves and not only by what is in them."""
    mine = [{name: value for name, value in part.items() if name != "of"} for part in (old, new)]
    return mine[0] != mine[1]


def _in_blank(old: Node, new: Node, known: Known) -> str:
    if old.get("kind") != new.get("kind"):
        return "the last change to a condition"
    blanks = [b for b in (*pieces(new), *pieces(old)) if isinstance(b, Blank) and b.field != "of"]
    different = list(dict.fromkeys(b.field for b in blanks if value_at(old, b.field) != value_at(new, b.field)))
    if len(different) != 1:
        return ""
    blank = next(b for b in blanks if b.field == different[0])
    name = blank.label.partition(",")[0].lower()
    return f"{name} {_said(blank, new, known)}, was {_said(blank, old, known)}"


def _said(blank: Blank, node: Node, known: Known) -> str:
    value = value_at(node, blank.field)
    words = dict(blank.choices(known))
    several = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(words.get(one, one)) for one in several if one not in (None, "")) or "empty"


def _counted(more: int) -> str:
    lines = "a line" if abs(more) == 1 else f"{abs(more)} lines"
    return f"{lines} {'added' if more > 0 else 'removed'}"
