"""`conduct init`: create a repository and a specification to start from. Never overwrites a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from conductor.doors.cli.call import Call
from conductor.doors.cli.render.output import command, safe

EXAMPLE = """
conduct init
conduct init ~/projects/greeting
"""
SPEC = Path(".prelude") / "READY.md"
TEMPLATE = Path(__file__).with_name("template.md")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", default=".", metavar="FOLDER", help="where to create it (default: the current folder)"
    )


def run(call: Call) -> int:
    from conductor.workspace.facts import initialise

    folder, output = Path(call.args.folder).resolve(), call.output
    facts = initialise(folder)
    spec = folder / SPEC
    written = not spec.exists()
    if written:
        spec.parent.mkdir(parents=True, exist_ok=True)
        spec.write_bytes(TEMPLATE.read_bytes())
    output.data({"repository": facts.top, "commit": facts.commit, "spec": str(spec), "written": written})
    output.text(f"repository     {safe(facts.top)}, at {facts.commit[:10]}")
    output.text(f"specification  {safe(str(spec))}{'' if written else ' (already there, left as it is)'}")
    output.text()
    output.text("Next:")
    rows = [
        [f"edit {SPEC}", "say what is to be built, phase by phase"],
        [command("plan"), "see how it is read, with warnings and line numbers"],
        [command("run --agent KIND:SOURCE"), "build it; commit your own files first"],
    ]
    output.table(rows, indent=2, whole=True)
    return 0
