"""`imports`: what the changed files import is there. The project's code is read, never run."""

from __future__ import annotations

from conductor.checks.command import check_command
from conductor.checks.languages.registry import registered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, combined
from conductor.events import CheckSpec


async def check_imports(spec: CheckSpec, project: Project) -> Result:
    """The command of conductor.toml, else each language of which a source file changed."""
    command = spec.command or project.site.settings.commands.imports
    if command is not None:
        return await check_command(project, command)
    results = [
        await language.imports(project, changed)
        for language in registered().languages
        if language.imports is not None and (changed := project.changed(language.owns))
    ]
    return combined(results) if results else Result(NOT_APPLICABLE, "no source of a known language changed")
