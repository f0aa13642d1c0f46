"""A programming language as the checks see it: one object whose parts say how its files are found, run and read.

A missing part means not applicable: no check reports what it cannot determine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from conductor.checks.comments import Parts, Syntax
from conductor.checks.project import Project
from conductor.checks.site import Result

Paths = tuple[str, ...]  # relative to the top of the tree, with /
Suite = Callable[[Project, str], Awaitable[Result]]
"""(project, folder of the manifest or "") -> the result of the tests there."""
Linter = Callable[[Project, Paths], Awaitable[list[Result]]]
"""(project, changed files) -> one result for each configured linter."""
Imports = Callable[[Project, Paths], Awaitable[Result]]
"""(project, changed files) -> whether what they import exists."""
Between = Callable[[Project, Paths, Mapping[str, str]], Iterator[tuple[str, int, str]]]
"""(project, files of the language, file -> the part it belongs to) -> (path, line from 1, what is missing or "")."""
Offered = Callable[[str, str], Iterable[str]]
"""(text, path) -> each public declaration, members indented by two. May raise: then nothing is listed."""
HasCode = Callable[[str, str], bool]
"""(text, path) -> whether it contains anything to test."""
Tested = Callable[[Project, Paths, Mapping[str, str]], Collection[str]]
"""(project, source files, test file -> its text, of every language) -> the source files that a test touches."""
Stubs = Callable[[str, Parts, Collection[int]], Iterable[tuple[int, str]]]
"""(text, its parts, numbers of the added lines) -> (line from 1, the stub there)."""


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks know about one language. `name` is in lower case, `extensions` include the dot."""

    name: str
    extensions: tuple[str, ...]
    manifests: tuple[str, ...] = ()  # names of files that mark the top of a part of a project
    needs_manifest: bool = False  # its tools do nothing without one
    comments: Syntax | None = None  # if conductor.checks.comments does not know the extensions
    tests: Suite | None = None
    lint: Linter | None = None
    imports: Imports | None = None
    between: Between | None = None
    offered: Offered | None = None
    has_code: HasCode | None = None  # `tested` needs both of these
    tested: Tested | None = None
    stubs: Stubs | None = None

    def owns(self, path: str) -> bool:
        """Whether a file is written in the language, by its extension."""
        return PurePosixPath(path).suffix.lower() in self.extensions
