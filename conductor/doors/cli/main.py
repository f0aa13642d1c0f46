"""Which commands there are. The list of them is printed here, without importing what any of them needs."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Sequence

from conductor.errors import Exit

GROUPS: dict[str, dict[str, str]] = {
    "Specify": {
        "init": "make a repository and a READY.md to start from",
        "plan": "show the phases of a specification, with warnings and lines",
        "lint-spec": "what a specification lacks for a good run, with lines",
    },
    "Drive": {
        "run": "build a specification, from plan to finished branch",
        "start": "begin a task without driving it",
        "replan": "adopt a changed specification; say which finished phases are stale",
        "continue": "go on with a task, also after a crash",
        "questions": "what waits for a person, in all tasks or one",
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
        "transcript": "what an agent said and did, turn by turn, also while it works",
        "brief": "what an agent gets to read: a phase's, or a module's",
        "cost": "what agents used, by phase, role and model, and how often a PASS held",
        "docs": "what was learned: discoveries, corrections, gotchas",
        "events": "a task's history, event by event",
        "replay": "the state at any version, folded from the recorded facts",
        "verify": "whether the record is whole: versions, chain, lifecycle, projections, git",
    },
    "Connect": {
        "emit": "append a fact to a task",
        "subscribe": "follow the feed of all tasks as JSON lines",
        "server": "the embedded event store: status, start, stop",
        "mcp": "serve MCP clients such as Claude Code, over standard input and output",
        "doctor": "what is wrong with this machine's setup, and how to mend it",
        "version": "versions of Conductor and of what it uses",
    },
}
TASK = (
    "TASK is a task's id or the beginning of it. Left out, or -, it is the only active task of the repository that",
    "you stand in (any folder or worktree of it). Where several could be meant, commands that only look take the",
    "latest; all others list them and do nothing. Outside of a repository a task is meant by its name only.",
)
COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}
ROOMS = {name: title.lower() for title, group in GROUPS.items() for name in group}  # the folder that a command is in


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
        print(f"error: there is no command {name!r}", file=sys.stderr)
        print(f"allowed: {', '.join(COMMANDS)}", file=sys.stderr)
        print(f"hint: {command(near[0] if near else '--help')}", file=sys.stderr)
        return Exit.USAGE
    from conductor.doors.cli.dispatch import dispatch

    return dispatch(ROOMS[name], name, COMMANDS[name], argv[1:])


def _speak_any_encoding() -> None:
    """What the terminal's encoding lacks is written as JSON escapes it: readable, and JSON stays JSON."""
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
    lines = ["Conductor: AI agents build a specification; every step is on record.", "", "usage: conduct COMMAND …"]
    for group, commands in GROUPS.items():
        lines += ["", group]
        lines += [f"  {name:<12} {text}" for name, text in commands.items()]
    lines += ["", *TASK]
    lines += ["", "`conduct COMMAND --help` shows a command's options and an example. Every command takes --json."]
    return "\n".join(lines)
