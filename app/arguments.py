"""What may be said to `braid` after the name of a command, and the sentence for each mistake."""

import argparse
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

from app.accounts.roles import STAFF
from app.clinical.mood import SCALES
from app.kit.work import wall_clock
from app.pathways.simulation_content import YEARS


def parser(known_commands: Mapping[str, Callable[..., int]]) -> argparse.ArgumentParser:
    """What reads the arguments of these commands; what each does is said where it is done."""
    parser = argparse.ArgumentParser(prog="braid", description="Blended CBT: sessions and a programme in one.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    known = {
        key: commands.add_parser(key, help=what.__doc__, description=what.__doc__)
        for key, what in known_commands.items()
    }
    somebody = "as: Helen Marsh <helen.marsh@example.org>"
    add = known["new-service"].add_argument
    add("--name", required=True, help="what the service is called")
    add("--slug", required=True, help="its short name, in small letters, numbers and hyphens")
    add("--administrator", required=True, help=somebody)
    add("--clinical-lead", required=True, help=somebody)
    add("--zone", default="Europe/London", help="its time zone (default: %(default)s)")
    add = known["mood-scale"].add_argument
    add("slug", metavar="SLUG", help="the service’s short name")
    add("scale", choices=tuple(SCALES), help="the scale from now on")
    add = known["export-momentary"].add_argument
    add("slug", metavar="SLUG", help="the service’s short name")
    add("--words", action="store_true", dest="with_words", help="with what patients wrote in their own words")
    add = known["check-pathway"].add_argument
    add("file", type=Path, metavar="FILE", help="a pathway file; docs/pathway-files.md says how to write one")
    add("--against", type=Path, metavar="FILE", help="the pathway in use, to say whom the new one opens steps for")
    add("--staff", type=_roles, default="practitioner,supervisor,clinical-lead", metavar="ROLES",
        help="the roles that somebody has in the service (default: %(default)s)")  # fmt: skip
    add("--json", action="store_true", dest="as_json", help="print plain data for other programs")
    add = known["simulate"].add_argument
    add("file", type=Path, metavar="FILE", help="a pathway file; docs/pathway-files.md says how to write one")
    add("facts", type=Path, metavar="FACTS", help="a facts file")
    add("--until", type=_day, metavar="DATE", help="the last day (default: the planned length of the programme)")
    add("--json", action="store_true", dest="as_json", help="print plain data for other programs")
    _add_texts(known)
    add = known["fence"].add_argument
    add(
        "--not-before",
        type=_moment,
        metavar="WHEN",
        help="send nothing that was due before: now, or a moment with its zone",
    )
    return parser


def _add_texts(known: Mapping[str, argparse.ArgumentParser]) -> None:
    for key in ("check-texts", "install-texts"):
        known[key].add_argument("file", type=Path, metavar="FILE", help="a text pack, as docs/instruments.md has it")
    known["remove-texts"].add_argument("instrument", metavar="INSTRUMENT", help="the instrument, such as wsas")
    for key in ("install-texts", "list-texts", "remove-texts"):
        known[key].add_argument("--service", metavar="SLUG", help="whose; need not be said where there is only one")


def _roles(written: str) -> list[str]:
    roles = [role.strip() for role in written.split(",") if role.strip()]
    known = [role.value for role in STAFF]
    if unknown := [role for role in roles if role not in known]:
        raise argparse.ArgumentTypeError(f'"{unknown[0]}" is not a role: use {", ".join(sorted(known))}')
    return roles


def _day(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise argparse.ArgumentTypeError(f'"{written}" is not a date: write it as 2026-05-04')
    return day


def _moment(written: str) -> datetime:
    if written == "now":
        return wall_clock()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f'"{written}" is not a moment: write it as 2026-05-04T08:00+01:00, or now')
    return moment
