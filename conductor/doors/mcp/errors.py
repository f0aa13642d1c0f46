"""Errors for a model: what is wrong, what is allowed, and what to do next; never a traceback."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from conductor.doors.mcp.session import Session
from conductor.errors import ConductorError, CorruptLog, Refused, StoreError
from conductor.text import clean, one_line

LINE, TEXT = 300, 4_000  # characters


def told(error: ConductorError, following: str) -> str:
    """An error in up to four lines."""
    parts = [clean(error.what, TEXT)]
    parts += [f"allowed: {clean(error.allowed, TEXT)}"] if error.allowed else []
    parts += [f"hint: {clean(error.hint, TEXT)}"] if error.hint else []
    return "\n".join([*parts, f"next: {following}"])


def next_after(error: ConductorError, arguments: Mapping[str, Any], session: Session) -> str:
    """The call that helps after this error."""
    if isinstance(error, StoreError) and not isinstance(error, CorruptLog):
        return "what was recorded is safe. Call get_task_state when the store is back, and continue from there"
    named = arguments.get("task_id")
    if not isinstance(named, str):
        if isinstance(error, Refused):
            return "list_tasks() shows the tasks, and get_full_state(task_id) continues one"
        return _AGAIN
    with contextlib.suppress(ConductorError):
        return f'next_step(task_id="{session.app.find(named)}") says what is possible'
    return "list_tasks() shows the tasks"


def wrong_arguments(tool: str, error: ValidationError, allowed: Mapping[str, Any]) -> str:
    """Which arguments do not fit, and which there are."""
    rows = []
    for row in error.errors(include_url=False, include_input=False)[:10]:
        where = ".".join(map(str, row["loc"])) or "the arguments"
        rows.append(f"{where}: {one_line(row['msg'], LINE)}")
    return "\n".join(
        [f"the arguments of {tool} do not fit: {'; '.join(rows)}", f"allowed: {_listed(allowed)}", f"next: {_AGAIN}"]
    )


def unknown_arguments(tool: str, names: list[str], allowed: Mapping[str, Any]) -> str:
    listed = ", ".join(one_line(name, 60) for name in names[:5])
    return f"{tool} does not take {listed}\nallowed: {_listed(allowed)}\nnext: {_AGAIN}"


def too_large(tool: str, size: int, most: int) -> str:
    return (
        f"the arguments of {tool} have {size} characters\nallowed: up to {most} characters in all\n"
        "next: write long text into a file in the working directory, and name the file"
    )


def size_of(value: object) -> int:
    """Characters of all texts in some JSON, names included."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(size_of(k) + size_of(v) for k, v in value.items())
    if isinstance(value, list):
        return sum(map(size_of, value))
    return 8


_AGAIN = "correct the arguments and call again"


def _listed(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    names = schema.get("properties", {})
    return ", ".join(name if name in required else f"{name} (optional)" for name in names) or "no arguments"
