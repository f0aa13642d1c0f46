"""A user at a shell: a state folder, a repository with a small specification, scripted agents, and `conduct`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from conductor.log.store import EventStore
from tests.support import git_user
from tests.support.places import ROOT

SPEC = """\
# Notes

## Implementation Phases

### Phase 1: First
Expected Files: first.txt

- Write `first.txt`

Success Criteria:
- first.txt exists

### Phase 2: Second
Expected Files: second.txt

- Write `second.txt`

Success Criteria:
- second.txt exists
"""
SETTINGS = "review = false\ntests_required = false\nfix_tries = 0\n"
TURNS = """
[[agent]]
phase = "1"

  [[agent.turn]]
  call = [{ tool = "create", path = "first.txt", text = "one" }]
  report = { status = "PASS", summary = "It is \\u001b[31mred\\u001b[0m.", gotchas = [
    { title = "Files end in newlines", text = "not here" }] }
"""
SECOND = """
[[agent]]
phase = "2"

  [[agent.turn]]
  call = [{ tool = "create", path = "second.txt", text = "two" }]
  report = { status = "PASS", summary = "Written." }
"""


class Said(msgspec.Struct, frozen=True):
    """What a call of `conduct` came to."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


class User:
    """`url` None: the state folder's own embedded server."""

    def __init__(self, root: Path, url: str | None = None, namespace: str = "default") -> None:
        self.root, self.home, self.repo = root, root / "home", root / "repo"
        self.environ = {
            **git_user.without_settings(os.environ),
            "CONDUCT_HOME": str(self.home),
            "CONDUCT_NAMESPACE": namespace,
            "PYTHONPATH": str(ROOT),
            **({"CONDUCT_REDIS_URL": url} if url else {}),
        }

    def make_repository(self, spec: str = SPEC) -> None:
        (self.repo / ".prelude").mkdir(parents=True)
        (self.repo / ".prelude" / "READY.md").write_text(spec)
        (self.repo / "conductor.toml").write_text(SETTINGS)
        git_user.init(self.repo)
        for args in (("add", "-A"), ("commit", "-q", "-m", "Begin")):
            subprocess.run(["git", *args], cwd=self.repo, env=self.environ, check=True)

    def script(self, name: str, turns: str) -> str:
        """The `--agent` of a script with these turns."""
        path = self.root / f"{name}.toml"
        path.write_text(turns)
        return f"scripted:{path}"

    def popen(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        where = self.repo if self.repo.exists() else self.root
        return subprocess.Popen([sys.executable, "-m", "conductor", *words], cwd=where, env=self.environ, **pipes)

    def conduct(self, *words: str, feed: str | None = None) -> Said:
        """A call in a process of its own."""
        with self.popen(*words, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(feed, timeout=120)
        return Said(process.returncode, out, err)


def started(conduct: Callable[..., Said], repo: Path, *options: str) -> str:
    """A task of a repository that has begun and that nobody drives; its id."""
    spec = repo / ".prelude" / "READY.md"
    said = conduct("start", str(spec), "--repo", str(repo), "--driver", "assisted", "--json", *options)
    assert said.code == 0, said
    task: str = said.data["task"]
    return task


def wires(stored: EventStore) -> dict[str, list[bytes]]:
    return {task: stored.raw(task) for task in stored.tasks()}
