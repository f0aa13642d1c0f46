"""One worktree of a task: its branch, its real content, and switching it to exactly another tree.

Agents can write everything in its folder, including `.git`. It does not decide what is worth keeping.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.ids import Branch, Commit, Tree
from conductor.workspace.facts import current_branch
from conductor.workspace.git import refs
from conductor.workspace.git.client import Git, GitFailed
from conductor.workspace.git.listing import GITLINK, Listing, listed
from conductor.workspace.ignored.aside import Aside
from conductor.workspace.ignored.leftovers import Leftovers

BRANCH = "refs/worktree/conductor/branch"  # symbolic, per worktree, written last: points to the branch's mark
THEIRS = "refs/worktree/conductor/theirs"  # per worktree: the commit being merged in

_OPERATIONS = ("*_HEAD", "MERGE_*", "AUTO_MERGE", "SQUASH_MSG", "BISECT_*", "sequencer", "rebase-merge", "rebase-apply")


class Worktree:
    """`git` is bound to the worktree's own git directory; what is moved out of the worktree goes to `aside`."""

    def __init__(self, git: Git, task: str, aside: Aside) -> None:
        self.git = git
        self.path = git.work_tree
        self.leftovers = Leftovers(git.work_tree, git.git_dir, aside)
        self._marks = refs.mark(task, "")
        self._branch: Branch | None = None

    @property
    def branch(self) -> Branch | None:
        """The branch that this worktree was made for, wherever HEAD is now; None while it is half-made."""
        if self._branch is None:
            found = self.git.text("for-each-ref", "--format=%(symref)", BRANCH)
            self._branch = Branch(found.removeprefix(self._marks)) or None
        return self._branch

    @property
    def head_ref(self) -> str:
        if self.branch is None:
            raise WorkspaceError(f"the worktree {self.path} is half-made", hint="prepare it again")
        return refs.head(self.branch)

    @property
    def tip(self) -> Commit:
        """The branch's commit; if an agent deleted the branch, the last commit that Conductor put there."""
        found = self.git.resolve(self.head_ref) or self.last
        if found is None:
            raise WorkspaceError(f"branch {self.branch} of the worktree {self.path} is gone")
        return found

    @property
    def last(self) -> Commit | None:
        """The last commit that Conductor itself put on the branch."""
        return self.git.resolve(BRANCH)

    @property
    def head(self) -> Commit | None:
        return self.git.resolve("HEAD")

    @property
    def heads(self) -> tuple[Commit | None, Commit, Commit | None]:
        """`last`, `tip` and `head`, in one look-up."""
        last, tip, head = self.git.resolve_all(BRANCH, self.head_ref, "HEAD")
        return last, tip or self.tip, head

    @property
    def on_branch(self) -> bool:
        return current_branch(self.git) == self.branch

    def unlock(self) -> None:
        """Remove a stale index lock: its owner has ended before Conductor opens the worktree."""
        lock = self.git.git_dir / "index.lock"
        for _ in range(20):
            if not lock.exists():
                return
            time.sleep(0.05)
        lock.unlink(missing_ok=True)

    def attach(self) -> None:
        """Restore the `.git` file, so that git in the folder uses this worktree; a wrong one is moved aside."""
        dot = self.path / ".git"
        if not self._points_home(dot):
            if os.path.lexists(dot):
                self.leftovers.move(b".git")
            dot.write_bytes(os.fsencode(f"gitdir: {self.git.git_dir}\n"))

    def _points_home(self, dot: Path) -> bool:
        if dot.is_symlink() or not dot.is_file():
            return False
        target = os.fsdecode(dot.read_bytes()).removeprefix("gitdir: ").rstrip("\n")
        return os.path.realpath(self.path / target) == os.path.realpath(self.git.git_dir)

    @contextmanager
    def whole(self) -> Iterator[Git]:
        """Git with a temporary index of the working directory: tracked and untracked files, not ignored.

        A file that was ignored and has only lost its rule is not in it. The real index is only read, as a cache of
        times and for ignored files that were added by force.
        Repositories that an agent made inside are not followed: their files count, their `.git` is moved aside.
        """
        self.attach()
        with tempfile.TemporaryDirectory(prefix="conductor-", dir=self.git.git_dir) as folder:
            git = self.git.with_index(Path(folder) / "index")
            try:
                shutil.copy2(self.git.index, git.index)  # with its time, by which git knows what to check again
                found = listed(git)
            except (FileNotFoundError, GitFailed):  # an unreadable index contains nothing that matters
                git.index.unlink(missing_ok=True)
                git.run("read-tree", self.tip)
                found = listed(git)
            links, others = self._ready(git, found)
            paths = (".", *(f":(exclude,top,literal){link}" for link in links))
            if self.leftovers.left:
                git.run("add", "--update", "--", *paths)
                new = set(others).difference(self.leftovers.left)
                git.run("update-index", "--add", "-z", "--stdin", feed=b"".join(path + b"\0" for path in new))
            else:
                git.run("add", "--all", "--", *paths)
            yield git

    def _ready(self, git: Git, found: Listing) -> tuple[list[str], tuple[bytes, ...]]:
        """Make every file count; returns the submodules, which are never entered, and the untracked files."""
        own = self._links(git) if found.links else set()
        links = [link for link in found.links if link in own]
        self.leftovers.look(found.others)
        while self._clear(git, found, own):
            found = listed(git)
            self.leftovers.look(found.others)
        return links, found.others

    def _clear(self, git: Git, found: Listing, own: Container[str]) -> bool:
        """Remove what would keep files from counting; True if there was any, so something new may have appeared."""
        skipped = tuple(raw for raw in found.skipped if os.path.lexists(self.path / os.fsdecode(raw)))
        for option, paths in (("--no-assume-unchanged", found.assumed), ("--no-skip-worktree", skipped)):
            if paths:
                git.run("update-index", "-z", option, "--stdin", feed=b"\0".join(paths) + b"\0")
        foreign = [link for link in found.links if link not in own]
        if foreign:
            git.run("update-index", "-z", "--force-remove", "--stdin", feed=os.fsencode("\0".join(foreign) + "\0"))
            # An agent's own repository, already added as a submodule: its files count instead. The name comes from the
            # index, so a folder in its path may be a link to anywhere; git's own listings never follow one.
            for path in foreign:
                inner = self.path / path
                if inner.resolve() == inner and os.path.lexists(inner / ".git"):
                    self.leftovers.move(os.fsencode(path) + b"/.git")
        nested = [folder for folder in map(os.fsencode, found.nested) if folder not in self.leftovers.left]
        for folder in nested:
            self.leftovers.move(folder + b".git")
        return bool(found.assumed or skipped or foreign or nested)

    def _links(self, git: Git) -> set[str]:
        """Submodules that the branch had before the agent's work."""
        listing = git.run("ls-tree", "-r", "-z", self.last or self.tip).split(b"\0")
        return {os.fsdecode(item.partition(b"\t")[2]) for item in listing if item.startswith(GITLINK.encode())}

    def snapshot(self) -> Tree:
        """The tree of the working directory as it is now."""
        with self.whole() as git:
            return Tree(git.text("write-tree"))

    def become(self, index: Git, tree: str, *, spare: bool = False) -> None:
        """Make the working directory, whose content is in `index`, exactly `tree`, apart from ignored files.

        No other code switches trees. Ignored files stay if `tree` ignores them, too; the others would become part of
        the next commit, and are moved aside, as is anything where a file must go. This holds even if it is interrupted,
        since ignored files are noted first. The caller has saved what is in `index`; otherwise `spare` keeps what of it
        `tree` ignores.
        """
        self.leftovers.switch(index, tree, spare=spare)

    def fill(self, tree: str, *, spare: bool = False) -> None:
        """Make the working directory `tree`, as `become` does. HEAD and the real index stay."""
        with self.whole() as git:
            self.become(git, tree, spare=spare)

    def put(self, commit: str) -> None:
        """Make branch, HEAD, index and working directory exactly `commit`; the caller has saved what was there."""
        with self.whole() as git:
            self.become(git, commit)
            self.settle(commit, git)

    def settle(self, commit: str, index: Git) -> None:
        """Move branch and HEAD to `commit`; `index`, with its tree, becomes the real one; ends a rebase or merge."""
        self.leftovers.clear(index)
        head_ref = self.head_ref
        self.git.run("update-ref", "--no-deref", "-m", "conduct", head_ref, commit)
        if not self.on_branch:
            self.git.run("symbolic-ref", "-m", "conduct", "HEAD", head_ref)
        index.index.replace(self.git.index)
        self.leftovers.settle(self.git)
        self.git.run("update-ref", BRANCH, commit)
        for leftover in self.operations():
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()

    def operations(self) -> set[Path]:
        """Git's files about a merge, rebase, cherry-pick or bisect in progress."""
        return {found for name in _OPERATIONS for found in self.git.git_dir.glob(name)}
