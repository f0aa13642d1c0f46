"""Git, called safely: bound to one git directory, working tree and index, with all config that could run code disabled.

Knows nothing about tasks. The git directory is always passed, so a `.git` that an agent replaced is never followed.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Container, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from conductor.errors import WorkspaceError
from conductor.ids import Commit, Tree
from conductor.workspace import fence
from conductor.workspace.git import refs
from conductor.workspace.git.safety import CONFIG, ENVIRONMENT, as_environment, overrides

OLDEST = (2, 38)  # `git merge-tree --write-tree`

# Commands that read no file, so that no filter or merge driver can be involved; all others need the overrides.
# (`write-tree` does read: a file as new as the index is hashed again, through its filter.)
_PLAIN = frozenset(
    {"rev-parse", "rev-list", "cat-file", "ls-tree", "diff-tree", "commit-tree", "mktree", "merge-base"}
    | {"update-ref", "symbolic-ref", "for-each-ref", "config", "init", "var"}
)
_LOCKED = re.compile(r"\.lock': File exists|failed to read .*commondir|could not lock config file", re.IGNORECASE)
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)  # seconds, about 2.5 in all
_ROLES = ("AUTHOR", "COMMITTER")
_OWN = {"NAME": "Conductor", "EMAIL": "conductor@localhost"}
_TREES: dict[tuple[Path, str], Tree] = {}  # tree of each commit, by full object id, which never changes


class GitFailed(WorkspaceError):
    """A git command ended with a status that its caller did not expect. `status` and `stderr` are git's."""

    def __init__(self, command: str, status: int, stderr: str) -> None:
        lines = [line for line in stderr.strip().splitlines() if not line.startswith("hint:")]
        said = "; ".join(lines[:6]) or f"exit status {status}"
        hint = None
        if "filter '" in stderr and "failed" in stderr:
            hint = "filters in the repository's own config are not run; set this one with `git config --global`"
        elif "remote end" in stderr or "promisor" in stderr or "not allowed" in stderr:
            hint = "missing objects of a partial clone are not fetched; complete it: `git fetch --refetch --no-filter`"
        super().__init__(f"git {command} failed: {said}", hint=hint)
        self.status = status
        self.stderr = stderr


@lru_cache(maxsize=1)
def _gitpython() -> Any:
    try:
        from git import Git as Command  # slow, and itself raises ImportError if there is no git
    except ImportError as error:
        raise WorkspaceError("git was not found", hint="install git 2.38 or newer and put it on PATH") from error
    text = Command().execute([Command.GIT_PYTHON_GIT_EXECUTABLE, "version"])
    found = re.search(r"(\d+)\.(\d+)", str(text))
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        raise WorkspaceError(f"this is {text}, which is too old", allowed="git 2.38 or newer", hint="update git")
    return Command


class Git:
    """Git for one git directory, working tree and index. Created for each operation, as it reads the config once."""

    def __init__(
        self, git_dir: Path, common: Path, work_tree: Path, *, index: Path | None = None, config: Mapping[str, str] = {}
    ) -> None:
        self.git_dir = git_dir
        self.common = common
        self.work_tree = work_tree
        self.index = index or git_dir / "index"
        self.config = config

    def with_index(self, index: Path) -> Git:
        other = Git(self.git_dir, self.common, self.work_tree, index=index, config=self.config)
        other.__dict__["overrides"] = self.overrides
        return other

    @cached_property
    def overrides(self) -> dict[str, str]:
        """Replacements for untrusted values in the repository's own config: filters, merge drivers and the like."""
        return overrides(self.run("config", "--list", "-z", "--show-scope"))

    @cached_property
    def identity(self) -> dict[str, str]:
        """Variables with Conductor's name, for each role for which git has no identity.

        Git itself is asked: names can be in several sections of the config and in the environment, and be invalid.
        """
        unknown = [role for role in _ROLES if self.outcome("var", f"GIT_{role}_IDENT", ok=(0, 128))[0]]
        return {f"GIT_{role}_{what}": _OWN[what] for role in unknown for what in _OWN}

    def run(self, command: str, *args: str, feed: bytes | None = None, ok: Container[int] = (0,)) -> bytes:
        """The standard output of `git command args…`; `feed` is its standard input.

        Waits about 2.5 seconds for another process's lock. Raises GitFailed if the exit status is not in `ok`.
        """
        return self.outcome(command, *args, feed=feed, ok=ok)[1]

    def outcome(
        self, command: str, *args: str, feed: bytes | None = None, ok: Container[int] = (0,)
    ) -> tuple[int, bytes]:
        """As `run`, with the exit status before the output. Raises Overtaken if another runner took over the work."""
        gitpython = _gitpython()
        environment = self._environment(command)
        # Not as GitPython's working directory: it expands `$NAME` and `~` there, which may be in a folder's name.
        where = self.work_tree if self.work_tree.is_dir() else self.common  # a worktree's refs outlive its folder
        argv = [gitpython.GIT_PYTHON_GIT_EXECUTABLE, "-C", str(where), "--no-pager", command, *args]
        for pause in (*_PAUSES, None):
            fence.insist()
            with tempfile.TemporaryFile() as stdin:
                stdin.write(feed or b"")
                stdin.seek(0)
                status, out, err = gitpython(os.sep).execute(
                    argv,
                    istream=cast(BinaryIO, stdin),
                    env=environment,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
            if status in ok:
                break
            if pause is None or not _LOCKED.search(err):
                raise GitFailed(command, status, err)
            time.sleep(pause)
        return status, cast(bytes, out)

    def _environment(self, command: str) -> dict[str, str]:
        config = {**CONFIG, **self.config}
        if command not in _PLAIN:
            config |= self.overrides
        return {
            **ENVIRONMENT,
            "GIT_DIR": str(self.git_dir),
            "GIT_COMMON_DIR": str(self.common),
            "GIT_WORK_TREE": str(self.work_tree),
            "GIT_INDEX_FILE": str(self.index),
            "GIT_OBJECT_DIRECTORY": str(self.common / "objects"),
            **(self.identity if command == "commit-tree" else {}),
            **as_environment(config),
        }

    def text(self, command: str, *args: str, feed: bytes | None = None) -> str:
        """As `run`, decoded, without the last newline."""
        return os.fsdecode(self.run(command, *args, feed=feed)).removesuffix("\n")

    def resolve(self, name: str) -> Commit | None:
        """The commit of a ref, pseudo-ref or full object id; None if there is none."""
        found = self._peeled(name, "commit")
        return Commit(found) if found else None

    def tree_at(self, name: str) -> Tree | None:
        """The tree of a commit, a ref or a tree; None if there is none."""
        found = self._peeled(name, "tree")
        return Tree(found) if found else None

    def _peeled(self, name: str, kind: str) -> str | None:
        args = ("--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}")
        status, out = self.outcome("rev-parse", *args, ok=(0, 1))
        return out.decode().strip() if status == 0 else None

    def resolve_all(self, *names: str) -> list[Commit | None]:
        """As `resolve` for commits, all in one process."""
        feed = "".join(f"{name}^{{commit}}\n" for name in names).encode()
        lines = self.run("cat-file", "--batch-check=%(objectname)", feed=feed).decode().splitlines()
        return [Commit(line) if refs.is_object_id(line) else None for line in lines]

    def commit_of(self, revision: str) -> Commit:
        """The commit of a full object id, a `refs/…` name or a branch; WorkspaceError if there is none."""
        if refs.is_object_id(revision):
            name = revision
        elif revision.startswith("refs/"):
            name = f"refs/{refs.branch_name(revision.removeprefix('refs/'))}"
        else:
            name = refs.head(revision)
        found = self.resolve(name)
        if found is None:
            raise WorkspaceError(f"there is no commit {revision!r} in {self.work_tree}", allowed="a commit or a branch")
        return found

    def tree_of(self, revision: str) -> Tree:
        known = (self.common, revision)
        found = _TREES.get(known) or self.tree_at(revision)
        if found is None:
            raise WorkspaceError(f"there is no tree {revision!r} in {self.work_tree}")
        if refs.is_object_id(revision):
            _TREES[known] = found
        return found

    def blob(self, tree: str, path: str) -> str | None:
        """The blob of a file or symlink in a tree or commit; None if there is no such file."""
        entry = self.run("ls-tree", "--full-tree", "-z", tree, "--", path).partition(b"\t")[0].decode().split()
        return entry[2] if len(entry) == 3 and entry[1] == "blob" else None

    def contains(self, commit: str, ancestor: str) -> bool:
        """Whether `ancestor` is `commit` or one of its ancestors."""
        if commit == ancestor:
            return True
        return self.outcome("merge-base", "--is-ancestor", ancestor, commit, ok=(0, 1))[0] == 0

    def paths(self, command: str, *args: str) -> tuple[str, ...]:
        """NUL-separated output as text that can be recorded: bytes that are not UTF-8 are shown as escapes."""
        return tuple(item.decode("utf-8", "backslashreplace") for item in self.run(command, *args).split(b"\0") if item)
