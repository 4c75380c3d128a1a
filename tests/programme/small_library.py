"""The smallest library that is sound, for tests to break in one place at a time."""

import shutil
import textwrap
from pathlib import Path

from app.clinical.modules import GUIDE_HEADINGS

CONTENT = Path(__file__).parents[2] / "modules_content"
GUIDE = "---\nminutes: 5\n---\n" + "\n".join(f"## {heading}\n\nWords on it.\n" for heading in GUIDE_HEADINGS)
FILES = {
    "techniques.yaml": """\
        techniques:
          - {key: relaxation, title: Relaxation, patient: a relaxation exercise}
        """,
    "modules/rest/module.yaml": """\
        key: rest
        title: Rest
        summary: How to rest.
        why: Rest helps.
        minutes: 10
        version: "1.0"
        kind: core
        techniques: [relaxation]
        review_on: 2027-11-01
        activities:
          - {key: read, title: Read, page: 01-welcome}
          - {key: list, title: List, worksheet: my-list}
          - {key: plan, title: Plan, worksheet: my-plan}
          - {key: end, title: End, page: 02-end}
        """,
    "modules/rest/01-welcome.md": """\
        ---
        title: Welcome
        minutes: 6
        key_point: Rest is work too.
        guide: Listen for guilt.
        ---
        Rest. Then see [the end](page:02-end).

        ::: person Gwen’s week
        She rested.
        :::

        ::: try my-list
        Write *three*.
        :::
        """,
    "modules/rest/02-end.md": """\
        ---
        title: The end
        minutes: 5
        key_point: Bring your list.
        guide: Ask for one.
        ---
        ::: try my-plan
        :::

        ::: check
        Rest is
        - [ ] lazy | It can feel so.
        - [x] needed | Yes.
        :::

        ::: bring
        Your list.
        :::
        """,
    "modules/rest/worksheets/my-list.yaml": """\
        key: my-list
        title: My list
        purpose: To see it.
        container: form
        minutes: 5
        fields:
          - {key: what, type: list, label: What rests you?}
        """,
    "modules/rest/worksheets/my-plan.yaml": """\
        key: my-plan
        title: My plan
        purpose: To plan it.
        container: form
        minutes: 5
        fields:
          - key: what
            type: short-text
            label: One thing
            prefill: {worksheet: my-list, field: what}
          - {key: how-much, type: number, label: How much?}
          - {key: chosen, type: link, label: Which?, to: my-list.what}
        """,
    "modules/rest/guide.md": GUIDE,
    "pathways/plain.yaml": """\
        key: plain
        title: Plain
        version: 1
        programme_days: 77
        sessions: 11
        steps:
          - key: rest
            title: Rest
            module: rest
            unlock: {kind: always}
          - key: more
            title: More rest
            unlock:
              kind: any
              of:
                - {kind: technique-practised, technique: relaxation}
                - {kind: step-satisfied, step: rest}
                - {kind: measure-completed, measure: phq-9}
        """,
}


def lay_out(root):
    for name, text in FILES.items():
        write(root, name, text)
    shutil.copytree(CONTENT / "instruments", root / "instruments")
    return root


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")


def change(root, name, old, new):
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
