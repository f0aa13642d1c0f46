"""What a check examines: the tracked files, the toolchains, and commands run with the project's own tools."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from conductor.checks import toolchains
from conductor.checks.site import Site
from conductor.config import given
from conductor.errors import UsageError
from conductor.process.run import Finished, run

READ_LIMIT = 2_000_000  # bytes; larger files are data, not source


class Project(msgspec.Struct, frozen=True):
    """The tree under check. `files` are those that git tracks: a stray ignored file proves nothing."""

    site: Site
    files: tuple[str, ...]
    python: str
    environment: dict[str, str]
    toolchains: tuple[toolchains.Toolchain, ...]

    def locate(self, path: str) -> Path | None:
        """The regular file at `path`; None if there is none, or it leaves the tree, also through a link."""
        try:
            root = self.site.path.resolve()
            real = (root / path).resolve(strict=True)
            return real if real.is_relative_to(root) and real.is_file() else None
        except (OSError, RuntimeError, ValueError):  # RuntimeError: a loop of links, before Python 3.13
            return None

    def read(self, path: str) -> str | None:
        """The text of a tracked file; None if it is missing, not text, or larger than READ_LIMIT."""
        real = self.locate(path)
        if real is None:
            return None
        try:
            if real.stat().st_size > READ_LIMIT:
                return None
            data = real.read_bytes()
        except OSError:
            return None
        return None if b"\0" in data else data.decode("utf-8-sig", "replace")

    def pyproject(self, root: str) -> dict[str, Any]:
        """The tables of a folder's pyproject.toml; empty if it is missing or unreadable."""
        path = str(PurePosixPath(root, "pyproject.toml"))
        try:
            return given.toml(self.read(path) or "", path)
        except UsageError:
            return {}

    def changed(self, wanted: Callable[[str], bool]) -> tuple[str, ...]:
        """Changed files (not deleted, not vendored) that are `wanted` and in the tree as regular files."""
        return tuple(
            path
            for status, path in self.site.changed
            if not status.startswith("D")
            and wanted(path)
            and not toolchains.is_vendored(path)
            and self.locate(path) is not None
        )

    def roots(self, language: str) -> list[str]:
        """The folders where the tools of a language run."""
        return [toolchain.root for toolchain in self.toolchains if toolchain.language == language]

    async def run(
        self,
        command: str | Sequence[str],
        *,
        root: str = "",
        stdin: str | None = None,
        output_limit: int = 200_000,
        sources: bool = True,
    ) -> Finished:
        """Run a command in the tree, limited by the check timeout; `sources` puts the tree's sources on PYTHONPATH."""
        hidden = () if sources else ("PYTHONPATH",)
        with self._borrowed_modules():
            return await run(
                command,
                cwd=self.site.path / root,
                timeout=self.site.settings.check_timeout,
                env={name: value for name, value in self.environment.items() if name not in hidden},
                stdin=stdin,
                output_limit=output_limit,
                note=self.site.note,
            )

    @contextlib.contextmanager
    def _borrowed_modules(self) -> Iterator[None]:
        """Link the user's node_modules while a command runs, because a worktree has none.

        NODE_PATH is not enough: ES modules ignore it.
        """
        links = []
        try:
            for root in {str(PurePosixPath(file).parent) for file in self.files if file.endswith("package.json")}:
                link, theirs = (folder / root / "node_modules" for folder in (self.site.path, self.site.repository))
                if os.path.isdir(theirs) and not os.path.lexists(link) and link.parent.is_dir():  # noqa: PTH112
                    link.symlink_to(theirs.resolve(), target_is_directory=True)
                    links.append(link)
            yield
        finally:
            for link in links:
                if link.is_symlink():
                    link.unlink()
