"""Verifies what an agent cited as evidence: a line of a file, or a command and its output."""

from __future__ import annotations

import msgspec

from conductor.checks.opening import open_project
from conductor.checks.project import Project
from conductor.checks.site import Site, one_line
from conductor.events import Reference
from conductor.plan.command_policy import doubtful
from conductor.process.ending import interrupted

HOLDS, REFUTED, UNSEEN = "holds", "refuted", "unseen"
NEAR = 3  # lines: an agent that miscounts has still seen the line


class Seen(msgspec.Struct, frozen=True):
    """`status`: holds | refuted | unseen (it could not be checked)."""

    status: str
    summary: str
    exit_code: int | None = None
    output: str = ""


async def look(reference: Reference, site: Site) -> Seen:
    """Check what `reference` points to in the tree of `site`. Raises WorkspaceError if that cannot be read."""
    project = await open_project(site)
    seen = await _command(reference, project) if reference.command else _place(reference, project)
    return msgspec.structs.replace(seen, summary=one_line(seen.summary))


async def _command(reference: Reference, project: Project) -> Seen:
    """An agent's command is as untrusted as a specification's: what would not run as a test does not run here."""
    if reason := doubtful(reference.command):
        return Seen(UNSEEN, f"{reason}, so it is not run unasked: {reference.command}")
    finished = await project.run(reference.command)
    if finished.timed_out:
        return Seen(UNSEEN, f"ended by the time limit: {reference.command}", output=finished.output)
    code = finished.exit_code
    if why := interrupted(finished):
        return Seen(UNSEEN, f"{why}: {reference.command}", code, finished.output)
    if code in (126, 127):
        return Seen(REFUTED, f"exit {code}, cannot be run: {reference.command}", code, finished.output)
    if supports(reference.output, finished.output):
        return Seen(HOLDS, f"exit {code}, as claimed: {reference.command}", code, finished.output)
    return Seen(REFUTED, f"exit {code}, but different output: {reference.command}", code, finished.output)


def _place(reference: Reference, project: Project) -> Seen:
    where = f"{reference.file}:{reference.line}"
    text = project.read(reference.file)
    if text is None:
        return Seen(REFUTED, f"{where}: the tree has no such readable file")
    lines = text.splitlines()
    if reference.line > len(lines):
        return Seen(REFUTED, f"{where}: the file has {len(lines)} lines")
    around = lines[max(reference.line - 1 - NEAR, 0) : reference.line + NEAR]
    there = lines[reference.line - 1].strip()
    if not reference.quote or any(_plain(reference.quote) in _plain(line) for line in around):
        return Seen(HOLDS, f"{where}: {there}")
    return Seen(REFUTED, f"{where}: the line there is {there!r}")


def supports(claimed: str, observed: str) -> bool:
    """Whether each line of the claimed output occurs in the observed one, in order; blanks and cuts are ignored."""
    seen = iter([_plain(line) for line in observed.splitlines()])
    wanted = [_plain(line) for line in claimed.splitlines()]
    return all(any(line in other for other in seen) for line in wanted if line.strip(".…"))


def _plain(text: str) -> str:
    return " ".join(text.split())
