"""Where a golden store is played: a fixed folder below /tmp, a namespace on a real server, and `conduct`.

A path cannot be changed in a chain of hashes, so each store has a folder of its own, and one process at a time has it.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import redis

from conductor.doors.cli.main import main
from tests.golden import files, keys
from tests.support.messages_server.player import player
from tests.support.messages_server.server import MessagesServer
from tests.support.places import FIXTURES, ROOT

STORES = FIXTURES / "stores"
KEYS, REPOSITORY, WORKTREES, SCRIPT, EXPECTED = (
    "store.jsonl.gz", "repository.bundle", "worktrees.tar.gz", "script.toml", "expected.json",
)  # fmt: skip
IDENTITY = "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n"
PLACE = "/tmp/conductor-golden-"  # never another one: it is part of what was recorded

Step = Mapping[str, Any]


class Taken(Exception):
    """The folder that a store needs is another user's."""


class Stage:
    """A store on the server at `url`, in `namespace`. Without `held` there is no repository: it can only be read."""

    def __init__(
        self, name: str, url: str, namespace: str, *, conduct: tuple[str, ...] = ("-m", "conductor"), **environ: str
    ) -> None:
        self.fixture = STORES / name
        self.url, self.namespace = url, namespace
        self.root = Path(f"{PLACE}{name}")
        self.repo, self.home, self.script = self.root / "repo", self.root / "home", self.root / SCRIPT
        self._conduct = [sys.executable, *conduct]
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ},
            "LANG": "C.UTF-8",
            "LOGNAME": "ada",
            "HOME": str(self.root),
            "PYTHONPATH": str(ROOT),
            "GIT_CONFIG_GLOBAL": str(self.root / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "CONDUCT_HOME": str(self.home),
            "CONDUCT_REDIS_URL": url,
            "CONDUCT_NAMESPACE": namespace,
            **environ,
        }

    # ---- what was recorded ---------------------------------------------------------------------------------------

    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.fixture / EXPECTED).read_text(encoding="utf-8"))
        return found

    def load(self) -> None:
        """The recorded keys, in the namespace."""
        with contextlib.closing(redis.Redis.from_url(self.url)) as server:
            keys.load(server, self.namespace, self.fixture / KEYS)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """The store's folder, empty but for a user's settings, for this process alone; gone afterwards."""
        with _alone(Path(f"{self.root}.{os.getuid()}.lock")):
            self._clear()
            self.root.mkdir(mode=0o700)
            (self.root / "gitconfig").write_text(IDENTITY)
            try:
                yield
            finally:
                self._clear()

    def restore(self, *, worktrees: bool) -> None:
        """Repository and script as they were; `worktrees`: these too, else they are gone."""
        files.clone(self.fixture / REPOSITORY, self.repo, self.environ)
        if worktrees:
            files.unpack(self.fixture / WORKTREES, self.root)
        shutil.copy(self.fixture / SCRIPT, self.script)

    def _clear(self) -> None:
        if not os.path.lexists(self.root):
            return
        if self.root.is_symlink() or self.root.lstat().st_uid != os.getuid():
            raise Taken(f"{self.root} is not yours: remove it, or let its owner end")
        shutil.rmtree(self.root)

    # ---- what is done --------------------------------------------------------------------------------------------

    def perform(self, step: Step) -> None:
        """Files that are to `write`, then `conduct` with the exit code that it must have."""
        for path, text in step.get("write", {}).items():
            Path(path).write_text(text)
        if "conduct" in step:
            process = self.start(*step["conduct"])
            out, err = process.communicate(timeout=240)
            told = f"conduct {' '.join(step['conduct'])}: exit {process.returncode}\n{out[-3000:]}{err}"
            assert process.returncode == step.get("exit", 0), told

    @contextlib.contextmanager
    def answered(self, *, live: bool) -> Iterator[None]:
        """With `live` a model answers from here on, who says what the script does."""
        if not live:
            yield
            return
        with MessagesServer(player(self.script)) as server:
            self.environ |= server.environ
            yield

    def start(self, *words: str) -> subprocess.Popen[str]:
        """`conduct …` in the repository, in a process of its own."""
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*self._conduct, *words], cwd=self.repo, env=self.environ, text=True, **pipes)

    def look(self, *words: str) -> list[Any]:
        """What `conduct … --json` prints, each line of it; in this process, as it only reads."""
        out = io.StringIO()
        with mock.patch.dict(os.environ, self.environ, clear=True), contextlib.redirect_stdout(out):
            main([*words, "--json"])
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def git(self, *args: str) -> str:
        return files.git(self.repo, self.environ, *args)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Held by one process at a time; the file is gone when nobody wants it."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), lock.lstat()):
                break
        os.close(descriptor)  # who had it has removed it
    try:
        yield
    finally:
        lock.unlink()
        os.close(descriptor)
