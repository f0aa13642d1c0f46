"""Resolves the imports of changed JavaScript and TypeScript files, and has node parse what it can."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from conductor.checks.command import find, missing, unfinished
from conductor.checks.comments import split
from conductor.checks.languages.support import modules_javascript as modules
from conductor.checks.project import Project
from conductor.checks.site import FAILED, UNAVAILABLE, Result, listed, one_line
from conductor.process.ending import interrupted
from conductor.process.run import Finished

_PARSED_BY_NODE = (".js", ".mjs", ".cjs")
_MODULE = re.compile(r"^\s*(import\b(?!\s*\()|export\b)|\bimport\.meta\b|^\s*await\b", re.MULTILINE)
_JSX = "Unexpected token '<'"  # a bundler takes it in a .js file; node cannot tell what is wrong with it


async def check_javascript(project: Project, changed: tuple[str, ...]) -> Result:
    """Each import of the changed files by the files of the tree and node_modules, then `node --check`."""
    problems, absent = await asyncio.to_thread(_resolve, project, changed)
    command, duration = "", 0
    if find(project, "node") is not None:
        for path in changed:
            if path.endswith(_PARSED_BY_NODE):
                command = "node --check"
                finished = await _parsed(project, path)
                if why := interrupted(finished):
                    return unfinished(why, f"{command} {path}", finished)
                duration += finished.duration_ms
                if finished.exit_code != 0 and _JSX not in finished.output:
                    problems.append(f"{path}:{_error(finished.output)}")
    elif not problems:
        return missing("node", "node --check")
    result = listed(
        sorted(problems),
        f"imports of {len(changed)} JavaScript files resolve",
        f"{len(problems)} broken JavaScript files or imports: {'; '.join(problems[:3])}",
    )
    if result.status != FAILED and absent:
        summary = one_line(f"packages are not installed: npm install ({', '.join(sorted(absent))})")
        return Result(UNAVAILABLE, summary, command, duration_ms=duration)
    return Result(result.status, result.summary, command, None, duration, result.output)


def _resolve(project: Project, changed: tuple[str, ...]) -> tuple[list[str], set[str]]:
    """The problems, and declared packages that cannot be looked for since nothing is installed."""
    known, manifests = modules.open_modules(project), modules.manifests(project)
    own = {str(manifest.get("name")) for manifest in manifests}
    declared = {
        str(name)
        for manifest in manifests
        for kind in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
        if isinstance(entries := manifest.get(kind), dict)
        for name in entries
    }
    problems, absent = [], set()
    for path in changed:
        text = project.read(path)
        for found in modules.imports_of(text, path) if text is not None else ():
            specifier = found.specifier
            if known.own_file(path, specifier) is not None:
                continue
            package = None if specifier.startswith(".") else modules.package_of(specifier)
            if specifier.startswith("."):
                problems.append(f"{path}:{found.line}: no file {specifier}")
            elif package is not None and package not in own and not modules.installed(project, path, package):
                if package in declared and not modules.module_folders(project, path):
                    absent.add(package)
                else:
                    where = "declared but not installed" if package in declared else "not installed"
                    problems.append(f"{path}:{found.line}: no package {package} ({where})")
    return problems, absent


async def _parsed(project: Project, path: str) -> Finished:
    """How node took a file."""
    text = project.read(path)
    parts = split(text, path) if text is not None else None
    if path.endswith(".js") and parts is not None and _MODULE.search(parts.code):
        # Recent versions of node pass any .js file that might be a module, whatever is wrong in it.
        return await project.run(["node", "--input-type=module", "--check"], stdin=text)
    return await project.run(["node", "--check", str(project.locate(path))])


def _error(output: str) -> str:
    """Node prints `file:line`, the line, a caret, and then what is wrong."""
    lines = output.splitlines()
    number = next(_numbers(lines), "1")
    what = next((line for line in lines if "Error" in line), "node cannot parse it")
    return f"{number}: {what.strip()}"


def _numbers(lines: list[str]) -> Iterator[str]:
    return (tail for line in lines if (tail := line.rpartition(":")[2]).isdigit())
