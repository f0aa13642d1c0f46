"""`conduct lint-spec`: show what a specification lacks for a good run, with line numbers."""

from __future__ import annotations

import argparse
from pathlib import Path

from conductor.doors.cli.call import Call
from conductor.doors.cli.render.output import count, safe
from conductor.errors import Exit

EXAMPLE = """
conduct lint-spec
conduct lint-spec docs/READY.md --json | jq -r '.lacks[].what'
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", default=".prelude/READY.md", metavar="FILE", help="the specification (default: %(default)s)"
    )


def run(call: Call) -> int:
    """Exit code 1 if something is missing: a build that starts with a gap ends with one."""
    from conductor.plan.lint import lint
    from conductor.tasks.create import read_spec

    file, output = call.args.file, call.output
    _, plan = read_spec(Path(file))
    lacks = lint(plan)
    output.data({"file": file, "phases": len(plan.phases), "lacks": lacks})
    for lack in lacks:
        where = f"{safe(file)}:{lack.line}" if lack.line else safe(file)
        output.wrapped(f"{output.paint(where, 'dim')}: {safe(lack.what)}", rest="    ")
        if lack.remedy:
            output.wrapped(safe(lack.remedy), first="    write: ")
    read = count(len(plan.phases), "phase")
    output.text(f"{read}: {count(len(lacks), 'point')} to improve." if lacks else f"{read}: nothing is missing.")
    return Exit.FAILED if lacks else Exit.OK
