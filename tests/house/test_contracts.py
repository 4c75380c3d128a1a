"""Which file may use which: the contracts in pyproject.toml are kept, and each of them can be broken."""

import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from grimp import ImportGraph, build_graph
from importlinter.application import use_cases
from importlinter.application.user_options import UserOptions
from importlinter.configuration import configure

configure()

STACK = "Rooms form a stack: a room uses only the rooms below it"
LADDER = "Inside a room a file has a rung, and uses only the rungs below it"
TABLES = "Only what acts and what reads touches tables"
WEB = "Only pages and doors know of the web"
PURE = "The clinical core is pure: no input or output, no clock, no chance"
SETTINGS = "Only the entry points read settings"
CYCLES = "No cycles anywhere"


@pytest.fixture(scope="module")
def contracts() -> UserOptions:
    options = use_cases.read_user_options("pyproject.toml")
    use_cases._register_contract_types(options)
    return options


@pytest.fixture(scope="module")
def house() -> ImportGraph:
    return build_graph("app", include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def already(contracts: UserOptions, house: ImportGraph) -> set[str]:
    return broken(contracts, house)


def broken(contracts: UserOptions, house: ImportGraph, *, of: str = "") -> set[str]:
    """The names of the contracts, or of the one asked about, that this graph of imports does not keep."""
    found = set()
    for options in [one for one in contracts.contracts_options if of in one["name"]]:
        made = use_cases.registry.get_contract_class(options["type"])(
            name=options["name"], session_options=contracts.session_options, contract_options=options
        )
        if not made.check(deepcopy(house), verbose=False).kept:
            found.add(made.name)
    return found


def test_the_house_keeps_every_contract(already):
    assert already == set()


def test_every_contract_is_one_of_those_broken_below(contracts):
    known = {STACK, LADDER, TABLES, WEB, PURE, SETTINGS, CYCLES}

    assert {options["name"] for options in contracts.contracts_options} == known


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        pytest.param("app.accounts.queries", "app.safety.queries", STACK, id="a-room-reaches-up"),
        pytest.param("app.questionnaires.queries", "app.diary.queries", STACK, id="neighbours-are-strangers"),
        pytest.param("app.kit.say", "app.clinical.hours", STACK, id="the-kit-knows-nothing-of-cbt"),
        pytest.param("app.clinical.hours", "app.kit.say", STACK, id="the-core-knows-nobody"),
        pytest.param("app.kit.db", "app.config", STACK, id="the-kit-reads-no-settings"),
        pytest.param("app.safety.queries", "app.scheduler", STACK, id="a-room-starts-no-jobs"),
        pytest.param("app.cupboard.queries", "app.kit.say", STACK, id="a-new-room-needs-its-place"),
        pytest.param("app.safety.queries", "app.safety.actions", LADDER, id="reading-acts"),
        pytest.param("app.safety.pages", "app.safety.jobs", LADDER, id="pages-and-jobs-are-strangers"),
        pytest.param("app.programme.plan_pages", "app.programme.pages", LADDER, id="pages-use-no-pages"),
        pytest.param("app.safety.stuff", "app.kit.say", LADDER, id="a-file-without-a-rung"),
        pytest.param("app.safety.deep.queries", "app.kit.say", LADDER, id="a-folder-in-a-room"),
        pytest.param("app.safety.pages", "app.safety.tables", TABLES, id="pages-touch-tables"),
        pytest.param("app.caseload.pages", "app.accounts.tables", TABLES, id="pages-touch-others-tables"),
        pytest.param("app.programme.content", "app.accounts.tables", TABLES, id="content-touches-tables"),
        pytest.param("app.safety.actions", "fastapi", WEB, id="actions-know-the-web"),
        pytest.param("app.safety.queries", "app.accounts.access", WEB, id="queries-stand-at-the-door"),
        pytest.param("app.clinical.hours", "sqlalchemy", PURE, id="the-core-asks-a-database"),
        pytest.param("app.clinical.hours", "time", PURE, id="the-core-looks-at-the-clock"),
        pytest.param("app.clinical.sequencing.replay", "random", PURE, id="the-core-throws-dice"),
        pytest.param("app.safety.actions", "app.config", SETTINGS, id="a-room-reads-settings"),
        pytest.param("app.clinical.fields", "app.clinical.modules", CYCLES, id="two-files-need-each-other"),
    ],
)
def test_a_planted_import_breaks_its_contract(contracts, house, already, importer, imported, contract):
    planted = deepcopy(house)
    for module in {importer, imported}:
        for known in _with_parents(module):
            if known not in planted.modules:
                planted.add_module(known, is_squashed=not known.startswith("app"))

    planted.add_import(importer=importer, imported=imported, line_number=1, line_contents=f"import {imported}")

    assert broken(contracts, planted, of=contract) - already == {contract}


def test_the_command_that_make_runs_refuses_a_planted_file(plant):
    root = plant("app/accounts/queries.py", "\nfrom app.safety import queries\n")

    ran = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "app.accounts is not allowed to import app.safety" in ran.stdout


def _with_parents(module: str) -> list[str]:
    words = module.split(".")
    return [".".join(words[: n + 1]) for n in range(len(words))] if words[0] == "app" else [module]
