"""The results of the workspace's operations: immutable values. Paths are relative to the worktree, `/`-separated."""

from __future__ import annotations

from pathlib import Path

import msgspec

from conductor.ids import Branch, Commit, Tree


class Facts(msgspec.Struct, frozen=True):
    """A user's checkout. `branch` is None if HEAD is detached; `dirty` lists changed and untracked paths."""

    top: str
    commit: Commit
    branch: Branch | None
    dirty: tuple[str, ...]


class Prepared(msgspec.Struct, frozen=True):
    """An existing worktree, at the tip of its branch."""

    path: Path
    branch: Branch
    commit: Commit
    tree: Tree


class Committed(msgspec.Struct, frozen=True):
    """`changed`, and among these `created`: paths since the commit that the caller named.

    `rescued`: refs that keep what is not in the commit. `set_aside`: where this run moved things to.
    """

    commit: Commit
    tree: Tree
    changed: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    rescued: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


class Merged(msgspec.Struct, frozen=True):
    """`how`: fast-forward | clean | resolved."""

    commit: Commit
    tree: Tree
    how: str
    rescued: tuple[str, ...] = ()


class Conflicted(msgspec.Struct, frozen=True):
    files: tuple[str, ...]


class RolledBack(msgspec.Struct, frozen=True):
    """`rescued`: refs; the first keeps the branch's own work, if any was undone."""

    commit: Commit
    tree: Tree
    rescued: tuple[str, ...] = ()
