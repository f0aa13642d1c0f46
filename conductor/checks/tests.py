"""`tests`: a phase's own command, or the project's whole suite as its toolchains would run it."""

from __future__ import annotations

from conductor.checks.command import check_command
from conductor.checks.languages.registry import named
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, combined
from conductor.events import CheckSpec


async def check_tests(spec: CheckSpec, project: Project) -> Result:
    """Run the spec's command, else the one in conductor.toml, else the suite of each toolchain in turn."""
    command = spec.command or project.site.settings.commands.test
    if command is not None:
        return await check_command(project, command, runs_tests=True)
    results = [
        await language.tests(project, toolchain.root)
        for toolchain in project.toolchains
        if (language := named(toolchain.language)) is not None and language.tests is not None
    ]
    if not results:
        return Result(NOT_APPLICABLE, "no test suite found: set commands.test in conductor.toml")
    return combined(results)
