"""Two kinds of import contract that go by what a file is: the last word of its name, so `plan_pages` is pages."""

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class _ByKind(Contract):
    """A contract about files in rooms: every package below the root that is not named as standing outside."""

    outside = fields.SetField(subfield=fields.StringField())

    def faults(self, graph: ImportGraph) -> Iterator[str]:
        raise NotImplementedError

    def files(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        """Each file in a room, with its room."""
        root = self.session_options["root_packages"][0]
        for room in sorted(graph.find_children(root) - set(self.outside)):
            for file in sorted(graph.find_descendants(room)):
                yield file, room

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        faults = list(self.faults(graph))
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            output.print_error(f"- {fault}", bold=False)


def kind(file: str) -> str:
    """What a file is: `app.programme.plan_pages` is pages."""
    return file.rpartition(".")[2].rpartition("_")[2]


class Ladder(_ByKind):
    """Inside a room every file has a rung, and uses only rungs below its own.

    Of the kinds that share a rung, those with ` | ` between them are strangers; files of one kind may use each other
    unless the rung stands in `strangers`.
    """

    rungs = fields.ListField(subfield=fields.StringField())
    strangers = fields.SetField(subfield=fields.StringField())

    def faults(self, graph: ImportGraph) -> Iterator[str]:
        rung = {word: n for n, words in enumerate(self.rungs) for word in words.split(" | ")}
        for file, room in self.files(graph):
            if file.count(".") > 2:
                yield f"{file} is in a folder of its own; a room is one folder"
            elif kind(file) not in rung:
                yield f"{file} has no rung; end its name with one of {', '.join(rung)}"
                continue
            for used in sorted(graph.find_modules_directly_imported_by(file)):
                if not used.startswith(room + ".") or kind(used) not in rung:
                    continue
                below = rung[kind(used)] - rung[kind(file)]
                if below < 0 or (below == 0 and self._strangers(file, used)):
                    yield f"{file} uses {used}, which is not below it"

    def _strangers(self, file: str, used: str) -> bool:
        return kind(file) != kind(used) or kind(file) in self.strangers


class OnlyKinds(_ByKind):
    """What files of these kinds may use and no other file in a room may."""

    modules = fields.SetField(subfield=fields.StringField())
    kinds = fields.SetField(subfield=fields.StringField())

    def faults(self, graph: ImportGraph) -> Iterator[str]:
        for file, _ in self.files(graph):
            if kind(file) in self.kinds:
                continue
            for used in sorted(graph.find_modules_directly_imported_by(file)):
                if any(used == name or kind(used) == name.removeprefix("*.") for name in self.modules):
                    yield f"{file} uses {used}, which is for {', '.join(sorted(self.kinds)) or 'entry points'}"
