"""What git ignored in a worktree at some moment: such a file does not become work just because its rule is removed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from conductor.workspace.ignored.paths import ancestors


class IgnoredSnapshot:
    """A list of paths, in a file whose mtime is the moment. Folders that are ignored as a whole end with a slash."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, ignored: Iterable[bytes]) -> None:
        """Record what is ignored now."""
        new = self._file.with_name(f"{self._file.name}.new")
        new.write_bytes(b"\0".join(ignored))
        new.replace(self._file)

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    def among(self, top: Path, paths: Iterable[bytes]) -> list[bytes]:
        """Those of `paths` that were ignored then, and have not been written or moved since.

        An agent that wants an ignored file to count removes its rule and writes it: that is work. A file that only lost
        its rule is not: it may be a secret, or a whole folder of packages.
        """
        try:
            entries = frozenset(self._file.read_bytes().split(b"\0"))
            moment = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        found = []
        for path in paths:
            if path in entries or not entries.isdisjoint(ancestors(path)):
                with contextlib.suppress(FileNotFoundError):
                    # Not mtime, which archives and `touch` can set.
                    if os.lstat(os.fsencode(top) + b"/" + path).st_ctime_ns <= moment:
                        found.append(path)
        return found
