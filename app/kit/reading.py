"""Reading a folder of files to the end, with every fault collected on the way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.kit.located import Fault, Located, Unreadable, load
from app.kit.shapes import Shape, read_as

T = TypeVar("T")


@dataclass
class Reading:
    """Files below `root` and the faults found so far. What cannot be read is a fault and gives None."""

    root: Path
    faults: list[Fault] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """How a file is named in a fault: its path below the root."""
        return path.relative_to(self.root).as_posix()

    def attempt(self, act: Callable[[], T]) -> T | None:
        """What `act` gives; None, and its faults kept, when it raises `Unreadable`."""
        try:
            return act()
        except Unreadable as unreadable:
            self.faults.extend(unreadable.faults)
            return None

    def load(self, path: Path) -> Located | None:
        """A YAML file with its lines."""
        return self.attempt(lambda: load(path, shown_as=self.name(path)))

    def shaped(self, located: Located | None, shape: Shape[T]) -> T | None:
        """Loaded data as a value of a shape."""
        return None if located is None else self.attempt(lambda: read_as(shape, located))

    def each(self, folder: Path, shape: Shape[T]) -> Iterator[tuple[Located, T]]:
        """Every YAML file of a folder, by name. A key that is not the name of its file is a fault."""
        for path in sorted(folder.glob("*.yaml")):
            located = self.load(path)
            value = self.shaped(located, shape)
            if located is not None and value is not None:
                self.faults.extend(misnamed(located, path.stem))
                yield located, value


def misnamed(located: Located, name: str) -> Iterable[Fault]:
    """A fault when the `key` in a file is not the name it is found under."""
    key = located.value.get("key")
    if key != name:
        yield located.fault(("key",), f'key "{key}" is not the name it is found under', f'Call it "{name}".')
