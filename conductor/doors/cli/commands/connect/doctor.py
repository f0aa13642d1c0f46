"""`conduct doctor`: what is wrong with this machine's setup, and how to mend it."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator

from conductor.config.environment import Environment
from conductor.doors.cli.call import Call
from conductor.doors.cli.render.damage import damage, remedy
from conductor.doors.cli.render.output import count, safe
from conductor.errors import ConductorError, Exit
from conductor.inspection import Inspection

EXAMPLE = """
conduct doctor
CONDUCT_REDIS_URL=redis://localhost:6379/0 conduct doctor
"""
PYTHON, GIT = (3, 11), (2, 38)
LITTLE, MUCH_TOO_LITTLE = 2_000_000_000, 200_000_000  # bytes of free disk space
ENTRIES = 8  # of PATH that are told
TOOLS = ("node", "npm", "cargo", "go")  # what projects in other languages are checked with


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(call: Call) -> int:
    output = call.output
    rows = [*_programs(), *_claude_code(), *_sandbox(), *_path(), *_folder(), *_store(), *_records(call), *_tools()]
    rows += _packages()
    good = all(row.ok is not False for row in rows)
    output.data({"ok": good, "rows": rows})
    output.table([[output.mark(row.ok), safe(row.name), safe(row.detail)] for row in rows], whole=True)
    hints = [[safe(row.name), safe(row.hint)] for row in rows if row.hint and row.ok is not True]
    if hints:
        output.text()
        output.text("Hints:")
        output.table(hints, indent=2, whole=True)
    return Exit.OK if good else Exit.FAILED


def _programs() -> Iterator[Inspection]:
    from conductor.doors.cli.commands.connect.inventory import git_version

    fits = sys.version_info[:2] >= PYTHON
    yield Inspection("python", fits, f"{platform.python_version()}  {sys.executable}", "use Python 3.11 or newer")
    version = git_version()
    if version is None:
        yield Inspection("git", False, "not found", "install git 2.38 or newer and put it on PATH")
        return
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    yield Inspection("git", numbers >= GIT, version, "update git to 2.38 or newer")


def _claude_code() -> Iterator[Inspection]:
    """Only `--agent claude-code` needs it."""
    from conductor.agents.runners.claude_code.runner import check

    try:
        yield Inspection("claude code", True, check("", Environment.read().variables))
    except ConductorError as error:
        allowed = f" (allowed: {error.allowed})" if error.allowed else ""
        detail = f"{error.what}{allowed}; only --agent claude-code needs it"
        yield Inspection("claude code", None, detail, error.hint or "")


def _sandbox() -> Iterator[Inspection]:
    """Without the network, as it is by default. None is a warning: only `sandbox = "require"` insists."""
    from conductor.doors.cli.commands.connect.inventory import tool
    from conductor.sandbox.bubblewrap import probe

    found = probe(Environment.read().variables)
    if found.program:
        yield Inspection("sandbox", True, f"bubblewrap {tool(found.program)}; agents' commands are confined")
    else:
        detail = f"{found.reason}; agents' commands run with your rights and reach the network"
        yield Inspection("sandbox", None, detail, found.hint)


def _path() -> Iterator[Inspection]:
    """What the sandbox leaves out of PATH; no fault, for what can be found elsewhere is found."""
    from conductor.sandbox.search import search

    left_out = search(Environment.read().variables).left_out
    if left_out:
        shown = [f"{entry[:200] or 'an entry'} {reason}" for entry, reason in left_out[:ENTRIES]]
        more = [f"and {len(left_out) - ENTRIES} more"] if len(left_out) > ENTRIES else []
        yield Inspection("PATH", None, f"left out: {', '.join([*shown, *more])}")


def _folder() -> Iterator[Inspection]:
    from conductor.doors.cli.commands.connect.inventory import free_space

    home = Environment.read().home
    try:
        Environment.read().make_home()
    except ConductorError as error:
        yield Inspection("state folder", False, error.what, error.hint or "")
        return
    yield Inspection("state folder", True, str(home))
    free = free_space(home)
    ok = False if free < MUCH_TOO_LITTLE else True if free >= LITTLE else None
    yield Inspection("disk space", ok, f"{free / 1e9:.1f} GB free", f"make room where {home} lies")


def _store() -> Iterator[Inspection]:
    """The server as it is, a private one started for the look: whether it starts is what one wants to know."""
    from conductor.log.connect import connect
    from conductor.log.connection import Down
    from conductor.log.embedded import connection
    from conductor.log.safety import examine, refuse_if_silent

    environment = Environment.read()
    try:
        if environment.url is None:
            link = connection(environment.make_home(), fast=True)
            what = "the embedded one answers"
        else:
            link = connect(environment.url, fast=True)
            what = "the one of CONDUCT_REDIS_URL answers"
        refuse_if_silent(link)
        rows = examine(link)
    except Down as error:
        yield Inspection(
            "event store", False, error.what, "start it, or unset CONDUCT_REDIS_URL to use the embedded one"
        )
        return
    except ConductorError as error:
        yield Inspection("event store", False, error.what, error.hint or error.allowed or "")
        return
    yield Inspection("event store", True, what)
    yield from rows


def _records(call: Call) -> Iterator[Inspection]:
    """Every task's, read from its beginning. A store that cannot be asked has been told of."""
    try:
        tasks = call.fast_app.store.tasks()
        damaged = call.fast_app.damaged(*tasks)
    except ConductorError:
        return
    for held in damaged.values():
        hint = f"`{remedy(held.task)}` says more; bring its data back, or leave it: other tasks go on without it"
        yield Inspection(f"task {held.task}", False, damage(held), hint)
    if tasks and not damaged:
        yield Inspection("tasks", True, f"{count(len(tasks), 'record')}, whole")


def _tools() -> Iterator[Inspection]:
    from conductor.doors.cli.commands.connect.inventory import tool

    for name in TOOLS:
        found = tool(name)
        yield Inspection(name, True if found else None, found or "not found; only projects that use it need it")


def _packages() -> Iterator[Inspection]:
    """What other packages bring and cannot be used: None, since everything else goes on without it."""
    from conductor.agents import plugins
    from conductor.checks.languages import registry
    from conductor.entry_points import REMEDY

    for why in registry.registered().faults:
        yield Inspection("language", None, why, REMEDY)
    for unusable in plugins.registered().faults:
        yield Inspection("agent", None, unusable.why, REMEDY)
