"""A programming language as the checks see it: one object, whose parts say how its files are found, run and read.

A part that is left out is not applicable: no check complains of what it cannot tell.
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
"""(project, folder of the manifest or "") -> how the tests there went."""
Linter = Callable[[Project, Paths], Awaitable[list[Result]]]
"""(project, changed files) -> one result for each linter that is configured, none where none is."""
Imports = Callable[[Project, Paths], Awaitable[Result]]
"""(project, changed files) -> whether what they import is there."""
Between = Callable[[Project, Paths, Mapping[str, str]], Iterator[tuple[str, int, str]]]
"""(project, files of the language, file -> the part it belongs to) -> (path, line from 1, what is missing or "")."""
Offered = Callable[[str, str], Iterator[str]]
"""(text, path) -> each declaration that others may use, members indented by two. May raise: then it is not told."""
HasCode = Callable[[str, str], bool]
"""(text, path) -> whether there is anything in it to test."""
Tested = Callable[[Project, Paths, Mapping[str, str]], Collection[str]]
"""(project, source files, test file -> its text, of every language) -> those of the files that a test touches."""
Stubs = Callable[[str, Parts, Collection[int]], Iterable[tuple[int, str]]]
"""(text, its parts, numbers of the added lines) -> (line from 1, what was left empty there)."""


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks know of one language. `name` is in lower case, `extensions` with their dot."""

    name: str
    extensions: tuple[str, ...]
    manifests: tuple[str, ...] = ()  # names of files that say where a part of a project has its top
    needs_manifest: bool = False  # its tools do nothing without one
    comments: Syntax | None = None  # where `comments` does not know the extensions
    tests: Suite | None = None
    lint: Linter | None = None
    imports: Imports | None = None
    between: Between | None = None
    offered: Offered | None = None
    has_code: HasCode | None = None  # `tested` asks for both of these two
    tested: Tested | None = None
    stubs: Stubs | None = None

    def owns(self, path: str) -> bool:
        """Whether a file is written in the language, by its extension."""
        return PurePosixPath(path).suffix.lower() in self.extensions
