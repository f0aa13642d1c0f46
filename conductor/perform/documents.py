"""Generated documents are written into the task's worktree; a section that was edited by hand is left alone."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

from conductor.agents.paths import ToolError, open_regular
from conductor.agents.threads import in_thread
from conductor.core.rules.phase import slug
from conductor.core.state import TaskState
from conductor.envelope import sha256
from conductor.errors import WorkspaceError
from conductor.events import DocumentsRequested, DocumentsWritten, Outcome
from conductor.perform.context import Context
from projections.documents import render_task
from projections.sections import weave

MAX_DOCUMENT = 10_000_000  # bytes; what is larger is nothing that we wrote


async def documents(ctx: Context, request: DocumentsRequested, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    texts = render_task(ctx.ledger.store.read(state.id))
    written, edited = await in_thread(_write, Path(state.path), folder(state), section(state), texts)
    yield DocumentsWritten(effect=request.effect, claim=claim, written=written, edited=edited)


def folder(state: TaskState) -> PurePosixPath:
    """Documents lie beside the specification; where that is outside the repository, in `.prelude`."""
    spec = PurePosixPath(state.spec_path)
    return PurePosixPath(".prelude") if spec.is_absolute() or ".." in spec.parts else spec.parent


def section(state: TaskState) -> str:
    """Each specification has a section of its own: another task of the same repository adds to the documents."""
    return f"{slug(state.title)}-{state.spec[:8]}"


def _write(
    tree: Path, beside: PurePosixPath, section: str, texts: dict[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Returns path -> SHA-256 of the generated text for what was written, and the paths that are not ours to write."""
    written: dict[str, str] = {}
    edited: list[str] = []
    _make_folder(tree, beside)
    for name, text in texts.items():
        path = beside / name
        woven = _woven(tree / path, section, text)
        if woven is None:
            edited.append(str(path))
            path = beside / f"{name.removesuffix('.md')}.conductor.md"
        _replace(tree, path, text if woven is None else woven)
        written[str(path)] = sha256(text.encode())
    return written, tuple(edited)


def _make_folder(tree: Path, folder: PurePosixPath) -> None:
    """Nothing is written or read through a link that an agent may have put there."""
    for parent in (*reversed(folder.parents), folder):
        place = tree / parent
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise WorkspaceError(f"{parent} is no folder of the worktree: documents are not written there")
    (tree / folder).mkdir(parents=True, exist_ok=True)


def _woven(place: Path, section: str, text: str) -> str | None:
    """The document with its section. None: a person edited that, or what stands there is no file that we wrote."""
    try:
        with os.fdopen(open_regular(place, place.name), "rb") as file:
            data = file.read(MAX_DOCUMENT + 1)
    except FileNotFoundError:
        return weave(None, section, text).text
    except (OSError, ToolError):  # a link, a FIFO, a device, a folder, or not readable
        return None
    if len(data) > MAX_DOCUMENT:
        return None
    return weave(data.decode("utf-8", "surrogateescape"), section, text).text


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
