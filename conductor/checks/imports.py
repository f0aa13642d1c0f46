"""`imports`: what the changed files import exists. The project's code is read, never run."""

from __future__ import annotations

from conductor.checks.command import check_command
from conductor.checks.languages.registry import registered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, combined
from conductor.events import CheckSpec


async def check_imports(spec: CheckSpec, project: Project) -> Result:
    """Run the command in conductor.toml, else check each language that has changed source files."""
    command = spec.command or project.site.settings.commands.imports
    if command is not None:
        return await check_command(project, command)
    results = [
        await language.imports(project, changed)
        for language in registered().languages
        if language.imports is not None and (changed := project.changed(language.owns))
    ]
    return combined(results) if results else Result(NOT_APPLICABLE, "no source file of a known language changed")
