"""Writes what a test needs to begin: a specification in the plain dialect, and a script for its agents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

Call = dict[str, Any]


class Module(msgspec.Struct, frozen=True):
    name: str
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class Phase(msgspec.Struct, frozen=True):
    name: str
    modules: tuple[Module, ...]
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    stubs: bool = False  # allowed
    needs: tuple[int, ...] | None = None  # None: the one before


def specification(title: str, phases: Iterable[Phase], *, end_to_end: str = "") -> str:
    """A READY.md; phases are numbered from 1, each depends on the one before, or on those that it needs."""
    lines = [f"# {title}", "", "## Mission", "", "Shows that it holds.", "", "## Implementation Phases", ""]
    for number, phase in enumerate(phases, 1):
        lines += [f"### Phase {number}: {phase.name}"]
        needs = phase.needs if phase.needs is not None else (number - 1,) if number > 1 else ()
        lines += [f"Depends on: {', '.join(f'Phase {n}' for n in needs)}"] if needs else []
        named = (f"{m.name} (depends on {', '.join(m.needs)})" if m.needs else m.name for m in phase.modules)
        lines += [f"Modules: {', '.join(named)}", *(["Allow stubs: yes"] if phase.stubs else [])]
        lines += [
            *_files("Expected Files", phase.files),
            "",
            f"- {phase.name} is built",
            "",
            *_commands(phase.commands),
        ]
        for module in phase.modules if len(phase.modules) > 1 else ():
            lines += [f"#### Module: {module.name}", *_files("Files", module.files), ""]
            lines += [f"- {module.name} is built", "", *_commands(module.commands)]
    if end_to_end:
        lines += ["## Quality Requirements", "", f"End-to-End Test: `{end_to_end}`", ""]
    return "\n".join(lines)


def _commands(commands: tuple[str, ...]) -> list[str]:
    return ["Test Commands:", *(f"- `{command}`" for command in commands), ""] if commands else []


def _files(label: str, files: tuple[str, ...]) -> list[str]:
    return [f"{label}: {', '.join(f'`{file}`' for file in files)}"] if files else []


def bash(command: str) -> Call:
    return {"tool": "bash", "command": command}


def create(path: str, text: str) -> Call:
    return {"tool": "create", "path": path, "text": text}


def turn(*calls: Call, report: str | Mapping[str, Any] | None = None, **misbehaviour: Any) -> dict[str, Any]:
    """A turn with its calls; `report` is PASS, FAIL or a whole report; `crash`, `hang`, `garbage_report`."""
    made: dict[str, Any] = {"say": "Next.", **misbehaviour}
    if calls:
        made["call"] = list(calls)
    if report is not None:
        made["report"] = {"status": report, "summary": f"I say {report}."} if isinstance(report, str) else dict(report)
    return made


def agent(*turns: dict[str, Any], **selectors: Any) -> dict[str, Any]:
    """An entry of the script; selectors are role, phase, module, attempt."""
    return {**selectors, "turn": list(turns)}


def work(*calls: Call, phase: str, module: str | None = None, **selectors: Any) -> dict[str, Any]:
    """An implementation-executor that does its calls in one turn and says PASS in the next."""
    who = {"role": "implementation-executor", "phase": phase, **({"module": module} if module else {}), **selectors}
    return agent(turn(*calls), turn(report="PASS"), **who)


REVIEWER = agent(turn(report="PASS"), role="code-reviewer")


def script(entries: Iterable[Mapping[str, Any]]) -> str:
    """The entries as TOML."""
    return "".join(f"[[agent]]\n{_pairs(entry)}\n" for entry in entries)


def _pairs(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: object) -> str:
    match value:
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case str():  # a JSON string is a TOML string, if no character outside the BMP is split in two
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)
