"""Whether a task may start in a repository: the git folder is writable, the branch can be created. Writes nothing."""

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
                f"the git folder {folder} is not writable, so no branch or commit can be created",
                hint="make it writable, or work in a clone",
            )


def refuse_taken(repository: Repository, branch: str, promised: Iterable[str]) -> None:
    """See Workspace.refuse_taken."""
    listed = repository.git().text("for-each-ref", "--format=%(refname)", "refs/heads/").splitlines()
    other = refs.clash(branch, [*(ref.removeprefix("refs/heads/") for ref in listed), *promised])
    if other is None:
        return
    hint = "choose another name with --branch"
    if other == branch:
        raise WorkspaceError(f"branch {branch} already exists, or an unfinished task will create it", hint=hint)
    raise WorkspaceError(
        f"branch {branch} cannot exist beside branch {other}: to git, the shorter name is a folder of the longer",
        hint=hint,
    )
