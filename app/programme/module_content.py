"""One module's folder: its description, pages, worksheets and guide, read and checked together.

Links between pages are relative: a page is to be served at `…/<module>/<page key>` and its media at
`…/<module>/media/<file>`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from pydantic_core import PydanticCustomError

from app.clinical import module_checks, modules
from app.clinical.containers import Worksheet
from app.clinical.modules import About, Audio, Guide, GuideSection, Html, Module, Page, Part, Technique, Try
from app.clinical.quick_checks import read_check
from app.kit import marked
from app.kit.located import Fault, Located, Unreadable, did_you_mean, load_front_matter
from app.kit.marked import Fence, Prose, Writing
from app.kit.reading import Reading, misnamed
from app.kit.shapes import Shape, read_as

COMPONENTS: Mapping[str, marked.Renderer] = {
    "person": marked.section("braid-person"),
    "reveal": marked.details,
    "summary": marked.section("braid-sheet braid-summary", heading="In short"),
    "bring": marked.section("braid-sheet braid-bring", heading="Bring to your session"),
}
FENCES = (*COMPONENTS, "try", "check", "audio")
TITLED = {
    "person": "::: person Gwen’s week",
    "reveal": "::: reveal What if I have no energy?",
    "try": "::: try worksheet-key",
    "audio": "::: audio media/name.yaml",
}
ELSEWHERE = ("https://", "mailto:", "tel:")
NOT_SHOWN = (
    (re.compile(r"#\s.*"), "a heading begins with a single #", "Begin it with ##."),
    (re.compile(r"\s*\|.*\|\s*"), "tables are not shown", "Write a list."),
    (re.compile(r".*(</?[a-zA-Z][\w-]*(\s[^>]*)?/?>|<!--).*"), "HTML is not shown", "Write it in Markdown."),
)

ABOUT: Shape[About] = Shape(About)
AUDIO: Shape[Audio] = Shape(Audio)
GUIDE: Shape[modules.GuideMatter] = Shape(modules.GuideMatter)
PAGE: Shape[modules.PageMatter] = Shape(modules.PageMatter)
WORKSHEET: Shape[Worksheet] = Shape(Worksheet)


class ModuleReading:
    """One module's folder. It becomes a module only when nothing in it is at fault."""

    def __init__(self, reading: Reading, folder: Path) -> None:
        self._reading = reading
        self._folder = folder
        self._page_files = [path for path in sorted(folder.glob("*.md")) if path.name != "guide.md"]
        self._pages = tuple(path.stem for path in self._page_files)
        self._worksheets = tuple(path.stem for path in sorted((folder / "worksheets").glob("*.yaml")))
        self._located: dict[str, Located] = {}

    def read(self, techniques: Mapping[str, Technique]) -> Module | None:
        before = len(self._reading.faults)
        about = self._read_about()
        worksheets = self._read_worksheets()
        pages = [page for path in self._page_files if (page := self._read_page(path))]
        guide = self._reading.attempt(lambda: self._read_guide(self._folder / "guide.md"))
        self._check(about, worksheets, pages, techniques)
        if any(not fault.warning for fault in self._reading.faults[before:]) or not (about and guide):
            return None
        return Module(
            **about.model_dump(),
            pages=tuple(pages),
            worksheets=tuple(worksheets.values()),
            guide=guide,
            content_hash=modules.content_hash(_files_in(self._folder)),
        )

    def _check(
        self,
        about: About | None,
        worksheets: Mapping[str, Worksheet],
        pages: list[Page],
        techniques: Mapping[str, Technique],
    ) -> None:
        tried = {key for page in pages for key in page.worksheets}
        self._report(module_checks.check_worksheets(worksheets, known=self._worksheets, tried=tried))
        if about:
            known = {"pages": self._pages, "worksheets": self._worksheets, "techniques": (*techniques,)}
            self._report(module_checks.check_about(about, **known))
            self._report(module_checks.check_size(about, pages))
        if not self._page_files:
            name = self._reading.name(self._folder / "module.yaml")
            self._reading.faults.append(Fault(name, 1, "the module has no pages", "Write 01-welcome.md."))

    def _report(self, findings: Iterable[module_checks.Finding]) -> None:
        for found in findings:
            fix = found.fix or did_you_mean(found.word, found.known)
            located = self._located[found.file]
            self._reading.faults.append(located.fault(found.at, found.problem, fix, warning=found.warning))

    def _read_about(self) -> About | None:
        located = self._reading.load(self._folder / "module.yaml")
        about = self._reading.shaped(located, ABOUT)
        if located is not None and about is not None:
            self._located["module.yaml"] = located
            self._reading.faults.extend(misnamed(located, self._folder.name))
        return about

    def _read_worksheets(self) -> dict[str, Worksheet]:
        found: dict[str, Worksheet] = {}
        for located, worksheet in self._reading.each(self._folder / "worksheets", WORKSHEET):
            key = Path(located.file).stem
            self._located[f"worksheets/{key}.yaml"] = located
            found[key] = worksheet
        return found

    def _read_page(self, path: Path) -> Page | None:
        front = self._reading.attempt(lambda: load_front_matter(path, shown_as=self._reading.name(path)))
        if front is None:
            return None
        located, text, first_line = front
        matter = self._reading.shaped(located, PAGE)
        parts = tuple(self._read_parts(text, located.file, first_line))
        return Page(key=path.stem, **matter.model_dump(), parts=parts) if matter else None

    def _read_parts(self, text: str, file: str, first_line: int) -> Iterator[Part]:
        parts, faults = marked.split(text, file=file, known=FENCES, first_line=first_line)
        self._reading.faults.extend(faults)
        writing = Writing(lambda address, line: self._resolve(address, file, line))
        for part in parts:
            body, line = (part.text, part.line) if isinstance(part, Prose) else (part.body, part.line + 1)
            self._reading.faults.extend(_not_shown(body, file, line))
            if isinstance(part, Prose):
                yield Html(html=marked.render(part.text, writing, line=part.line))
            elif drawn := self._reading.attempt(partial(self._draw, part, file, writing)):
                yield drawn

    def _draw(self, fence: Fence, file: str, writing: Writing) -> Part:
        if fence.name in TITLED and not fence.title:
            problem = f'"::: {fence.name}" says nothing after its name'
            raise Unreadable([Fault(file, fence.line, problem, f"Write {TITLED[fence.name]}.")])
        match fence.name:
            case "try":
                return self._draw_try(fence, file, writing)
            case "check":
                return _read_check(fence, file)
            case "audio":
                return self._draw_audio(fence, file, writing)
        return Html(html=marked.rendered(fence, COMPONENTS, writing))

    def _draw_try(self, fence: Fence, file: str, writing: Writing) -> Part:
        if fence.title not in self._worksheets:
            problem = f'there is no worksheet "{fence.title}" in this module'
            raise Unreadable([Fault(file, fence.line, problem, did_you_mean(fence.title, self._worksheets))])
        intro = marked.render(fence.body, writing, line=fence.line + 1, top=3)
        return Try(worksheet=fence.title, intro_html=intro)

    def _draw_audio(self, fence: Fence, file: str, writing: Writing) -> Part:
        path = self._folder / fence.title
        if path not in (self._folder / "media").glob("*.yaml"):
            problem = f'there is no recording "{fence.title}"'
            raise Unreadable([Fault(file, fence.line, problem, "Name a YAML file in media/.")])
        located = self._reading.load(path)
        audio = self._reading.shaped(located, AUDIO)
        if located is None or audio is None:
            return Html(html="")
        if not (self._folder / "media" / audio.file).is_file():
            problem = f'there is no file "{audio.file}" in media/'
            raise Unreadable([located.fault(("file",), problem, "Put it there, or take the audio out.")])
        source = f"media/{audio.file}"
        return Html(html=marked.audio(audio.title, source, audio.minutes, audio.transcript, writing, line=fence.line))

    def _resolve(self, address: str, file: str, line: int) -> str | None:
        if address.startswith(ELSEWHERE):
            return address
        if address.startswith("page:") and address[5:] in self._pages:
            return address[5:]
        if address.startswith("media/") and (self._folder / address) in (self._folder / "media").glob("*"):
            return address
        fix = did_you_mean(address, [f"page:{key}" for key in self._pages])
        self._reading.faults.append(Fault(file, line, f'the link "{address}" leads nowhere', fix))
        return None

    def _read_guide(self, path: Path) -> Guide | None:
        located, text, first_line = load_front_matter(path, shown_as=self._reading.name(path))
        matter = read_as(GUIDE, located)
        self._reading.faults.extend(_not_shown(text, located.file, first_line))
        writing = Writing(lambda address, line: self._resolve(address, located.file, line))
        sections = _sections(text, located.file, first_line)
        return Guide(
            minutes=matter.minutes,
            sections=tuple(
                GuideSection(heading=heading, html=marked.render(body, writing, line=line, top=3))
                for heading, body, line in sections
            ),
        )


def _files_in(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _not_shown(text: str, file: str, first_line: int) -> Iterator[Fault]:
    for number, line in enumerate(text.split("\n"), first_line):
        for pattern, problem, fix in NOT_SHOWN:
            if pattern.fullmatch(line):
                yield Fault(file, number, problem, fix)


def _read_check(fence: Fence, file: str) -> Part:
    try:
        return read_check(fence.body)
    except PydanticCustomError as mistaken:
        said = mistaken.context or {}
        line = fence.line + 1 + int(said["at"][-1])
        raise Unreadable([Fault(file, line, said["problem"], said["fix"])]) from None


def _sections(text: str, file: str, first_line: int) -> list[tuple[str, str, int]]:
    """The text of a guide under each of its headings, which are always the same six."""
    lines = text.split("\n")
    at = [number for number, line in enumerate(lines) if line.startswith("## ")]
    found = [lines[number][3:].strip() for number in at]
    wrong = next(
        (n for n, pair in enumerate(zip(found, modules.GUIDE_HEADINGS, strict=False)) if len({*pair}) > 1), None
    )
    if wrong is not None or len(found) != len(modules.GUIDE_HEADINGS):
        line = first_line + (at[wrong] if wrong is not None else at[-1] if at else 0)
        fix = f"Use, in this order: {', '.join(modules.GUIDE_HEADINGS)}."
        raise Unreadable([Fault(file, line, "the headings of the guide are not the six", fix)])
    ends = [*at[1:], len(lines)]
    return [
        (heading, "\n".join(lines[start + 1 : end]), first_line + start + 1)
        for heading, start, end in zip(found, at, ends, strict=True)
    ]
