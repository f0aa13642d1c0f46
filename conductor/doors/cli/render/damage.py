"""What is told of a task whose record is damaged: the same words and fields, wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor.doors.cli.render.output import Output, command, safe

if TYPE_CHECKING:
    from conductor.app import App
    from projections.engine import Quarantined


def quarantine(held: Quarantined | None) -> dict[str, object]:
    """For programs; None: its record is sound."""
    return {"quarantined": False} if held is None else {"quarantined": True, "error": damage(held)}


def damage(held: Quarantined) -> str:
    """What is wrong and where, safe to print."""
    return f"damaged{f' at version {held.version}' if held.version else ''}: {safe(held.error)}"


def trouble(held: Quarantined) -> str:
    """The same as a sentence's beginning that names the task."""
    return f"{safe(held.task)} is {damage(held)}"


def warn(app: App, task: str, output: Output) -> None:
    """Say so above what was folded of a damaged task, and still is there."""
    for held in app.damaged(task).values():
        output.text(output.paint(f"{trouble(held)}. Shown is what was known before; `{remedy(task)}` says more", "red"))


def remedy(task: str) -> str:
    """The command that says more."""
    return command(f"verify {safe(task)}")
