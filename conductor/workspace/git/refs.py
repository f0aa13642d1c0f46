"""Names that are safe to pass to git: object ids, branches, paths, and Conductor's own refs. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from conductor.errors import WorkspaceError

_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# `git help check-ref-format`, and stricter: nothing that a shell, an option parser or `rev:path` could misread.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


def object_id(text: str) -> str:
    """`text` if it is a full object id (40 or 64 hex digits); WorkspaceError otherwise."""
    if not _OBJECT.fullmatch(text):
        raise WorkspaceError(f"{text!r} is not a commit or tree id", allowed="a full object id in lower-case hex")
    return text


def is_object_id(text: str) -> bool:
    return _OBJECT.fullmatch(text) is not None


def branch_name(text: str) -> str:
    """`text` if it can name a branch (without `refs/heads/`); WorkspaceError otherwise."""
    parts = text.split("/")
    if (
        not text
        or text in ("@", "HEAD")
        or text.startswith(("-", "refs/"))
        or text.endswith((".", "/"))
        or _FORBIDDEN.search(text)
        or any(not part or part.startswith((".", "-")) or part.endswith(".lock") for part in parts)
    ):
        raise WorkspaceError(f"{text!r} cannot name a branch", allowed="what `git check-ref-format --branch` accepts")
    return text


def clash(branch: str, others: Iterable[str]) -> str | None:
    """The first of `others` that `branch` cannot coexist with: a branch is a file, and its path consists of folders."""
    return next((o for o in others if o == branch or o.startswith(f"{branch}/") or branch.startswith(f"{o}/")), None)


def task_name(text: str) -> str:
    """`text` if it is one valid component of a ref; WorkspaceError otherwise."""
    if "/" in text:
        raise WorkspaceError(f"{text!r} cannot name a task in git", allowed="one ref component, without '/'")
    return branch_name(text)


def slug(text: str) -> str:
    """One ref component made of any text: letters and digits of any script, `.`, `_`, `-`; at most 100 characters."""
    plain = re.sub(r"[^\w.-]+", "-", text)
    return re.sub(r"\.lock$", "", re.sub(r"\.\.+", ".", plain)[:100].strip(".-")) or "work"


def inside(text: str) -> str:
    """`text` if it is a relative path that stays inside the tree and out of `.git`; WorkspaceError otherwise."""
    parts = PurePosixPath(text).parts
    if not parts or text.startswith("/") or "\x00" in text or any(p == ".." or p.lower() == ".git" for p in parts):
        raise WorkspaceError(f"{text!r} is not a path inside the repository", allowed="a relative path without '..'")
    return str(PurePosixPath(*parts))


def head(branch: str) -> str:
    return f"refs/heads/{branch_name(branch)}"


def mark(task: str, branch: str) -> str:
    """The ref that marks a branch as Conductor's, and keeps its last commit whatever an agent does to the branch."""
    return f"refs/conductor/{task}/heads/{branch}"


def checkpoint(task: str, number: int) -> str:
    return f"refs/conductor/{task}/checkpoint/{number}"


def rescue(task: str, name: str) -> str:
    return f"refs/conductor/rescue/{task}/{slug(name)}"
