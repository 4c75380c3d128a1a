"""A Chromium for the browser tests and the screenshots: found, or installed where this machine lets us.

Run by `python -m tools.ensure_chromium`, which prints its path and nothing else on standard output.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """Braid's browser tests need Chromium or Chrome, and none was found or could be installed.
Install one (on Debian and Ubuntu: apt-get install chromium), or name yours in CHROMIUM,
or leave those tests out with BRAID_NO_BROWSER=1."""


def find() -> str | None:
    """The path of a browser on this machine: the one CHROMIUM names, one on the PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    if importlib.util.find_spec("playwright") is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try the system's packages, then Playwright's own download; `find` says whether either worked."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _try("apt-get", "update", "-qq")
        _try("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    if find() is None and importlib.util.find_spec("playwright"):
        _try(sys.executable, "-m", "playwright", "install", "chromium")


def _try(*command: str) -> None:
    print("Running", *command, file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=False, stdout=sys.stderr, env=environment)


def main() -> int:
    if os.environ.get("CHROMIUM") and find() is None:
        print(f"CHROMIUM names {os.environ['CHROMIUM']}, which is no program here.", file=sys.stderr)
        return 1
    if find() is None:
        install()
    path = find()
    if path is None:
        print(ADVICE, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
