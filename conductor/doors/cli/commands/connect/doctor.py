"""`conduct doctor`: what is wrong with this machine's setup, and how to fix it."""

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
LOW_SPACE, NO_SPACE = 2_000_000_000, 200_000_000  # bytes of free disk space: a warning below, a failure below
ENTRIES = 8  # of PATH that are listed
TOOLS = ("node", "npm", "cargo", "go")  # used to check projects in other languages


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


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
    """Probed without the network, the default. A missing one is a warning: only `sandbox = "require"` needs it."""
    from conductor.doors.cli.commands.connect.inventory import tool
    from conductor.sandbox.bubblewrap import probe

    found = probe(Environment.read().variables)
    if found.program:
        yield Inspection("sandbox", True, f"bubblewrap {tool(found.program)}; agents' commands are confined")
    else:
        detail = f"{found.reason}; agents' commands run with your rights and reach the network"
        yield Inspection("sandbox", None, detail, found.hint)


def _path() -> Iterator[Inspection]:
    """Entries of PATH that the sandbox omits; a warning only, since programs may be found in the others."""
    from conductor.sandbox.search import search

    left_out = search(Environment.read().variables).left_out
    if left_out:
        shown = [f"{entry[:200] or 'an entry'} {reason}" for entry, reason in left_out[:ENTRIES]]
        more = [f"and {len(left_out) - ENTRIES} more"] if len(left_out) > ENTRIES else []
        yield Inspection("PATH", None, f"omitted: {', '.join([*shown, *more])}")


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
    ok = False if free < NO_SPACE else True if free >= LOW_SPACE else None
    yield Inspection("disk space", ok, f"{free / 1e9:.1f} GB free", f"free some space on the disk of {home}")


def _store() -> Iterator[Inspection]:
    """The server's state. The embedded one is started first: whether it starts is part of the answer."""
    from conductor.log.connect import connect
    from conductor.log.connection import Down
    from conductor.log.embedded import connection
    from conductor.log.safety import examine, refuse_if_silent

    environment = Environment.read()
    try:
        if environment.url is None:
            link = connection(environment.make_home(), fast=True)
            what = "the embedded server responds"
        else:
            link = connect(environment.url, fast=True)
            what = "the server at CONDUCT_REDIS_URL responds"
        refuse_if_silent(link)
        rows = examine(link)
    except Down as error:
        yield Inspection(
            "event store", False, error.what, "start it, or unset CONDUCT_REDIS_URL to use the embedded server"
        )
        return
    except ConductorError as error:
        yield Inspection("event store", False, error.what, error.hint or error.allowed or "")
        return
    yield Inspection("event store", True, what)
    yield from rows


def _records(call: Call) -> Iterator[Inspection]:
    """Every task's record, read from the start. A store that does not respond has been reported already."""
    try:
        tasks = call.fast_app.store.tasks()
        damaged = call.fast_app.damaged(*tasks)
    except ConductorError:
        return
    for held in damaged.values():
        hint = f"`{remedy(held.task)}` says more; restore its data, or leave it: other tasks are not affected"
        yield Inspection(f"task {held.task}", False, damage(held), hint)
    if tasks and not damaged:
        yield Inspection("tasks", True, f"{count(len(tasks), 'record')}, intact")


def _tools() -> Iterator[Inspection]:
    from conductor.doors.cli.commands.connect.inventory import tool

    for name in TOOLS:
        found = tool(name)
        yield Inspection(name, True if found else None, found or "not found; only projects that use it need it")


def _packages() -> Iterator[Inspection]:
    """What installed packages offer but cannot be used; a warning, since everything else works without it."""
    from conductor.agents import plugins
    from conductor.checks.languages import registry
    from conductor.entry_points import REMEDY
    from conductor.reading.vocabulary import labels

    for why in registry.registered().faults:
        yield Inspection("language", None, why, REMEDY)
    for unusable in plugins.registered().faults:
        yield Inspection("agent", None, unusable.why, REMEDY)
    for why in labels.additions().faults:
        yield Inspection("vocabulary", None, why, REMEDY)
