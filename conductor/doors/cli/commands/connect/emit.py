"""`conduct emit`: append a fact from outside to a task's record. Imports nothing heavy, as scripts call it often."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from conductor.config import given
from conductor.doors.cli.call import CHANGES, Call, words_argument
from conductor.doors.facts import EMITTED, fact, possible, signature
from conductor.errors import UsageError
from conductor.log.limits import MAX_EVENT

EXAMPLE = """
conduct emit team.deployed --data '{"to": "staging"}'
conduct emit pinch question.answered --data '{"question": "q1", "choice": "retry"}' --request ci-4711
conduct emit - team.report --data @report.json --actor script:nightly
conduct emit --types -
"""
_ACTOR = re.compile(r"(person|client|script):[\w.@/+-]{1,100}")


def arguments(parser: argparse.ArgumentParser) -> None:
    words_argument(parser, "TYPE", help=f"TYPE: an input type, or namespace.name of your own. TASK: {CHANGES}")
    parser.add_argument(
        "--data", default="{}", metavar="JSON", help="a JSON object; @FILE reads a file, - standard input"
    )
    parser.add_argument("--request", metavar="KEY", help="makes it safe to repeat: the same key twice is one event")
    parser.add_argument(
        "--actor", metavar="ROLE:NAME", help="who says it: person, client or script (default: person:USER)"
    )
    parser.add_argument(
        "--types", action="store_true", help="list the types that can be emitted; with TASK, which it would accept now"
    )


def run(call: Call) -> int:
    args = call.args
    if args.types:
        return _types(call)
    if args.request == "":
        raise UsageError(
            "--request is empty, so a repeat could not be recognised", allowed="a text that is unique to the event"
        )
    name, type_ = call.words("TYPE")
    actor = _actor(args.actor) if args.actor else call.person
    body = fact(type_, _data(args.data))
    ledger = call.fast_app.known(call.task(name, changes=True))
    event = ledger.submit(body, actor=actor, request=args.request)[0]
    call.output.data(event.envelope)
    call.output.text(f"{event.envelope.task}/{event.version} {event.type}")
    return 0


def _actor(given: str) -> str:
    if not _ACTOR.fullmatch(given):
        raise UsageError(f"{given[:120]!r} is not an actor", allowed="person:NAME, client:NAME, script:NAME")
    return given


def _data(given_as: str) -> bytes:
    if given_as == "-":
        data = given.standard_input("the data", most=MAX_EVENT)
    elif given_as.startswith("@"):
        allowed = "a file; `-` reads standard input, including a pipe"
        data = given.read(Path(given_as[1:]), "the data", most=MAX_EVENT, allowed=allowed)
    else:
        data = given_as.encode("utf-8", "surrogateescape")
    return given.text(data, "the data").encode()


def _types(call: Call) -> int:
    state = None
    if given := call.args.words:
        if len(given) > 1:
            raise UsageError(f"{' '.join(given)!r} is not one task", allowed="conduct emit --types [TASK]")
        state = call.fast_app.known(call.task(given[0], changes=False)).state
    rows, listed = [], []
    for row in EMITTED:
        now = None if state is None else possible(state, row)
        listed.append({"type": row.name, "fields": signature(row.body), **({} if now is None else {"possible": now})})
        mark = [] if now is None else [call.output.mark(now or None)]
        rows.append([*mark, row.name, call.output.paint(signature(row.body), "dim")])
    call.output.data(listed)
    call.output.table(rows)
    call.output.text()
    if state is not None:
        call.output.text(f"Marked types would be accepted by task {state.id} now; it is {state.status}.")
    call.output.text("Also any type `namespace.name` in a namespace of your own, with any JSON object.")
    return 0
