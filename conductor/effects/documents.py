"""Writes the generated documents into the task's worktree; a section edited by hand is left alone."""

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

MAX_DOCUMENT = 10_000_000  # bytes; a larger file is not one of ours
ALWAYS = (DISCOVERIES, ARCHITECTURE, READY, CLAUDE)  # an existing section that became empty says NOTHING
NOTHING = "Nothing at present.\n"


class Foreign:
    """In a document's place: something that is not a file, or too large. It is not ours, and not overwritten."""


async def documents(ctx: Context, request: DocumentsRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Write the documents as of the given state; later events are left for the next time."""
    if state.parent_task_id:  # the parent writes what was learned, or every merge would conflict
        yield DocumentsWritten(written={})
        return
    events = (e for e in ctx.ledger.store.read(state.id) if e.version <= state.version)
    findings = build(Documents(), state.id, events)
    written, edited = await in_thread(write, Path(state.path), state, findings)
    yield DocumentsWritten(written=written, edited=edited)


def write(tree: Path, state: TaskState, findings: Findings) -> tuple[dict[str, str], tuple[str, ...]]:
    """Write the documents into a checkout of the task's repository, keeping what people wrote in them.

    Returns path -> SHA-256 of the generated text for what was written, and the paths that were left alone.
    Raises WorkspaceError if a folder's path is not a folder, or a document's path is one.
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
    """The documents' folder: beside the specification, or `.prelude` if that is outside the repository."""
    return PurePosixPath(".prelude") if _outside(state) else PurePosixPath(state.spec_path).parent


def place(state: TaskState, name: str) -> PurePosixPath:
    """A document's path in the repository. CLAUDE.md is at the root, where it is read."""
    if name == CLAUDE:
        return PurePosixPath(name)
    return folder(state) / (name if name != READY or _outside(state) else PurePosixPath(state.spec_path).name)


def _outside(state: TaskState) -> bool:
    spec = PurePosixPath(state.spec_path)
    return spec.is_absolute() or ".." in spec.parts


def _woven(state: TaskState, name: str, existing: str | Foreign | None, section: str, text: str) -> str | None:
    """The document with its section. None if a person edited the section, or the file is not ours."""
    if isinstance(existing, Foreign):
        return None
    if name != READY:
        return weave(existing, section, text).text
    if existing is None:  # the specification is elsewhere, and not ours to create
        return None
    amended = amend(existing, section, state.amendments)
    if amended != existing and _named(amended) != _named(existing):
        amended = existing
    woven = weave(amended, section, text).text
    return woven if woven is not None and (woven == amended or _phases(woven) == _phases(amended)) else None


def _named(spec: str) -> list[tuple[str, str]]:
    """Its phases by number and name: an amendment may change a phase's content, but not add or remove one."""
    return [(phase.number, phase.name) for phase in _phases(spec)]


def _phases(spec: str) -> list[Phase]:
    """Its phases as they are read; the notes must not become part of one."""
    try:
        plan = read(spec.encode("utf-8", "surrogateescape"))
    except SpecError:
        return []
    return [msgspec.structs.replace(phase, digest="", lines=(0, 0)) for phase in plan.phases]


def _make_folder(tree: Path, folder: PurePosixPath) -> None:
    """Create the folder. Nothing is written through a link, which an agent may have made."""
    for parent in (*reversed(folder.parents), folder):
        place = tree / parent
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise WorkspaceError(f"{parent} is not a folder of the worktree: documents are not written there")
    (tree / folder).mkdir(parents=True, exist_ok=True)


def _read(tree: Path, path: PurePosixPath) -> str | Foreign | None:
    """The file's text; None if it does not exist. Nothing is read through a link, which an agent may have made."""
    if any((tree / parent).is_symlink() for parent in path.parents):
        return Foreign()
    try:
        with os.fdopen(open_regular(tree / path, path.name), "rb") as file:
            data = file.read(MAX_DOCUMENT + 1)
    except FileNotFoundError:
        return None
    except (OSError, ToolError):  # a link, a FIFO, a device, a folder, or unreadable
        return Foreign()
    return data.decode("utf-8", "surrogateescape") if len(data) <= MAX_DOCUMENT else Foreign()


def _replace(tree: Path, path: PurePosixPath, text: str) -> None:
    """Write a new file and move it into place, so that no link, hard or symbolic, is written through."""
    target = tree / path
    if target.is_dir() and not target.is_symlink():
        raise WorkspaceError(f"{path} is a folder, but a document must be written there")
    draft = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(draft, flags, 0o666), "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
