"""Checks that Conductor runs itself: an agent's own claims do not count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec

from conductor.checks.files import check_files
from conductor.checks.imports import check_imports
from conductor.checks.interfaces import check_interfaces
from conductor.checks.languages.guarded import LanguageFault
from conductor.checks.leftovers import check_leftovers
from conductor.checks.lint import check_lint
from conductor.checks.opening import open_project
from conductor.checks.project import Project
from conductor.checks.site import UNFINISHED, Result, Site, one_line
from conductor.checks.tested import check_tested
from conductor.checks.tests import check_tests
from conductor.errors import UsageError
from conductor.events import CheckSpec

# Checks that only read, and checks that run commands.
_READERS: dict[str, Callable[[CheckSpec, Project], Result]] = {
    "files": check_files,
    "leftovers": check_leftovers,
    "tested": check_tested,
    "interfaces": check_interfaces,
}
_RUNNERS: dict[str, Callable[[CheckSpec, Project], Awaitable[Result]]] = {
    "tests": check_tests,
    "imports": check_imports,
    "lint": check_lint,
}
KINDS = (*_READERS, *_RUNNERS)

__all__ = ["KINDS", "Result", "Site", "run_check"]


async def run_check(spec: CheckSpec, site: Site) -> Result:
    """Run one check on the site's commit.

    Whatever the project contains leads to a result, never an error; so does a fault in another package's language,
    which is not held against the work. Raises UsageError for an unknown kind, WorkspaceError if the tree cannot be
    read.
    """
    if spec.kind not in KINDS:
        raise UsageError(f"unknown kind of check: {spec.kind!r}", allowed=", ".join(KINDS))
    project = await open_project(site)
    try:
        if spec.kind not in _READERS:
            return await _RUNNERS[spec.kind](spec, project)
        begin = time.monotonic()
        # In a thread: a large tree must not block heartbeats.
        result = await asyncio.to_thread(_READERS[spec.kind], spec, project)
        return msgspec.structs.replace(result, duration_ms=round((time.monotonic() - begin) * 1000))
    except LanguageFault as error:
        return Result(UNFINISHED, one_line(f"could not run: {error.what}"), output=f"{error}\n")
