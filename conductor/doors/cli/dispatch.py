"""Runs one command: parses its arguments and turns every error into a message and an exit code."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from conductor.doors.cli.call import Call
from conductor.doors.cli.render.output import Output, in_reach
from conductor.doors.fault import internal_error
from conductor.errors import ConductorError, CorruptLog, Exit


class Parser(argparse.ArgumentParser):
    """argparse, with errors in our form and our exit code."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {message}", file=sys.stderr)
        print(f"hint: {self.prog} --help", file=sys.stderr)
        sys.exit(Exit.USAGE)


def file_of(name: str) -> str:
    """The module of the command `name`."""
    return "continue_" if name == "continue" else name.replace("-", "_")


def dispatch(room: str, name: str, what: str, argv: Sequence[str]) -> int:
    """Run the command `name` from the folder `room`; `what` is its description. Returns the exit code."""
    module = importlib.import_module(f"conductor.doors.cli.commands.{room}.{file_of(name)}")
    parser = Parser(
        prog=f"conduct {name}",
        description=what[0].upper() + what[1:] + ".",
        epilog="example:\n" + "\n".join(f"  {line}" for line in module.EXAMPLE.strip().splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    module.arguments(parser)
    several = parser.get_default("usage") is not None  # several words, possibly with options between them
    args = parser.parse_intermixed_args(argv) if several else parser.parse_args(argv)
    return _run(module.run, args)


def _run(run: object, args: argparse.Namespace) -> int:
    output = Output(json=args.json)
    call = Call(args, output)
    try:
        return int(run(call))  # type: ignore[operator]
    except ConductorError as error:
        if isinstance(error, CorruptLog) and not error.hint and call.found:
            error.hint = f"`conduct verify {call.found}` says more"
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        print(in_reach("interrupted; nothing is lost: `conduct continue` continues"), file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        output.discard()  # the command itself has succeeded
        return Exit.OK
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        output.error(ConductorError(f"{error.strerror or error}{where}", hint="`conduct doctor` checks the setup"))
        return Exit.WORKSPACE
    except Exception as error:  # our own fault: one line for the user, the traceback in the state folder
        output.error(internal_error(error, command=sys.argv[1:2]))
        return Exit.FAILED
