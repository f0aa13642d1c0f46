"""`lint`: the project's own linter, as the project configured it, and no other."""

from __future__ import annotations

from conductor.checks.command import check_command
from conductor.checks.languages.registry import registered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, combined
from conductor.events import CheckSpec


async def check_lint(spec: CheckSpec, project: Project) -> Result:
    """The command of conductor.toml, else each configured linter of a language of which a source file changed.

    A linter that takes files gets the changed ones: what stood there before is not the phase's.
    """
    command = spec.command or project.site.settings.commands.lint
    if command is not None:
        return await check_command(project, command)
    results: list[Result] = []
    for language in registered().languages:
        if language.lint is not None and (changed := project.changed(language.owns)):
            results += await language.lint(project, changed)
    return combined(results) if results else Result(NOT_APPLICABLE, "no linter is configured for what changed")
