"""`imports`: what the changed files import is there. The project's code is read, never run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from conductor.checks.command import check_command, find, missing
from conductor.checks.languages.imports_javascript import check_javascript
from conductor.checks.languages.imports_python import check_python
from conductor.checks.project import Project
from conductor.checks.site import FAILED, NOT_APPLICABLE, Result, combined
from conductor.checks.toolchains import EXTENSIONS
from conductor.events import CheckSpec

_COMPILED = {"go": (["go", "build", "./..."], ["go", "vet", "./..."]), "rust": (["cargo", "check"],)}


async def check_imports(spec: CheckSpec, project: Project) -> Result:
    """The command of conductor.toml, else each language of which a source file changed."""
    command = spec.command or project.site.settings.commands.imports
    if command is not None:
        return await check_command(project, command)
    results = [
        await _CHECKS[language](project, changed) for language in EXTENSIONS if (changed := project.changed(language))
    ]
    return combined(results) if results else Result(NOT_APPLICABLE, "no source of a known language changed")


def _compiler(language: str) -> Callable[[Project, tuple[str, ...]], Awaitable[Result]]:
    async def check(project: Project, changed: tuple[str, ...]) -> Result:
        roots = project.roots(language)
        if not roots:
            manifest = "go.mod" if language == "go" else "Cargo.toml"
            return Result(FAILED, f"{changed[0]} belongs to no {manifest}")
        results = []
        for root in roots:
            for words in _COMPILED[language]:
                if find(project, words[0]) is None:
                    return missing(words[0], " ".join(words))
                results.append(await check_command(project, words, root=root))
        return combined(results)

    return check


_CHECKS: dict[str, Callable[[Project, tuple[str, ...]], Awaitable[Result]]] = {
    "python": check_python,
    "javascript": check_javascript,
    "go": _compiler("go"),
    "rust": _compiler("rust"),
}
