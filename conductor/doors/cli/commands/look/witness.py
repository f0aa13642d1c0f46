"""The repository as a witness: what `verify` asks git, read-only."""

from __future__ import annotations

from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.workspace.facts import locate
from conductor.workspace.git import history, refs


class GitRepositoryWitness:
    """Recorded commits and trees are looked up only if they have the form of an object id."""

    def __init__(self, path: Path) -> None:
        """Raises WorkspaceError when `path` is not the top of a repository's checkout."""
        self._git = locate(path)
        if self._git.work_tree != path.resolve():
            raise WorkspaceError(f"{path} is not the top of a repository")

    def tree_of(self, commit: str) -> str | None:
        return self._git.tree_at(commit) if refs.is_object_id(commit) else None

    def message(self, commit: str) -> str | None:
        if self.tree_of(commit) is None:
            return None
        return self._git.text("rev-list", "--no-commit-header", "--format=%B", "--max-count=1", commit)

    def diff_paths(self, tree_a: str, tree_b: str) -> tuple[str, ...]:
        if gone := [tree for tree in (tree_a, tree_b) if self.tree_of(tree) is None]:
            return tuple(f"(there is no tree {tree[:10]})" for tree in gone)
        return history.diff_paths(self._git, tree_a, tree_b)
