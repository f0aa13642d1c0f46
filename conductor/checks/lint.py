"""`lint`: the project's own linters, as the project configures them, and no others."""

from __future__ import annotations

from conductor.checks.command import check_command
from conductor.checks.languages.registry import registered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, combined
from conductor.events import CheckSpec


async def check_lint(spec: CheckSpec, project: Project) -> Result:
    """Run the command in conductor.toml, else each configured linter of the languages with changed source files.

    A linter that takes files gets only the changed ones: older problems are not the phase's.
    """
    command = spec.command or project.site.settings.commands.lint
    if command is not None:
        return await check_command(project, command)
    results: list[Result] = []
    for language in registered().languages:
        if language.lint is not None and (changed := project.changed(language.owns)):
            results += await language.lint(project, changed)
    return combined(results) if results else Result(NOT_APPLICABLE, "no linter is configured for the changed files")
