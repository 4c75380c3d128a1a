"""Every setting is in the README with its default, and the README has no setting that does not exist."""

import re

from pydantic import SecretStr

from app.config import Settings
from tests.house.files import HOUSE

ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \|", re.MULTILINE)


def settings(kind: type[Settings]) -> dict[str, str]:
    """Each setting as its variable, with its default as the README writes it."""
    prefix = kind.model_config["env_prefix"]
    return {
        str(field.validation_alias or prefix + name.upper()): written(field.default)
        for name, field in kind.model_fields.items()
    }


def written(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in (None, ""):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def told(readme: str) -> dict[str, str]:
    return dict(ROW.findall(readme))


def test_the_readme_has_every_setting_with_its_default():
    assert told((HOUSE / "README.md").read_text("utf-8")) == settings(Settings)


def test_a_setting_that_is_not_in_the_readme_is_found():
    class More(Settings):
        candles: int = 3

    assert settings(More).items() - settings(Settings).items() == {("BRAID_CANDLES", "`3`")}


def test_a_default_that_the_readme_has_wrong_is_found(plant):
    root = plant("README.md", "| `BRAID_PORT` | `8001` |", instead_of="| `BRAID_PORT` | `8000` |")

    assert told((root / "README.md").read_text("utf-8")) != settings(Settings)


def test_a_setting_only_the_readme_has_is_found(plant):
    root = plant("README.md", "\n| `BRAID_CANDLES` | `3` | How many. |\n")

    assert "BRAID_CANDLES" in told((root / "README.md").read_text("utf-8"))
