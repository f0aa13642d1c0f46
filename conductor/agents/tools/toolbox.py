"""The tools of agents: their definitions, and performing calls. It journals nothing and judges nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from conductor.agents.contract.report import Report, ReportError, read_report
from conductor.agents.contract.turns import ToolResult
from conductor.agents.roles.role import Role
from conductor.agents.tools.files import Files
from conductor.agents.tools.paths import ToolError
from conductor.agents.tools.shell import Shell
from conductor.decoding import prepared
from conductor.ids import Tree
from conductor.sandbox.bubblewrap import Sandbox
from conductor.text import clean

_Path = Annotated[str, Meta(description="Relative to the working directory.")]


class Arguments(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of a tool's arguments; the class's docstring is the tool's description."""


class BashArguments(Arguments, frozen=True):
    """Run a shell command in the working directory. Processes that it leaves running are killed."""

    command: str


class ViewArguments(Arguments, frozen=True):
    """Show a text file with line numbers, or the entries of a folder."""

    path: _Path
    first: Annotated[int | None, Meta(description="First line to show, from 1.")] = None
    last: Annotated[int | None, Meta(description="Last line to show, inclusive.")] = None


class CreateArguments(Arguments, frozen=True):
    """Write a whole text file, creating or overwriting it. Missing folders are created."""

    path: _Path
    text: str


class ReplaceArguments(Arguments, frozen=True):
    """Replace text in a file. The old text must occur exactly once, white space included."""

    path: _Path
    old: str
    new: str


class InsertArguments(Arguments, frozen=True):
    """Insert lines into a file."""

    path: _Path
    line: Annotated[int, Meta(description="Insert after this line; 0: at the start.")]
    text: str


TOOLS: dict[str, type[Arguments]] = {
    "bash": BashArguments,
    "view": ViewArguments,
    "create": CreateArguments,
    "replace": ReplaceArguments,
    "insert": InsertArguments,
}
REPORT = "report"
WRITES = frozenset({"create", "replace", "insert"})
_REPORTING = "End your work with your report. If it is refused, correct it and report again."


class Toolbox:
    """The Tools of a role on one worktree.

    `environ` is this process's environment: commands get a scrubbed copy. `snapshot` gives the SHA of the worktree's
    current tree after repairing its `.git`, and `restore` restores the worktree to a tree; both are synchronous.
    `timeout` limits each command, in seconds; `note` is the folder that lists its process group while it runs.
    `sandbox` confines commands; without it they have the user's rights. A read-only role gets no tool that writes,
    whatever its file says.
    """

    def __init__(
        self,
        worktree: Path,
        role: Role,
        *,
        environ: Mapping[str, str],
        snapshot: Callable[[], Tree],
        restore: Callable[[str], None],
        timeout: float = 120.0,
        note: Path | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        here = Path(os.path.realpath(worktree))
        self.snapshot = snapshot
        self.restore = restore
        self.role = role
        self.note = note
        self._names = tuple(name for name in role.tools if not (role.read_only and name in WRITES))
        self._shell = Shell(
            here,
            read_only=role.read_only,
            environ=environ,
            snapshot=snapshot,
            restore=restore,
            timeout=timeout,
            note=note,
            sandbox=sandbox,
        )
        self._files = Files(here)

    def definitions(self) -> list[dict[str, Any]]:
        """`name`, `description` and `input_schema` (JSON Schema) of each of the role's tools."""
        return [self._defined(name) for name in self._names]

    def _defined(self, name: str) -> dict[str, Any]:
        if name == REPORT:
            return _definition(name, _REPORTING, Report)
        confined = self._shell.sandbox.told() if name == "bash" and self._shell.sandbox else ""
        return _definition(name, f"{TOOLS[name].__doc__} {confined}".strip(), TOOLS[name])

    async def call(self, name: str, arguments: object) -> ToolResult:
        """Perform one call. Errors are returned as the result's text, for the agent to correct. Never raises."""
        if name not in self._names:
            known = ", ".join(self._names)
            return ToolResult(f"{clean(repr(name), 100)} is not a tool of {self.role.name}; it has {known}", True)
        try:
            if name == REPORT:
                read_report(arguments)
                return ToolResult("The report was accepted.")
            return await self._perform(msgspec.convert(arguments, prepared(TOOLS[name])))
        except (ToolError, ReportError) as error:
            return ToolResult(str(error), True)
        except msgspec.ValidationError as error:
            return ToolResult(f"the arguments of {name} are wrong: {clean(str(error), 500)}", True)
        except OSError as error:
            return ToolResult(f"{name}: {error.strerror or error}", True)
        except UnicodeEncodeError:
            return ToolResult(f"{name}: the text is not valid Unicode", True)

    async def _perform(self, arguments: Arguments) -> ToolResult:
        match arguments:
            case ViewArguments(path, first, last):
                return ToolResult(self._files.view(path, first, last))
            case CreateArguments(path, text):
                return ToolResult(self._files.create(path, text))
            case ReplaceArguments(path, old, new):
                return ToolResult(self._files.replace(path, old, new))
            case InsertArguments(path, line, text):
                return ToolResult(self._files.insert(path, line, text))
            case BashArguments(command):
                return ToolResult(*await self._shell.run(command))
        raise AssertionError(arguments)  # TOOLS and this match belong together


@cache  # resolving type hints takes milliseconds
def _definition(name: str, description: str, arguments: type[msgspec.Struct]) -> dict[str, Any]:
    (reference,), parts = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    schema = parts.pop(reference["$ref"].rpartition("/")[2])
    for key in ("title", "description"):
        schema.pop(key, None)
    if parts:
        schema["$defs"] = parts
    return {"name": name, "description": description, "input_schema": schema}
