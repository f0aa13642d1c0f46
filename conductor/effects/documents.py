"""Generated documents are written into the task's worktree; a section that was edited by hand is left alone."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path, PurePosixPath

import msgspec

from conductor.agents.tools.paths import ToolError, open_regular
from conductor.core.state import TaskState
from conductor.effects.context import Context
from conductor.envelope import sha256
from conductor.errors import SpecError, WorkspaceError
from conductor.events import DocumentsRequested, DocumentsWritten, Outcome
from conductor.plan.model import Phase
from conductor.process.threads import in_thread
from conductor.reading.reader import read
from projections.documents.amending import amend
from projections.documents.findings import Findings
from projections.documents.projection import Documents
from projections.documents.ranking import ARCHITECTURE, CLAUDE, DISCOVERIES, READY
from projections.documents.render import render_documents
from projections.documents.sections import sections, weave
from projections.view import build

MAX_DOCUMENT = 10_000_000  # bytes; what is larger is nothing that we wrote
ALWAYS = (DISCOVERIES, ARCHITECTURE, READY, CLAUDE)  # where nothing is left to say, that is what they say
NOTHING = "Nothing at present.\n"


class Foreign:
    """What stands in a document's place is no file, or too large: nothing that we wrote, and nothing to write over."""


async def documents(ctx: Context, request: DocumentsRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """What the record up to here adds up to; what comes in meanwhile is for the next time."""
    if state.parent_task_id:  # its parent writes what was learned in it, or each merge would be a conflict
        yield DocumentsWritten(written={})
        return
    events = (e for e in ctx.ledger.store.read(state.id) if e.version <= state.version)
    findings = build(Documents(), state.id, events)
    written, edited = await in_thread(write, Path(state.path), state, findings)
    yield DocumentsWritten(written=written, edited=edited)


def write(tree: Path, state: TaskState, findings: Findings) -> tuple[dict[str, str], tuple[str, ...]]:
    """Write the documents into a checkout of the task's repository; what people wrote in them stays.

    Returns path -> SHA-256 of the generated text for what was written, and the paths that are not ours to write.
    Raises WorkspaceError where a folder is none, or a document is one.
    """
    texts = {**dict.fromkeys(ALWAYS, ""), **render_documents(findings)}
    written: dict[str, str] = {}
    edited: list[str] = []
    for name, text in texts.items():
        path, section = place(state, name), findings.section
        if name == READY:
            section += "-notes"
        existing = None if name == READY and _outside(state) else _read(tree, path)
        if not text:
            if not (isinstance(existing, str) and any(own == section for own, _, _ in sections(existing))):
                continue
            text = NOTHING
        woven = _woven(state, name, existing, section, text)
        if woven is None:
            if existing is not None:
                edited.append(str(path))
            path = path.with_name(f"{path.name.removesuffix('.md')}.conductor.md")
        _make_folder(tree, path.parent)
        _replace(tree, path, text if woven is None else woven)
        written[str(path)] = sha256(text.encode())
    return written, tuple(edited)


def folder(state: TaskState) -> PurePosixPath:
    """Documents lie beside the specification; where that is outside the repository, in `.prelude`."""
    return PurePosixPath(".prelude") if _outside(state) else PurePosixPath(state.spec_path).parent


def place(state: TaskState, name: str) -> PurePosixPath:
    """Where in the repository a document lies. CLAUDE.md is read at its root."""
    if name == CLAUDE:
        return PurePosixPath(name)
    return folder(state) / (name if name != READY or _outside(state) else PurePosixPath(state.spec_path).name)


def _outside(state: TaskState) -> bool:
    spec = PurePosixPath(state.spec_path)
    return spec.is_absolute() or ".." in spec.parts


def _woven(state: TaskState, name: str, existing: str | Foreign | None, section: str, text: str) -> str | None:
    """The document with its section. None: a person edited that, or what stands there is no file that we wrote."""
    if isinstance(existing, Foreign):
        return None
    if name != READY:
        return weave(existing, section, text).text
    if existing is None:  # it lies elsewhere, and is not ours to begin
        return None
    amended = amend(existing, section, state.amendments)
    if amended != existing and _named(amended) != _named(existing):
        amended = existing
    woven = weave(amended, section, text).text
    return woven if woven is not None and (woven == amended or _phases(woven) == _phases(amended)) else None


def _named(spec: str) -> list[tuple[str, str]]:
    """Its phases by number and name: an amendment may change what is in one, and neither make nor end one."""
    return [(phase.number, phase.name) for phase in _phases(spec)]


def _phases(spec: str) -> list[Phase]:
    """Its phases as they are read; notes must not become a part of any."""
    try:
        plan = read(spec.encode("utf-8", "surrogateescape"))
    except SpecError:
        return []
    return [msgspec.structs.replace(phase, digest="", lines=(0, 0)) for phase in plan.phases]


def _make_folder(tree: Path, folder: PurePosixPath) -> None:
    """Nothing is written through a link that an agent may have put there."""
    for parent in (*reversed(folder.parents), folder):
        place = tree / parent
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise WorkspaceError(f"{parent} is no folder of the worktree: documents are not written there")
    (tree / folder).mkdir(parents=True, exist_ok=True)


def _read(tree: Path, path: PurePosixPath) -> str | Foreign | None:
    """What stands there; None: nothing. Nothing is read through a link that an agent may have put there."""
    if any((tree / parent).is_symlink() for parent in path.parents):
        return Foreign()
    try:
        with os.fdopen(open_regular(tree / path, path.name), "rb") as file:
            data = file.read(MAX_DOCUMENT + 1)
    except FileNotFoundError:
        return None
    except (OSError, ToolError):  # a link, a FIFO, a device, a folder, or not readable
        return Foreign()
    return data.decode("utf-8", "surrogateescape") if len(data) <= MAX_DOCUMENT else Foreign()


def _replace(tree: Path, path: PurePosixPath, text: str) -> None:
    """A new file every time, moved into its place: no link, hard or symbolic, is written through."""
    target = tree / path
    if target.is_dir() and not target.is_symlink():
        raise WorkspaceError(f"{path} is a folder: a document should be written there")
    draft = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(draft, flags, 0o666), "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
