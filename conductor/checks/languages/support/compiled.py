"""Languages whose compiler checks imports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from conductor.checks.command import check_command, find, missing
from conductor.checks.project import Project
from conductor.checks.site import FAILED, Result, combined


def compiler(
    language: str, manifest: str, *commands: Sequence[str]
) -> Callable[[Project, tuple[str, ...]], Awaitable[Result]]:
    """Run `commands` in each folder with the manifest. A changed file without a manifest is a failure."""

    async def check(project: Project, changed: tuple[str, ...]) -> Result:
        roots = project.roots(language)
        if not roots:
            return Result(FAILED, f"no {manifest} covers {changed[0]}")
        results = []
        for root in roots:
            for words in commands:
                if find(project, words[0]) is None:
                    return missing(words[0], " ".join(words))
                results.append(await check_command(project, words, root=root))
        return combined(results)

    return check
