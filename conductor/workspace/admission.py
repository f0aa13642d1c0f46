"""Whether a task may begin in a repository: its git folder can be written, its branch can be made. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable

from conductor.errors import WorkspaceError
from conductor.workspace.git import refs
from conductor.workspace.repository import Repository


def refuse_unwritable(repository: Repository) -> None:
    """See Workspace.refuse_unwritable."""
    for folder in (repository.common, repository.common / "objects", repository.common / "refs"):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise WorkspaceError(
                f"the git folder {folder} cannot be written, so that no branch and no commit could be made",
                hint="give yourself the right to write there, or work in a clone",
            )


def refuse_taken(repository: Repository, branch: str, promised: Iterable[str]) -> None:
    """See Workspace.refuse_taken."""
    listed = repository.git().text("for-each-ref", "--format=%(refname)", "refs/heads/").splitlines()
    other = refs.clash(branch, [*(ref.removeprefix("refs/heads/") for ref in listed), *promised])
    if other is None:
        return
    hint = "choose another name with --branch"
    if other == branch:
        raise WorkspaceError(f"branch {branch} exists already, or an unfinished task is to make it", hint=hint)
    raise WorkspaceError(
        f"branch {branch} cannot be made beside branch {other}: for git, the shorter name is a folder of the longer",
        hint=hint,
    )
