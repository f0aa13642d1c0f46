"""`conduct events`: a task's history, event by event."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fnmatch import fnmatchcase

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.output import Output, safe
from conductor.doors.cli.render.times import moment
from conductor.envelope import Recorded, decode
from conductor.errors import CorruptLog, UsageError
from conductor.log.store import damaged

EXAMPLE = """
conduct events --type 'check.*' --phase 2
conduct events pinch --from 40 --to 60 --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)
    parser.add_argument("--type", default="*", metavar="GLOB", help="only matching types, such as 'phase.*'")
    parser.add_argument("--phase", metavar="N", help="only events about this phase")
    parser.add_argument("--effect", metavar="NAME", help="only this effect: its request, claims and outcome")
    parser.add_argument("--from", dest="first", type=int, default=1, metavar="V", help="start at this version")
    parser.add_argument("--to", dest="last", type=int, metavar="V", help="stop after this version")
    parser.add_argument("--limit", type=int, metavar="N", help="only the last N of them")


def run(call: Call) -> int:
    args, app, output = call.args, call.fast_app, call.output
    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit {args.limit} leaves nothing", allowed="1 or more")
    task = call.task(args.task, changes=False)
    rows = [
        (wire, event)
        for wire, event, phase in _with_phases(task, app.store.raw(task))
        if args.first <= event.version
        and (args.last is None or event.version <= args.last)
        and fnmatchcase(event.type, args.type)
        and args.phase in (None, phase)
        and args.effect in (None, getattr(event.body, "effect", None), event.envelope.correlation)
    ]
    rows = rows[-args.limit :] if args.limit else rows
    if output.json:
        for wire, _ in rows:
            print(wire.decode(errors="replace"))
        return 0
    lines([event for _, event in rows], output)
    return 0


def lines(events: list[Recorded], output: Output) -> None:
    """Print version, time, actor, type and description, one line per event."""
    from replay.describe import describe

    output.table(
        [
            [
                str(event.version),
                output.paint(moment(event.envelope.time), "dim"),
                safe(event.envelope.actor),
                output.paint(safe(event.type), "cyan"),
                safe(describe(event)),
            ]
            for event in events
        ]
    )


def _with_phases(task: str, wires: list[bytes]) -> Iterator[tuple[bytes, Recorded, str | None]]:
    """Each event with the phase it is about: its own, or that of the request it belongs to."""
    phases: dict[str, str | None] = {}
    for version, wire in enumerate(wires, 1):
        try:
            event = decode(wire)
        except CorruptLog as error:
            raise damaged(task, error.what, version) from None
        effect = getattr(event.body, "effect", None)
        phase = getattr(event.body, "phase", None) or getattr(getattr(event.body, "question", None), "phase", None)
        if effect is not None:
            phase = phases.setdefault(effect, phase)
        yield wire, event, phase
