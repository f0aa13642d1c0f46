"""`conduct plan`: show the phases of a specification as they will be built, with warnings and line numbers."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from pathlib import Path

from conductor.doors.cli.call import Call
from conductor.doors.cli.render.cells import pad
from conductor.doors.cli.render.output import Output, command, count, safe
from conductor.doors.cli.render.quote import numbered, rows
from conductor.errors import UsageError
from conductor.plan.model import Criterion, Phase, Plan

EXAMPLE = """
conduct plan
conduct plan docs/READY.md --json | jq '.phases[].name'
conduct plan --from specs/001-login/tasks.md --write
"""
SPEC = ".prelude/READY.md"
LABEL = 10  # columns


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", default=SPEC, metavar="FILE", help="the specification (default: %(default)s)"
    )
    parser.add_argument(
        "--from", dest="source", metavar="FILE", help="read a plan of another kind (tasks.md, a PRD, …)"
    )
    parser.add_argument("--write", action="store_true", help="write what was read as a strict READY.md")
    parser.add_argument("--to", default=SPEC, metavar="FILE", help="where --write writes (default: %(default)s)")


def run(call: Call) -> int:
    from conductor.reading.writer import plan_to_json
    from conductor.tasks.create import read_spec

    args, output = call.args, call.output
    file = args.source or args.file
    _, plan = read_spec(Path(file))
    if args.write:
        return _write(plan, Path(args.to), output)
    output.data(plan_to_json(plan))
    if not output.json:
        _tell(plan, file, output)
    return 0


def _write(plan: Plan, path: Path, output: Output) -> int:
    """Write the plan as a strict READY.md. Raises UsageError if the file exists."""
    from conductor.plan.lint import lint
    from conductor.reading.reader import read
    from conductor.reading.writer import differences, plan_to_ready

    text = plan_to_ready(plan)
    written = read(text, name=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists and is not overwritten", hint="write elsewhere with --to FILE") from None
    changed, lacks = differences(plan, written), lint(written)
    output.data({"file": str(path), "phases": len(written.phases), "differences": changed, "lacks": lacks})
    output.text(f"{safe(str(path))}: {count(len(written.phases), 'phase')}")
    for name in changed:
        text = f"reads differently from the original: {safe(name)}"
        output.wrapped(output.paint(text, "yellow"), first="  ", rest="    ")
    if lacks:
        points = count(len(lacks), "point")
        output.text(f"`{command(f'lint-spec {shlex.quote(str(path))}')}` shows {points} to improve.")
    return 0


def _tell(plan: Plan, file: str, output: Output) -> None:
    from conductor.plan.complexity import explain

    output.title(plan.title)
    if plan.mission:
        output.wrapped(safe(plan.mission), first="  ")
    parts = ", ".join(f"{part.points:g} for {part.count} {part.name}" for part in explain(plan) if part.count)
    output.wrapped(f"complexity {plan.complexity} of 100: {parts}", first="  ", rest="    ")
    for phase in plan.phases:
        _phase(phase, plan, output)
    _subplans(plan, Path(file), output)
    if plan.success_criteria or plan.end_to_end:
        output.text()
        output.text(output.paint("Final validation", "bold"))
        _field(output, "criteria", (_criterion(c, output) for c in plan.success_criteria))
        _field(output, "end to end", _commands(filter(None, [plan.end_to_end]), output))
    if plan.warnings:
        output.text()
        output.text(output.paint("Warnings", "yellow", "bold"))
        for warning in plan.warnings:
            output.wrapped(f"{safe(file)}:{warning.line}: {safe(warning.message)}", first="  ", rest="    ")
    output.text()
    output.text(f"`{command(f'run {safe(shlex.quote(file))} --agent KIND:SOURCE')}` builds it.")


def _phase(phase: Phase, plan: Plan, output: Output) -> None:
    output.text()
    first, last = phase.lines
    notes = [f"lines {first}-{last}", *([phase.duration] if phase.duration else [])]
    output.title(f"Phase {phase.number}: {phase.name}", output.paint(safe(", ".join(notes)), "dim"))
    if phase.status == "done":
        output.text("  already done: will be skipped")
        return
    _field(output, "after", [safe(", ".join(f"phase {n}" for n in phase.depends_on))] if phase.depends_on else [])
    together, then = (" ∥ ", " → ") if output.unicode else (" || ", " -> ")
    waves = then.join(together.join(wave) for wave in phase.waves())
    where = "each in its own worktree" if len(phase.modules) > 1 else "in the task's worktree"
    _field(output, "modules", [f"{safe(waves)}  ({where})"])
    _field(output, "goals", map(safe, phase.goals))
    _field(output, "files", [safe(", ".join(phase.expected_files))] if phase.expected_files else [])
    _field(output, "tests", _commands(phase.test_commands, output))
    _field(output, "criteria", (_criterion(c, output) for c in phase.success_criteria))
    _field(output, "gotchas", map(safe, phase.gotchas))
    _field(output, "stubs", ["allowed in this phase"] if phase.allows_stubs else [])
    inherited = ", ".join(name.replace("_", " ") for name in phase.inherited)
    _field(output, "inherited", [f"{inherited} (from the document)"] if inherited else [])


def _subplans(plan: Plan, file: Path, output: Output) -> None:
    """The subplans that the plan would be decomposed into, by the settings of the repository around its file."""
    from conductor.plan.decompose import decompose

    above = _threshold(file)
    subplans = decompose(plan, above) if plan.complexity > above else ()
    if not subplans:
        return
    output.text()
    output.text(output.paint(f"Complexity above {above}: decomposed into {count(len(subplans), 'subtask')}", "bold"))
    for subplan in subplans:
        phases = ", ".join(f"phase {p.number}" for p in subplan.plan.phases)
        after = f", after {', '.join(subplan.depends_on)}" if subplan.depends_on else ""
        details = output.paint(safe(f"{phases}, complexity {subplan.plan.complexity}{after}"), "dim")
        output.wrapped(f"{safe(subplan.name)}  {details}", first="  ", rest="    ")


def _threshold(file: Path) -> int:
    from conductor.config.configuration import NAME, read_settings

    above = (folder for folder in file.absolute().parents if (folder / NAME).exists() or (folder / ".git").exists())
    return read_settings(next(above, file.absolute().parent)).decompose_above


def _field(output: Output, name: str, lines: Iterable[str]) -> None:
    """Print lines that are safe to print, the first one labelled with the field's name."""
    label = name
    for line in lines:
        output.wrapped(line, first=f"  {output.paint(pad(label, LABEL), 'dim')}  ", rest=" " * (LABEL + 4))
        label = ""


def _commands(commands: Iterable[str], output: Output) -> list[str]:
    """Each in full, exactly as written; numbered if there are several."""
    listed = list(commands)
    if len(listed) > 1:
        return list(numbered(listed, output, LABEL + 4))
    return [row for text in listed for row in rows(text, output, LABEL + 4, exact=True)]


def _criterion(criterion: Criterion, output: Output) -> str:
    proof, colour = "no check proves it", "yellow"
    if criterion.proofs:
        proof, colour = f"proven by {', '.join(criterion.proofs)}", "green"
    return f"{safe(criterion.id)}  {safe(criterion.text)}  {output.paint(f'[{proof}]', colour)}"
