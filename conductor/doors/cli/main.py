"""Which commands there are; parse one, run it, and turn every error into a message and an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from conductor.doors.cli.call import Call
from conductor.doors.cli.output import Output, command, in_reach
from conductor.errors import ConductorError, Exit

GROUPS: dict[str, dict[str, str]] = {
    "Build": {
        "init": "make a repository and a READY.md to start from",
        "plan": "show the phases of a specification, with warnings and lines",
        "run": "build a specification, from plan to finished branch",
        "start": "begin a task without driving it",
        "continue": "go on with a task, also after a crash",
        "answer": "answer a question that a task waits for",
        "pause": "stop a task cleanly; it can be resumed",
        "resume": "let a paused task go on, without driving it",
        "abandon": "give a task up; its history stays",
        "rollback": "return a task to a checkpoint, tree and state together",
    },
    "Look": {
        "status": "where a task stands",
        "list": "all tasks",
        "checkpoints": "a task's checkpoints",
        "docs": "what was learned: discoveries, corrections, gotchas",
        "events": "a task's history, event by event",
        "replay": "the state at any version, folded from the recorded facts",
        "verify": "whether the record is whole: versions, chain, lifecycle, projections, git",
    },
    "Connect": {
        "emit": "append a fact to a task",
        "subscribe": "follow the feed of all tasks as JSON lines",
        "server": "the embedded event store: status, start, stop",
        "doctor": "what is wrong with this machine's setup, and how to mend it",
        "version": "versions of Conductor and of what it uses",
    },
}
COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}


class Parser(argparse.ArgumentParser):
    """argparse, with errors in our form and our exit code."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {message}", file=sys.stderr)
        print(f"to do: {self.prog} --help", file=sys.stderr)
        sys.exit(Exit.USAGE)


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(_help())
        return Exit.OK if argv else Exit.USAGE
    if argv[0] == "--version":
        argv = ["version"]
    name = argv[0]
    if name not in COMMANDS:
        import difflib

        near = difflib.get_close_matches(name, COMMANDS, 1)
        print(f"error: there is no command {name!r}", file=sys.stderr)
        print(f"allowed: {', '.join(COMMANDS)}", file=sys.stderr)
        print(f"to do: {command(near[0] if near else '--help')}", file=sys.stderr)
        return Exit.USAGE
    module = importlib.import_module(f"conductor.doors.cli.{'continue_' if name == 'continue' else name}")
    parser = Parser(
        prog=f"conduct {name}",
        description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".",
        epilog="example:\n" + "\n".join(f"  {line}" for line in module.EXAMPLE.strip().splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    module.arguments(parser)
    args = parser.parse_args(argv[1:])
    return _run(module.run, args)


def _run(run: object, args: argparse.Namespace) -> int:
    output = Output(json=args.json)
    try:
        return int(run(Call(args, output)))  # type: ignore[operator]
    except ConductorError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        print(in_reach("interrupted; nothing is lost: `conduct continue` goes on"), file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left; what we did is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        output.error(ConductorError(f"{error.strerror or error}{where}", hint="`conduct doctor` looks at the setup"))
        return Exit.WORKSPACE


def _help() -> str:
    lines = ["Conductor: AI agents build a specification; every step is on record.", "", "usage: conduct COMMAND …"]
    for group, commands in GROUPS.items():
        lines += ["", group]
        lines += [f"  {name:<12} {text}" for name, text in commands.items()]
    lines += ["", "`conduct COMMAND --help` shows a command's options and an example. Every command takes --json."]
    return "\n".join(lines)
