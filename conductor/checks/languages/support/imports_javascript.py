"""Resolves the imports of changed JavaScript and TypeScript files, and has node parse what it can.

A file that cannot be read is named in the result: its imports are unknown.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence

import msgspec

from conductor.checks.command import find, missing, unfinished
from conductor.checks.comments import split
from conductor.checks.languages.support import modules_javascript as modules
from conductor.checks.project import Project
from conductor.checks.site import FAILED, PASSED, UNAVAILABLE, Result, one_line
from conductor.ids import CheckStatus
from conductor.process.ending import interrupted
from conductor.process.run import Finished

_PARSED_BY_NODE = (".js", ".mjs", ".cjs")
_MODULE = re.compile(r"^\s*(import\b(?!\s*\()|export\b)|\bimport\.meta\b|^\s*await\b", re.MULTILINE)
_JSX = "Unexpected token '<'"  # a bundler takes it in a .js file; node cannot tell what is wrong with it
_UNREAD = "not read (too large, too slow to parse, or not text)"
_NAMED = 3  # problems and files named in a summary


class _Resolved(msgspec.Struct, frozen=True):
    """The result of resolving the imports of the changed files."""

    problems: list[str]
    absent: set[str]  # declared packages that cannot be looked up because nothing is installed
    unread: list[str]  # files that are too large, not text, or too slow to parse


async def check_javascript(project: Project, changed: tuple[str, ...]) -> Result:
    """Resolve each import of the changed files against the tree and node_modules, then run `node --check`.

    Unavailable if no file could be read, or declared packages are not installed.
    """
    resolved = await asyncio.to_thread(_resolve, project, changed)
    problems = resolved.problems
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
    read = len(changed) - len(resolved.unread)
    status: CheckStatus
    if problems:
        status, summary = FAILED, f"{len(problems)} broken JavaScript files or imports: {'; '.join(problems[:_NAMED])}"
    elif resolved.absent:
        status, summary = UNAVAILABLE, f"packages are not installed: npm install ({', '.join(sorted(resolved.absent))})"
    elif not read:
        status, summary = UNAVAILABLE, "no JavaScript imports were checked"
    else:
        status, summary = PASSED, f"imports of {read} JavaScript files resolve"
    if resolved.unread:
        summary += f"; {_not_read(resolved.unread, len(changed))}"
    lines = [*sorted(problems), *(f"{path}: {_UNREAD}" for path in resolved.unread)]
    return Result(status, one_line(summary), command, None, duration, "".join(f"{line}\n" for line in lines))


def _not_read(unread: Sequence[str], changed: int) -> str:
    named = ", ".join([*unread[:_NAMED], *(["…"] if len(unread) > _NAMED else [])])
    return f"{len(unread)} of {changed} files {_UNREAD}: {named}"


def _resolve(project: Project, changed: tuple[str, ...]) -> _Resolved:
    known, manifests = modules.open_modules(project), modules.manifests(project)
    own = {str(manifest.get("name")) for manifest in manifests}
    declared = {
        str(name)
        for manifest in manifests
        for kind in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
        if isinstance(entries := manifest.get(kind), dict)
        for name in entries
    }
    resolved = _Resolved([], set(), [])
    for path in changed:
        text = project.read(path)
        imports = modules.imports_of(text, path) if text is not None else None
        if imports is None:
            resolved.unread.append(path)
            continue
        for found in imports:
            specifier = found.specifier
            if known.own_file(path, specifier) is not None:
                continue
            package = None if specifier.startswith(".") else modules.package_of(specifier)
            if specifier.startswith("."):
                resolved.problems.append(f"{path}:{found.line}: no file {specifier}")
            elif package is not None and package not in own and not modules.installed(project, path, package):
                if package in declared and not modules.module_folders(project, path):
                    resolved.absent.add(package)
                else:
                    where = "declared but not installed" if package in declared else "not installed"
                    resolved.problems.append(f"{path}:{found.line}: no package {package} ({where})")
    return resolved


async def _parsed(project: Project, path: str) -> Finished:
    """The result of parsing a file with node."""
    text = project.read(path)
    parts = split(text, path) if text is not None else None
    if path.endswith(".js") and parts is not None and _MODULE.search(parts.code):
        # Recent versions of node accept any .js file that might be a module, whatever is wrong in it.
        return await project.run(["node", "--input-type=module", "--check"], stdin=text)
    return await project.run(["node", "--check", str(project.locate(path))])


def _error(output: str) -> str:
    """Node prints `file:line`, the line, a caret, and then the error."""
    lines = output.splitlines()
    number = next(_numbers(lines), "1")
    what = next((line for line in lines if "Error" in line), "node cannot parse it")
    return f"{number}: {what.strip()}"


def _numbers(lines: list[str]) -> Iterator[str]:
    return (tail for line in lines if (tail := line.rpartition(":")[2]).isdigit())
