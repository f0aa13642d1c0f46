"""`conduct verify`: check that a task's record is intact and legal, and agrees with git. Repairs nothing."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.output import Output, safe
from conductor.errors import CorruptLog, Exit, WorkspaceError
from conductor.events import TaskCreated
from conductor.inspection import Inspection
from conductor.log.store import EventStore

EXAMPLE = """
conduct verify
conduct verify pinch --check --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)
    parser.add_argument(
        "--check", action="store_true", help="repeat all decisions, and show where today's rules differ"
    )


def run(call: Call) -> int:
    from conductor.doors.cli.commands.look.witness import GitRepositoryWitness
    from replay.verify import verify

    app, output = call.app, call.output
    task = call.task(call.args.task, changes=False, app=app)
    place = _repository(app.store, task)
    witness = None
    with contextlib.suppress(WorkspaceError):
        witness = GitRepositoryWitness(place) if place else None
    report = verify(app.store, task, witness)
    rows = list(report.rows)
    if witness is None:
        rows.append(Inspection("git", None, f"not checked: the repository is missing ({place or 'unknown'})"))
    if call.args.check:
        rows += _decided_again(app.store, task)
    good = all(row.ok is not False for row in rows)
    output.data({"task": task, "version": report.version, "head": report.head, "ok": good, "rows": rows})
    _tell(rows, output)
    output.text()
    last = f"version {report.version}, chain head {report.head[:16]}"
    output.text(
        f"{task}: {output.paint('verified', 'green') if good else output.paint('FAILED', 'red', 'bold')} ({last})"
    )
    return Exit.OK if good else Exit.FAILED


def _tell(rows: list[Inspection], output: Output) -> None:
    output.table([[output.mark(row.ok), row.name, safe(row.detail)] for row in rows])


def _repository(store: EventStore, task: str) -> Path | None:
    """The repository that the first event names. An unreadable record is left for `verify` to report."""
    try:
        first = store.read(task, upto=1)
    except CorruptLog:
        return None
    body = first[0].body if first else None
    return Path(body.repository) if isinstance(body, TaskCreated) else None


def _decided_again(store: EventStore, task: str) -> list[Inspection]:
    """One row per difference. It is not a fault of the record: the rules have changed since."""
    from replay.check import check

    try:
        decided = check(store, task)
    except CorruptLog as error:
        return [Inspection("decisions", None, f"not repeated: {error.what}")]
    if not decided.differences:
        return [Inspection("decisions", True, f"all {decided.batches} batches are decided the same today")]
    return [Inspection("decisions", False, f"version {d.version} ({d.says}): {d.reason}") for d in decided.differences]
