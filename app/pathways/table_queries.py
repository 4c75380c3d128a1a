"""A what-if as a table: one line a patient and group, without a name, for whoever works on it elsewhere."""

import csv
from io import StringIO
from typing import Any
from uuid import UUID

from app.kit.work import Work
from app.pathways import group_queries

_HEAD = ("group", "opens", "kept open", "next before", "next after", "core before", "core after", "stuck at")
_NOTHING: dict[str, Any] = {"opens_more": [], "kept_open": [], "next": ["", ""], "core": ["", ""], "stuck": []}


def as_csv(work: Work, what_if_id: UUID) -> str:
    """Every line of every group (RFC 4180)."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(_HEAD)
    for group in group_queries.groups(work, what_if_id):
        for line in group_queries.lines(work, what_if_id, group=group.key, at_once=None):
            found = line.found or _NOTHING
            stuck = "; ".join(one["title"] for one in found["stuck"])
            opens, kept = "; ".join(found["opens_more"]), "; ".join(found["kept_open"])
            rows.writerow([group.title, opens, kept, *found["next"], *found["core"], stuck])
    return text.getvalue()
