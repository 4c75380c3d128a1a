"""A text pack made for tests: none of its words are those of the instrument."""

import textwrap
from pathlib import Path

WSAS = textwrap.dedent(
    """\
    instrument: wsas
    version: "1.0"
    licence: Words made up for a test.
    permission:
      by: The Permissions Office
      on: 2026-02-02
      note: Letter 17 of the trust.
    stem: How far does it reach into each of these?
    items:
      - {key: q1, text: The wheelwright’s shop}
      - {key: q2, text: The kettle and the broom}
      - {key: q3, text: The fair on the green}
      - {key: q4, text: The book by the fire}
      - {key: q5, text: The people at the table}
    scale:
      low: Not there
      high: Everywhere
      marks:
        - {value: 2, label: At the edge}
        - {value: 4, label: Half way}
        - {value: 6, label: Nearly}
    """
)


def pack(folder: Path, written: str = "", instead: str = "", *, text: str = WSAS) -> Path:
    """The pack as a file, with one thing in it put otherwise."""
    assert written in text
    file = folder / "wsas.yaml"
    file.write_text(text.replace(written, instead, 1) if written else text)
    return file
