"""`conduct transcript`: which agents worked for a task, and what one of them said and did."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.output import Output, command, safe
from conductor.envelope import Recorded
from conductor.errors import UsageError
from conductor.events import AttemptEnded, Body
from conductor.events.digests import digests
from conductor.log.blobs import Blobs
from conductor.log.keys import transcript_of
from conductor.log.store import EventStore

if TYPE_CHECKING:
    from replay.cost import Attempt

EXAMPLE = """
conduct transcript
conduct transcript - 2:parser --follow
conduct transcript pinch fix-executor --full
"""
LOOK = 0.25  # seconds between reads of a transcript that is still growing


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)
    parser.add_argument(
        "agent", nargs="?", metavar="AGENT", help="an attempt's id or a unique part of it; omitted: list them"
    )
    parser.add_argument("--follow", action="store_true", help="follow until the attempt ends")
    parser.add_argument("--full", action="store_true", help="show long texts in full")


def run(call: Call) -> int:
    from replay.cost import attempts

    app, args, output = call.fast_app, call.args, call.output
    task = call.task(args.task, changes=False)
    rows = attempts(app.store, task)
    if args.agent is None:
        if args.follow:
            raise UsageError("--follow follows one agent", hint=f"`conduct transcript {task} AGENT --follow`")
        _list(task, rows, output)
        return 0
    row = _chosen(task, rows, args.agent)
    events = _events(app.store, transcript_of(task, row.effect), follow=args.follow and not row.verdict)
    if output.json:
        for event in events:
            output.data({"event": event.envelope, **_texts(event.body, app.store.blobs)})
        return 0
    from conductor.doors.cli.render.turns import Teller

    shown = 0
    teller = Teller(output, app.store.blobs, full=args.full)
    for shown, event in enumerate(events, 1):  # noqa: B007 (counted)
        teller.tell(event)
    if not shown:
        output.text(f"{safe(row.effect)} has not started yet.")
    return 0


def _list(task: str, rows: Sequence[Attempt], output: Output) -> None:
    output.data([{"tokens": _tokens(row), **msgspec.structs.asdict(row)} for row in rows])
    if not rows:
        output.text(f"No agent has worked for task {task} yet.")
        return
    head = [output.paint(name, "dim") for name in ("role", "where", "attempt", "verdict", "turns", "tokens", "AGENT")]
    output.table(
        [
            head,
            *(
                [
                    safe(row.role),
                    safe(_where(row)),
                    str(row.attempt),
                    _verdict(row, output),
                    str(row.turns),
                    f"{_tokens(row):,}",
                    safe(row.effect),
                ]
                for row in rows
            ),
        ],
        whole=True,
    )
    output.text(f"`{command(f'transcript {task} AGENT')}` shows one.")


def _chosen(task: str, rows: Sequence[Attempt], name: str) -> Attempt:
    """The attempt with this id, or the only one whose id contains it. Raises UsageError."""
    alike = [row for row in rows if row.effect == name] or [row for row in rows if name in row.effect]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise UsageError(f"several agents of task {task} match {name!r}", allowed=", ".join(r.effect for r in alike))
    raise UsageError(f"task {task} has no agent {name!r}", hint=f"`conduct transcript {task}` lists them")


def _events(store: EventStore, stream: str, *, follow: bool) -> Iterator[Recorded]:
    """The events so far, and with `follow` those to come, until the attempt has ended."""
    seen = 0
    while True:
        for event in store.read(stream, after=seen):
            seen = event.version
            yield event
            if isinstance(event.body, AttemptEnded):
                return
        if not follow:
            return
        time.sleep(LOOK)


def _texts(body: Body, blobs: Blobs) -> dict[str, str | None]:
    """The texts that an event names by digest; None for an erased one."""
    named = set(digests(body))
    found = {}
    for field in body.__struct_fields__:
        if isinstance(digest := getattr(body, field), str) and digest in named:
            kept = blobs.get(digest)
            found[field] = kept.decode(errors="replace") if kept is not None else None
    return found


def _where(row: Attempt) -> str:
    return "whole" if row.phase is None else f"phase {row.phase}" + (f", {row.module}" if row.module else "")


def _verdict(row: Attempt, output: Output) -> str:
    colour = {"PASS": "green", "": "cyan"}.get(row.verdict, "red")
    return output.paint(row.verdict or "at work", colour)


def _tokens(row: Attempt) -> int:
    return sum(usage.total for usage in row.usage.values())
