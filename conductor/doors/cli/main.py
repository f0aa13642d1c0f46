"""The list of commands, and its help, printed without importing what any of them needs."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Sequence

from conductor.errors import Exit

GROUPS: dict[str, dict[str, str]] = {
    "Specify": {
        "init": "create a repository and a READY.md to start from",
        "plan": "show the phases of a specification, with warnings and line numbers",
        "lint-spec": "show what a specification lacks for a good run, with line numbers",
    },
    "Drive": {
        "run": "build a specification, from plan to finished branch",
        "start": "create and start a task without driving it",
        "replan": "adopt a changed specification, and show which finished phases are stale",
        "continue": "continue a task, also after a crash",
        "questions": "list the questions waiting for you, in all tasks or one",
        "answer": "answer a question that a task is waiting for",
        "pause": "stop a task cleanly; it can be resumed",
        "resume": "resume a paused task without driving it",
        "abandon": "abandon a task; its history is kept",
        "rollback": "return a task to a checkpoint, files and state together",
    },
    "Look": {
        "status": "show where a task stands",
        "list": "list all tasks",
        "checkpoints": "list a task's checkpoints",
        "transcript": "show what an agent said and did, turn by turn, even while it works",
        "brief": "show the briefing an agent gets, for a phase or a module",
        "cost": "show what agents used, by phase, role and model, and how often a PASS held",
        "docs": "show what was learned: discoveries, corrections, gotchas",
        "events": "show a task's history, event by event",
        "replay": "show the state at any version, folded from the recorded facts",
        "verify": "check that the record is intact: versions, chain, lifecycle, projections, git",
    },
    "Connect": {
        "emit": "append a fact to a task",
        "subscribe": "follow the feed of all tasks as JSON lines",
        "server": "control the embedded event store: status, start, stop",
        "mcp": "serve MCP clients such as Claude Code over standard input and output",
        "doctor": "show what is wrong with this machine's setup, and how to fix it",
        "version": "show the versions of Conductor and of what it uses",
    },
}
TASK = (
    "TASK is a task id or a prefix of one. If it is omitted or -, the only active task of the current repository",
    "(any folder or worktree of it) is used. If several could be meant, commands that only read take the latest;",
    "all others list them and do nothing. Outside a repository, tasks must be named.",
)
COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}
ROOMS = {name: title.lower() for title, group in GROUPS.items() for name in group}  # command -> its folder


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    _speak_any_encoding()
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(_help())
        return Exit.OK if argv else Exit.USAGE
    if argv[0] == "--version":
        argv = ["version"]
    name = argv[0]
    if name not in COMMANDS:
        import difflib

        from conductor.doors.cli.render.output import command

        near = difflib.get_close_matches(name, COMMANDS, 1)
        print(f"error: unknown command {name!r}", file=sys.stderr)
        print(f"allowed: {', '.join(COMMANDS)}", file=sys.stderr)
        print(f"hint: {command(near[0] if near else '--help')}", file=sys.stderr)
        return Exit.USAGE
    from conductor.doors.cli.dispatch import dispatch

    return dispatch(ROOMS[name], name, COMMANDS[name], argv[1:])


def _speak_any_encoding() -> None:
    """Write characters that the terminal's encoding lacks as JSON escapes: readable, and JSON stays JSON."""
    codecs.register_error("conduct", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="conduct")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)), error.end


def _help() -> str:
    lines = ["Conductor: AI agents build a specification; every step is recorded.", "", "usage: conduct COMMAND …"]
    for group, commands in GROUPS.items():
        lines += ["", group]
        lines += [f"  {name:<12} {text}" for name, text in commands.items()]
    lines += ["", *TASK]
    lines += ["", "`conduct COMMAND --help` shows a command's options and examples. Every command takes --json."]
    return "\n".join(lines)
