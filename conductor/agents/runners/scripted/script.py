"""Scripts of scripted agents: reading and checking a whole script at once. SCRIPTS.md describes the format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from conductor.agents.contract.assignment import Assignment
from conductor.agents.contract.report import ReportError, read_report
from conductor.agents.contract.turns import Message, ToolCall
from conductor.agents.roles.role import ROLES
from conductor.agents.tools.toolbox import REPORT, TOOLS
from conductor.config import given
from conductor.decoding import prepared
from conductor.errors import UsageError

NAME = "script.toml"  # in a script's folder
LARGEST = 10_000_000  # bytes
LARGEST_TEXT = 2_000_000  # bytes of a text beside it: no tool writes more
_SELECTORS = ("role", "phase", "module", "attempt")
S = TypeVar("S", bound=msgspec.Struct)


class ScriptedTurn(msgspec.Struct, frozen=True):
    """What happens in one turn: first the misbehaviour, if any, then the message."""

    message: Message
    crash: bool = False
    hang: float = 0.0  # seconds


class ScriptEntry(msgspec.Struct, frozen=True):
    """The turns of one `[[agent]]` and its selectors; None matches anything."""

    role: str | None
    phase: str | None
    module: str | None
    attempt: int | None
    turns: tuple[ScriptedTurn, ...]

    def matches(self, assignment: Assignment) -> bool:
        return all(getattr(self, name) in (None, getattr(assignment, name)) for name in _SELECTORS)

    @property
    def specificity(self) -> int:
        return sum(getattr(self, name) is not None for name in _SELECTORS)


class Script(msgspec.Struct, frozen=True):
    """A script, fully read: later changes to its files do not matter."""

    path: Path
    entries: tuple[ScriptEntry, ...]

    @classmethod
    def load(cls, path: Path) -> Script:
        """Read a script file, or `script.toml` in a folder. Raises UsageError with file, entry and problem."""
        file = path / NAME if path.is_dir() else path
        told = f"the script {file}"
        source = given.text(given.read(file, "the script", most=LARGEST), told)
        data = given.finite(given.toml(source, told, "see agents/SCRIPTS.md"), told)
        if set(data) != {"agent"} or not isinstance(data["agent"], list):
            raise UsageError(f"the script {file} does not consist of [[agent]] entries", hint="see agents/SCRIPTS.md")
        return cls(file, tuple(_entry(agent, file, f"agent {n}") for n, agent in enumerate(data["agent"], 1)))

    def entry_for(self, assignment: Assignment) -> ScriptEntry | None:
        """The most specific matching entry; among equals, the first."""
        matching = [entry for entry in self.entries if entry.matches(assignment)]
        return max(matching, key=lambda entry: entry.specificity, default=None)


class _Agent(msgspec.Struct, forbid_unknown_fields=True):
    role: str | None = None
    phase: str | None = None
    module: str | None = None
    attempt: int | None = None
    attempts: Literal["any"] | None = None
    turn: list[dict[str, Any]] = []


class _Turn(msgspec.Struct, forbid_unknown_fields=True):
    say: str = ""
    call: list[dict[str, Any]] = []
    report: dict[str, Any] | None = None
    garbage_report: str | None = None
    crash: bool = False
    hang: float = 0.0


def _entry(data: object, file: Path, where: str) -> ScriptEntry:
    agent = _convert(data, _Agent, file, where)
    if agent.role not in (None, *ROLES):
        raise _wrong(file, where, f"unknown role: {agent.role!r}", allowed=ROLES)
    if agent.attempt is not None and agent.attempts is not None:
        raise _wrong(file, where, "attempt and attempts cannot be combined")
    turns = tuple(_turn(turn, n, file, f"{where}, turn {n}") for n, turn in enumerate(agent.turn, 1))
    return ScriptEntry(agent.role, agent.phase, agent.module, agent.attempt, turns)


def _turn(data: object, number: int, file: Path, where: str) -> ScriptedTurn:
    turn = _convert(data, _Turn, file, where)
    wanted = [_call(call, file, f"{where}, call {n}") for n, call in enumerate(turn.call, 1)]
    if turn.report is not None:
        try:
            read_report(turn.report)
        except ReportError as error:
            raise _wrong(file, where, error.what, "use garbage_report for a deliberately wrong report") from None
        wanted.append((REPORT, turn.report))
    if turn.garbage_report is not None:
        wanted.append((REPORT, turn.garbage_report))
    if not (turn.say or wanted or turn.crash or turn.hang):
        raise _wrong(file, where, "an empty turn")
    calls = tuple(ToolCall(f"{number}.{n}", tool, arguments) for n, (tool, arguments) in enumerate(wanted, 1))
    return ScriptedTurn(Message(turn.say.strip(), calls), turn.crash, turn.hang)


def _call(data: dict[str, Any], file: Path, where: str) -> tuple[str, dict[str, Any] | str]:
    arguments = dict(data)
    tool = arguments.pop("tool", None)
    if tool not in TOOLS:
        raise _wrong(file, where, f"unknown tool: {tool!r}", allowed=TOOLS)
    if "text_from" in arguments:
        if "text" in arguments:
            raise _wrong(file, where, "text and text_from cannot be combined")
        arguments["text"] = _text(arguments.pop("text_from"), file, where)
    _convert(arguments, TOOLS[tool], file, f"{where} ({tool})")
    return tool, arguments


def _text(name: object, file: Path, where: str) -> str:
    """The text of a file beside the script. With links resolved, it must be inside the script's folder."""
    folder = file.parent.resolve()
    wanted = f"text_from = {name!r}"
    try:
        place = (folder / str(name)).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise _wrong(file, where, f"{wanted} is not a text file in the script's folder: {error}") from None
    if not place.is_relative_to(folder):
        raise _wrong(file, where, f"{wanted} leads out of the script's folder")
    try:
        return given.read(place, "the text", most=LARGEST_TEXT).decode("utf-8")
    except UsageError as error:
        raise _wrong(file, where, f"{wanted} is not a text file in the script's folder: {error.what}") from None
    except UnicodeDecodeError:
        raise _wrong(file, where, f"{wanted} is not a text file in the script's folder: it is not UTF-8") from None


def _convert(data: object, type_: type[S], file: Path, where: str) -> S:
    try:
        return msgspec.convert(data, prepared(type_))
    except msgspec.ValidationError as error:
        keys = [key for key in type_.__struct_fields__ if key != "turn"]
        raise _wrong(file, where, str(error), allowed=keys) from None


def _wrong(
    file: Path, where: str, what: str, hint: str = "see agents/SCRIPTS.md", allowed: Iterable[str] = ()
) -> UsageError:
    return UsageError(f"{file}: {where}: {what}", allowed=", ".join(allowed) or None, hint=hint)
