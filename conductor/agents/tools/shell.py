"""The bash tool: runs one command in the worktree, confined as well as this machine allows, and leaves nothing running.

Without a sandbox a command has the user's rights. What can still be protected is checked afterwards: `.git`, and the
files of a read-only role's worktree.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from conductor.agents.tools.paths import ToolError, stands
from conductor.ids import Tree
from conductor.process.environment import scrubbed_environment
from conductor.process.run import run, shell
from conductor.process.threads import in_thread
from conductor.sandbox import reaper
from conductor.sandbox.bubblewrap import Sandbox
from conductor.text import clean

OUTPUT = 1_000_000  # bytes of a command's output that are kept; a model is shown less
LARGEST = 1 << 30  # bytes of one file that a command may write: more would fill the repository with the next commit

# Limits are set within whatever runs the command. `ulimit -f` counts blocks of 512 bytes in a POSIX shell.
_LIMITED = ("/bin/sh", "-c", f'ulimit -f {LARGEST // 512} 2>/dev/null; ulimit -c 0; exec "$@"', "sh")

GIT_BACK = "[error: you must not change .git. This command's changes to it were undone; the files are kept.]"
GIT_LOST = "[error: you must not change .git, and it could not be restored: git commands do not work here.]"
FILES_BACK = "[error: this role must not change files. This command's changes were undone.]"


class Shell:
    """The bash tool of one agent on one worktree. Without a `sandbox`, its effects are checked afterwards.

    `environ` is this process's environment: commands get a scrubbed copy. `timeout` limits each command, in seconds;
    `note` is the folder that lists its process group while it runs. `snapshot` and `restore`: see Toolbox.
    """

    def __init__(
        self,
        worktree: Path,
        *,
        read_only: bool,
        environ: Mapping[str, str],
        snapshot: Callable[[], Tree],
        restore: Callable[[str], None],
        timeout: float,
        note: Path | None,
        sandbox: Sandbox | None,
    ) -> None:
        self.sandbox = sandbox
        self._worktree = worktree
        self._read_only = read_only
        # Git must not search further up, where there may be another repository.
        ceiling = {"GIT_CEILING_DIRECTORIES": str(worktree.parent), "GIT_OPTIONAL_LOCKS": "0"}
        self._environment = scrubbed_environment(environ, extra=ceiling)
        self._snapshot = snapshot
        self._restore = restore
        self._timeout = timeout
        self._note = note
        self._git = _fingerprint(worktree / ".git")

    async def run(self, command: str) -> tuple[str, bool]:
        """The command's output and how it ended, for an agent; and whether that is an error. Raises ToolError."""
        stands(self._worktree)
        before = await in_thread(self._snapshot) if self._read_only and self.sandbox is None else ""
        done = await run(
            self._words(command),
            cwd=self._worktree,
            timeout=self._timeout,
            env=self._environment,
            output_limit=OUTPUT,
            note=self._note,
        )
        lines = [f"[ended after {self._timeout:g} s]" if done.timed_out else f"[exit code {done.exit_code}]"]
        lines += await self._undo(before)
        output = clean(done.output)
        gap = "" if not output or output.endswith("\n") else "\n"
        return f"{output}{gap}{chr(10).join(lines)}", done.exit_code != 0 or len(lines) > 1

    def _words(self, command: str) -> list[str]:
        words = [*_LIMITED, shell(), "-c", command]
        return self.sandbox.argv(words) if self.sandbox else reaper.argv(words)

    async def _undo(self, before: str) -> list[str]:
        """Undo forbidden changes; returns what to tell the agent about them."""
        try:
            stands(self._worktree)
        except ToolError as error:
            return [f"[error: {error}]"]
        told = []
        if _fingerprint(self._worktree / ".git") != self._git:
            await in_thread(self._snapshot)  # it repairs .git, moving aside what is there, to see the tree
            told.append(GIT_BACK if _fingerprint(self._worktree / ".git") == self._git else GIT_LOST)
        if before and await in_thread(self._snapshot) != before:
            await in_thread(self._restore, before)
            told.append(FILES_BACK)
        return told


def _fingerprint(path: Path) -> tuple[int, bytes]:
    """The kind of a file and a file's content. Links are not followed, devices not read."""
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
        return kind, path.read_bytes() if kind == stat.S_IFREG else b""
    except FileNotFoundError:
        return 0, b""
