"""A project for checks to look at: a real git repository, and what one commit changed in it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from conductor.checks import Result, Site, run_check
from conductor.config.settings import Settings
from conductor.events import CheckSpec
from conductor.ids import Tree
from tests.support import git_user

Files = Mapping[str, str | bytes | Path]  # a Path is a symbolic link to it


class Ground:
    """Commits files and checks the last commit."""

    def __init__(self, path: Path, repository: Path) -> None:
        self.path = path
        self.repository = repository
        self.settings = Settings(check_timeout=60)
        self.allows_stubs = False
        self.note: Path | None = None
        path.mkdir(parents=True)
        repository.mkdir(parents=True, exist_ok=True)
        git_user.init(path)
        self.git("commit", "-q", "--allow-empty", "-m", "base")
        self.since = self.git("rev-parse", "HEAD").strip()

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.path, capture_output=True, check=True)
        return done.stdout.decode("utf-8", "replace")

    def write(self, files: Files) -> None:
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                file.symlink_to(content)
            else:
                file.write_bytes(content.encode() if isinstance(content, str) else content)

    def base(self, files: Files) -> None:
        """What stood there before the phase."""
        self.commit(files)
        self.since = self.git("rev-parse", "HEAD").strip()

    def commit(self, files: Files, remove: tuple[str, ...] = ()) -> None:
        self.write(files)
        for name in remove:
            (self.path / name).unlink()
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "work")

    def site(self) -> Site:
        names = self.git("diff", "--name-status", "--no-renames", "-z", self.since, "HEAD").split("\0")
        changed = tuple(zip(names[0::2], names[1::2], strict=False))
        return Site(
            path=self.path,
            repository=self.repository,
            commit=self.git("rev-parse", "HEAD").strip(),
            since=self.since,
            tree=Tree(self.git("rev-parse", "HEAD^{tree}").strip()),
            settings=self.settings,
            allows_stubs=self.allows_stubs,
            changed=changed,
            added={path: self._added(path) for status, path in changed if status != "D"},
            note=self.note,
        )

    def _added(self, path: str) -> tuple[tuple[int, str], ...]:
        lines, number = [], 0
        for line in self.git("diff", "--unified=0", self.since, "HEAD", "--", path).split("\n"):
            if match := re.match(r"@@ -\S+ \+(\d+)", line):
                number = int(match[1])
            elif line.startswith("+") and not line.startswith("+++ "):
                lines.append((number, line[1:]))
                number += 1
        return tuple(lines)

    def check(self, kind: str, command: str | None = None, paths: tuple[str, ...] = ()) -> Result:
        result = asyncio.run(run_check(CheckSpec(kind, kind, command=command, paths=paths), self.site()))
        assert len(result.summary) <= 200
        assert "\n" not in result.summary
        return result
