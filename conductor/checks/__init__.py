"""Checks that Conductor runs itself: what an agent says about its work is not one of them."""

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

# What only reads, and what runs commands.
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

    Whatever the project contains is a result, never an error; so is a fault of a language that another package brings,
    of which the work cannot be blamed. Raises UsageError for an unknown kind, WorkspaceError when the tree itself
    cannot be read.
    """
    if spec.kind not in KINDS:
        raise UsageError(f"no check of kind {spec.kind!r}", allowed=", ".join(KINDS))
    project = await open_project(site)
    try:
        if spec.kind not in _READERS:
            return await _RUNNERS[spec.kind](spec, project)
        begin = time.monotonic()
        # In a thread: a large tree must not stop heartbeats.
        result = await asyncio.to_thread(_READERS[spec.kind], spec, project)
        return msgspec.structs.replace(result, duration_ms=round((time.monotonic() - begin) * 1000))
    except LanguageFault as error:
        return Result(UNFINISHED, one_line(f"could not run: {error.what}"), output=f"{error}\n")
