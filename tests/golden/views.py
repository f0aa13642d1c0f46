"""What a golden store is compared by: what `conduct` shows of it, and what it came to in the end.

Only doors that users have; of the state within, what `replay --json` prints.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.golden.stage import Stage

Shown = dict[str, Any]

VIEWS = ("status", "checkpoints", "questions", "docs", "cost", "transcript", "replay")
POINTS = 4  # versions of a history that are looked at, besides the last one


def shown(stage: Stage, task: str, view: str) -> Any:
    """What a command prints of a task. The plan is left out: it is long, and stands in the first event as it is."""
    found = stage.look(view, task)
    if view == "questions":
        return found
    (value,) = found
    if view == "replay":
        value.pop("plan")
    return value


def history(stage: Stage, task: str, version: int) -> list[Shown]:
    """The task at some of its versions before `version`, in short."""
    versions = sorted({max(1, version * n // (POINTS + 1)) for n in range(1, POINTS + 1)})
    return [_short(stage.look("replay", task, "--at", str(at))[0]) for at in versions]


def verified(stage: Stage, task: str) -> dict[str, bool | None]:
    """The rows of `conduct verify --check`: what was looked at, and whether it is in order."""
    (report,) = stage.look("verify", task, "--check")
    return {row["name"]: row["ok"] for row in report["rows"]}


def came_to(stage: Stage) -> Shown:
    """What may not differ between two runs of the same: no times, no versions, no commit ids, no processes."""
    return {task: _end(stage, task) for task in sorted(view["id"] for view in stage.look("list")[0])}


def _end(stage: Stage, task: str) -> Shown:
    status = shown(stage, task, "status")
    numbers = {name: count for name, count in status["numbers"].items() if name != "events"}
    branch = status["branch"]
    points = [point for point in shown(stage, task, "checkpoints") if not point["abandoned"]]
    types = Counter(event["type"] for event in stage.look("events", task))
    refs = stage.git("for-each-ref", "--format=%(refname)").splitlines()
    begun = f"refs/heads/{branch}" in refs
    return {
        "status": status["status"],
        "phases": {phase["number"]: phase["status"] for phase in status["phases"]},
        "questions": len(status["questions"]),
        "waived": status["waived"],
        "unproven": [one["criterion"] for one in status["unproven"]],
        "numbers": numbers,
        # Of claims there is one more for each death.
        "types": {type_: count for type_, count in sorted(types.items()) if not type_.startswith("effect.")},
        "delivered": bool(status["delivered"]),
        "checkpoints": [[point["number"], point["phase"], point["tree"]] for point in points],
        "tree": stage.git("rev-parse", f"{branch}^{{tree}}") if begun else "",
        "subjects": stage.git("log", "--first-parent", "--format=%s", branch).splitlines() if begun else [],
        "main": stage.git("rev-parse", "main^{tree}"),
        "changed": stage.git("status", "--porcelain"),
        "refs": [ref for ref in refs if task in ref.split("/") or ref.endswith(f"/{task}")],
        "docs": shown(stage, task, "docs"),
        "verify": verified(stage, task),
    }


def _short(state: Shown) -> Shown:
    return {
        "version": state["version"],
        "status": state["status"],
        "head": state["head"],
        "phases": {number: phase["status"] for number, phase in state["phases"].items()},
        "open": sorted(state["open"]),
        "questions": sorted(state["questions"]),
        "checkpoints": [point["number"] for point in state["checkpoints"]],
        "amendments": len(state["amendments"]),
    }


def known(now: object, recorded: object) -> object:
    """`now` without the fields that came into being since: what was recorded may not differ.

    A field is an identifier: a phase, an effect or a document more than there were is none.
    """
    if isinstance(now, dict) and isinstance(recorded, dict) and recorded:
        new = {key for key in now if key not in recorded and key.isidentifier()}
        return {key: known(value, recorded.get(key)) for key, value in now.items() if key not in new}
    if isinstance(now, list) and isinstance(recorded, list) and len(now) == len(recorded):
        return [known(*pair) for pair in zip(now, recorded, strict=True)]
    return now
