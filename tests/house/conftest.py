"""A copy of the house to plant violations in, so that every check is seen to fail."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.files import HOUSE

COPIED = ("app", "docs", "migrations", "templates", "README.md", "modules_content", "pyproject.toml", "tests/house")


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parts of the house that are checked, copied once; each planting is taken back."""
    root = tmp_path_factory.mktemp("house")
    for name in COPIED:
        there = HOUSE / name
        if there.is_dir():
            shutil.copytree(there, root / name, ignore=shutil.ignore_patterns("__pycache__", "static", "static_src"))
        elif there.exists():
            shutil.copy(there, root / name)
    (root / "tests" / "__init__.py").touch()
    return root


@pytest.fixture
def plant(copied: Path) -> Iterator[Callable[..., Path]]:
    """`plant("app/weather/pages.py", text)` writes or adds to a file of the copy until the test ends."""
    before: dict[Path, bytes | None] = {}

    def put(name: str, text: str, *, instead_of: str | None = None) -> Path:
        path = copied / name
        before.setdefault(path, path.read_bytes() if path.exists() else None)
        path.parent.mkdir(parents=True, exist_ok=True)
        if instead_of is not None:
            assert instead_of in path.read_text()
            path.write_text(path.read_text().replace(instead_of, text, 1))
        else:
            path.write_text((path.read_text() if path.exists() else "") + text)
        return copied

    yield put
    for path, was in before.items():
        path.unlink() if was is None else path.write_bytes(was)
