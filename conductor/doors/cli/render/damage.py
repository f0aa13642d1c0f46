"""How a task with a damaged record is shown: the same words and fields everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor.doors.cli.render.output import Output, command, safe

if TYPE_CHECKING:
    from conductor.app import App
    from projections.engine import Quarantined


def quarantine(held: Quarantined | None) -> dict[str, object]:
    """The JSON fields; `held` is None for a sound record."""
    return {"quarantined": False} if held is None else {"quarantined": True, "error": damage(held)}


def damage(held: Quarantined) -> str:
    """What is wrong and where, safe to print."""
    return f"damaged{f' at version {held.version}' if held.version else ''}: {safe(held.error)}"


def trouble(held: Quarantined) -> str:
    """The same, as the beginning of a sentence that names the task."""
    return f"{safe(held.task)} is {damage(held)}"


def warn(app: App, task: str, output: Output) -> None:
    """Print a warning above the last known state of a damaged task."""
    for held in app.damaged(task).values():
        output.text(output.paint(f"{trouble(held)}. What follows was known before; `{remedy(task)}` says more", "red"))


def remedy(task: str) -> str:
    """The command that says more."""
    return command(f"verify {safe(task)}")
