"""`conduct subscribe`: follow the feed of all tasks, in order, as JSON lines on standard output."""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from fnmatch import fnmatchcase
from types import FrameType

import msgspec

from conductor.app import App
from conductor.doors.cli.call import Call
from conductor.envelope import Recorded
from conductor.errors import Exit, UsageError
from conductor.log.keys import checked
from conductor.log.store import EventStore
from conductor.log.subscription import Unreadable, follow, save_position, saved_position

EXAMPLE = """
conduct subscribe --from start | jq .type
conduct subscribe --as dashboard --type 'phase.*'
conduct subscribe --type task.completed --count 1 --timeout 600
"""
BLOCK_MS = 500  # milliseconds until a signal is noticed
_POSITION = re.compile(r"\d{1,20}-\d{1,20}", re.ASCII)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="start",
        metavar="WHERE",
        help="start, now, or a position to continue exactly after (default: now; with --as: where it stopped)",
    )
    parser.add_argument(
        "--as",
        dest="name",
        metavar="NAME",
        help="save the position under this name after each line; after a crash, one line may be repeated",
    )
    parser.add_argument("--task", metavar="TASK", help="only this task's events; - chooses as for all commands")
    parser.add_argument("--type", default="*", metavar="GLOB", help="only matching types, such as 'phase.*'")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N events")
    parser.add_argument(
        "--timeout", type=float, metavar="S", help="stop after S seconds without an event; exit 1 if --count is not met"
    )


class StopCondition:
    """When to stop: a signal, enough events, or none for too long. A second Ctrl-C ends the process at once."""

    def __init__(self, count: int | None, timeout: float | None) -> None:
        self.left = count
        self.asked = False
        self._timeout = timeout
        self._heard = time.monotonic()

    def __call__(self) -> bool:
        silent = self._timeout is not None and time.monotonic() - self._heard > self._timeout
        return self.asked or silent or self.left == 0

    def hear(self) -> None:
        self._heard = time.monotonic()

    def ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)


def run(call: Call) -> int:
    args, app = call.args, call.fast_app
    if args.count is not None and args.count < 1:
        raise UsageError(f"--count must be at least 1, got {args.count}")
    if args.timeout is not None and not 0 <= args.timeout < float("inf"):
        raise UsageError(f"--timeout must be a finite number of seconds, 0 or more, got {args.timeout}")
    name = checked("subscriber", args.name) if args.name else None
    store = _store(app)
    start = _start(store, args.start, name)
    task = None if args.task is None else call.task(args.task, changes=False)
    stop = StopCondition(args.count, args.timeout)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop.ask)
    block = BLOCK_MS if args.timeout is None else max(1, min(BLOCK_MS, int(args.timeout * 1000)))
    for position, event in follow(store, start, block_ms=block, stop=stop):
        stop.hear()
        of, type_ = (event.envelope.task, event.envelope.type) if event.envelope else ("", "")
        if task not in (None, of) or not fnmatchcase(type_, args.type):
            continue
        sys.stdout.write(_line(position, event))
        sys.stdout.flush()
        if name:  # only after the line is written: a crash may repeat it, but loses none
            save_position(store, name, position)
        if stop.left is not None:
            stop.left -= 1
    return Exit.FAILED if stop.left and not stop.asked else Exit.OK


def _store(app: App) -> EventStore:
    """Following waits for a stopped server to return; starting it again would undo a deliberate stop."""
    if app.environment.url is not None:
        return app.store
    from conductor.log.connect import connect
    from conductor.log.embedded import ensure_running

    return EventStore(connect(ensure_running(app.home), fast=True), app.environment.namespace)


def _start(store: EventStore, given: str | None, name: str | None) -> str:
    """The position to follow from. An explicit one replaces the saved one at once."""
    if given is None:
        return saved_position(store, name) if name else store.feed_end()
    if given in ("start", "now"):
        position = "0-0" if given == "start" else store.feed_end()
    elif _POSITION.fullmatch(given) and all(int(part) < 2**64 for part in given.split("-")):
        position = given
    else:
        raise UsageError(
            f"{given[:60]!r} is not a position in the feed", allowed="start, now, or one such as 1700000000000-0"
        )
    if name:
        save_position(store, name, position)
    return position


def _line(position: str, event: Recorded | Unreadable) -> str:
    """The envelope's own JSON with the position as its first field; an unreadable event is marked, and shown raw."""
    first: dict[str, str] = {"position": position}
    if isinstance(event, Unreadable):
        first["unreadable"] = event.error
        if event.envelope is None:
            first["raw"] = event.wire.decode(errors="replace")
            return f"{msgspec.json.encode(first).decode()}\n"
    line = msgspec.json.encode(first)[:-1] + b"," + msgspec.json.encode(event.envelope)[1:]
    return f"{line.decode(errors='replace')}\n"
