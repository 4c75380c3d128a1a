"""What is wrong with the addresses of the house and with who may come in at them, read from the pages' own text.

FastAPI no longer lists included routes flat, and a route that is never included would escape a walk over them.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.files import called, functions, python, text_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
VERBS = {"get", "post", "put", "patch", "delete"}
DOORS = {"Anyone", "PatientWork", "StaffWork", "SignedIn", "Me"}
# Without a session and without the database, on purpose.
NO_DOOR = {
    "/help": "must stand when everything else is down",
    "/leave": "leaves at once, whoever is asking",
    "/offline": "is kept by browsers for when nothing of ours can be reached, and holds nothing of anybody",
    "/sw.js": "is a script, the same for everybody",
}
# What takes a post from anywhere, on purpose.
NO_FORM = {
    "/reminders/off/{token}": "a mail program posts it in one click; the address is the secret and can only silence",
}
WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?$")
SLOT = re.compile(r"\{([a-z_]+)\}$")


@dataclass(frozen=True)
class Route:
    """One function that answers at an address."""

    where: str
    verb: str
    path: str
    parameters: dict[str, str]
    aliases: dict[str, ast.expr]
    helpers: dict[str, Function]

    def asks(self, doors: set[str], *, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a parameter is one of these doors, or depends on a function that asks for one."""
        return any(self._leads_to(name, doors, seen) for name in self.parameters.values())

    def _leads_to(self, name: str, doors: set[str], seen: frozenset[str]) -> bool:
        if name in doors:
            return True
        if name in seen or name not in self.aliases:
            return False
        for call in ast.walk(self.aliases[name]):
            if called(call) in doors:
                return True
            if called(call) == "Depends" and isinstance(call, ast.Call) and isinstance(call.args[0], ast.Name):
                helper = self.helpers.get(call.args[0].id)
                if helper and any(self._leads_to(n, doors, seen | {name}) for n in parameters(helper).values()):
                    return True
        return False


def parameters(function: Function) -> dict[str, str]:
    """Each parameter's name and the name of its type, empty where it has none."""
    every = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return {a.arg: a.annotation.id if isinstance(a.annotation, ast.Name) else "" for a in every}


def routes(root: Path) -> Iterator[Route]:
    """Every route of every room."""
    for where, tree in python(root, "app/*/pages.py", "app/*/*_pages.py", "app/*/api.py", "app/*/*_api.py"):
        aliases, helpers = _told_in(root, tree)
        for function in functions(tree):
            for call in function.decorator_list:
                if called(call) in VERBS and isinstance(call, ast.Call):
                    path = text_of(call.args[0]) or "?"
                    line = f"{where}:{function.lineno}"
                    yield Route(line, called(call), path, parameters(function), aliases, helpers)


def _told_in(root: Path, tree: ast.Module) -> tuple[dict[str, ast.expr], dict[str, Function]]:
    """The types and functions a file names, its own and those it takes from another room's or its own `access`."""
    aliases: dict[str, ast.expr] = {}
    helpers: dict[str, Function] = {}
    for node in tree.body:
        from_access = isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".access")
        if from_access and node.module != "app.accounts.access":
            for _, there in python(root, node.module.replace(".", "/") + ".py"):
                their_aliases, their_helpers = _told_in(root, there)
                aliases |= their_aliases
                helpers |= their_helpers
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            aliases[node.targets[0].id] = node.value
    return aliases, helpers | {function.name: function for function in functions(tree)}


def without_a_door(root: Path) -> list[str]:
    """Routes whose signature does not say who may come in."""
    return [
        f"{route.where} {route.path} does not say who may come in"
        for route in routes(root)
        if route.path not in NO_DOOR and not route.asks(DOORS | {"may", "whose"})
    ]


def at_the_wrong_door(root: Path) -> Iterator[str]:
    """Routes about one patient that do not reach them through a capability, and patients' own that are not theirs."""
    for route in routes(root):
        if "{patient_id}" in route.path and not route.asks({"whose"}):
            yield f"{route.where} {route.path} is about a patient and does not ask whose they are"
        if "patient_id" in route.parameters:
            yield f"{route.where} takes an id where a Patient will do"
        if route.path.startswith("/my/") and not route.asks({"PatientWork", "Me"}):
            yield f"{route.where} {route.path} is a patient's own and is not for patients"


def unguarded_posts(root: Path) -> list[str]:
    """Routes that change something and do not read a form of ours, whose token is checked as it is read."""
    return [
        f"{route.where} {route.path} changes something and reads no form of ours"
        for route in routes(root)
        if route.verb != "get" and "/api/" not in route.path and not route.asks(_forms_for(route.path))
    ]


def _forms_for(path: str) -> set[str]:
    return {"Posted", "PostedFromAnywhere"} if path in NO_FORM else {"Posted"}


def misnamed(root: Path) -> Iterator[str]:
    """Addresses that are not in kebab-case, or have an id that is not typed."""
    for route in routes(root):
        for part in route.path.strip("/").split("/"):
            slot = SLOT.match(part)
            if not slot and part and not WORD.match(part):
                yield f"{route.where} {route.path}: “{part}” is not in kebab-case"
            if slot and slot[1].endswith("_id") and route.parameters.get(slot[1], "UUID") != "UUID":
                yield f"{route.where} {route.path}: {slot[1]} is not a UUID"
            if slot and slot[1] not in route.parameters and not _taken_by_a_helper(route, slot[1]):
                yield f"{route.where} {route.path}: nothing takes {slot[1]}"


def _taken_by_a_helper(route: Route, slot: str) -> bool:
    # access.Whose takes the patient's id, so that no route does.
    if slot == "patient_id":
        return route.asks({"whose"})
    return any(slot in parameters(helper) for helper in route.helpers.values())
