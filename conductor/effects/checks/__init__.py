"""Checks that Conductor runs itself: what an agent says about its work is not one of them."""

from __future__ import annotations

import asyncio

from conductor.effects.checks.files import check_files
from conductor.effects.checks.imports import check_imports
from conductor.effects.checks.leftovers import check_leftovers
from conductor.effects.checks.lint import check_lint
from conductor.effects.checks.project import open_project
from conductor.effects.checks.site import Result, Site
from conductor.effects.checks.tested import check_tested
from conductor.effects.checks.tests import check_tests
from conductor.errors import UsageError
from conductor.events import CheckSpec

KINDS = ("files", "tests", "imports", "lint", "leftovers", "tested")

__all__ = ["KINDS", "Result", "Site", "run_check"]


async def run_check(spec: CheckSpec, site: Site) -> Result:
    """Run one check on the site's commit.

    Whatever the project contains is a result, never an error. Raises UsageError for an unknown kind, WorkspaceError
    when the tree itself cannot be read.
    """
    if spec.kind not in KINDS:
        raise UsageError(f"no check of kind {spec.kind!r}", allowed=", ".join(KINDS))
    project = await open_project(site)
    # What only reads runs in a thread: a large tree must not stop heartbeats.
    if spec.kind == "files":
        return await asyncio.to_thread(check_files, spec, project)
    if spec.kind == "leftovers":
        return await asyncio.to_thread(check_leftovers, project)
    if spec.kind == "tested":
        return await asyncio.to_thread(check_tested, project)
    if spec.kind == "tests":
        return await check_tests(spec, project)
    return await (check_imports if spec.kind == "imports" else check_lint)(spec, project)
