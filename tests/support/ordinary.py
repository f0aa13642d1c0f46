"""A user without special rights: modes of files and folders hold for them, as they do not for root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import git as _gitpython  # noqa: F401  (loaded before rights are given up: its folder may be root's alone)

from conductor.workspace.git.client import Git
from conductor.workspace.workspace import Workspace, initialise

USER = 65534


class Ground:
    """A repository and a state folder that belong to this user, in a temporary folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.repo, self.root = folder, folder / "repo", folder / "state" / "worktrees"
        config = folder / "gitconfig"
        config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        os.environ |= {"HOME": str(folder), "TMPDIR": str(folder), "GIT_CONFIG_GLOBAL": str(config)}
        tempfile.tempdir = None
        os.chdir(folder)
        self.base = initialise(self.repo).commit
        self.workspace = Workspace(self.repo, "t1", self.root)

    def git(self, cwd: Path, *args: str, check: bool = True) -> str:
        done = subprocess.run(["git", *args], cwd=cwd, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")


def as_ordinary_user(body: Callable[[Ground], None]) -> None:
    """Run `body` in a process of its own that has given up root's rights, if it had them; its failure is the test's."""
    Git(Path("/"), Path("/"), Path("/")).outcome("version")  # what is loaded late is loaded now
    folder = Path(tempfile.mkdtemp(prefix="cdt-"))  # not pytest's, which is root's alone
    said, words = os.pipe()
    try:
        if os.geteuid() == 0:
            os.chown(folder, USER, USER)
        child = os.fork()
        if not child:
            _play(body, folder, words)
        os.close(words)
        text = os.fdopen(said).read()
        assert os.waitpid(child, 0)[1] == 0 and not text, text
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=False)
        shutil.rmtree(folder)


def _play(body: Callable[[Ground], None], folder: Path, words: int) -> None:
    code = 1
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)
        locked = folder / "locked"
        locked.mkdir(mode=0o500)
        assert not os.access(locked, os.W_OK), "modes do not hold for this user, so that the test would show nothing"
        body(Ground(folder))
        code = 0
    except BaseException:
        os.write(words, traceback.format_exc().encode()[:60_000])
    finally:
        os._exit(code)
