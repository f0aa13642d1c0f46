"""Generated documents are written into the task's worktree; a section that was edited by hand is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

from conductor.core.rules.phase import slug
from conductor.core.state import TaskState
from conductor.envelope import sha256
from conductor.errors import WorkspaceError
from conductor.events import DocumentsRequested, DocumentsWritten, Outcome
from conductor.perform.context import Context, in_thread
from projections.documents import render_task
from projections.sections import weave


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
    """Returns path -> SHA-256 of the generated text for what was written, and the paths that a person had edited."""
    written: dict[str, str] = {}
    edited: list[str] = []
    for name, text in texts.items():
        path = beside / name
        woven = weave(_read(tree / path), section, text)
        if woven.edited or woven.text is None:
            edited.append(str(path))
            path = beside / f"{name.removesuffix('.md')}.conductor.md"
            _replace(tree, path, text)
        else:
            _replace(tree, path, woven.text)
        written[str(path)] = sha256(text.encode())
    return written, tuple(edited)


def _read(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def _replace(tree: Path, path: PurePosixPath, text: str) -> None:
    """Write atomically, never through a link that an agent may have put there."""
    target = tree / path
    for parent in target.relative_to(tree).parents:
        if (tree / parent).is_symlink():
            raise WorkspaceError(f"{parent} is a symbolic link: documents are not written through it")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        raise WorkspaceError(f"{path} is a folder: a document should be written there")
    temporary = target.with_name(f".{target.name}.new")
    with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    temporary.replace(target)
