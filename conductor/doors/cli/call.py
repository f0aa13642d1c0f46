"""One call of a command: its arguments, its output, the task it is about, and the application, built on demand."""

from __future__ import annotations

import argparse
from functools import cached_property
from pathlib import Path

from conductor.app import App
from conductor.config.environment import Environment
from conductor.doors.cli.render.output import Output
from conductor.doors.person import person
from conductor.errors import Refused, UsageError

UNNAMED = "-"  # in place of TASK, where other words follow
_TASK = "a task id or a prefix of it; omitted, or -: the current repository's only active task"
LOOKS = f"{_TASK}, otherwise its latest"
CHANGES = f"{_TASK}, otherwise its only one; if there are several, they are listed and nothing is done"


class Call:
    """What a command is given."""

    def __init__(self, args: argparse.Namespace, output: Output) -> None:
        self.args = args
        self.output = output
        self.found = ""  # the task it is about, once known

    @cached_property
    def app(self) -> App:
        return App(Environment.read())

    @cached_property
    def fast_app(self) -> App:
        """For short commands: imports nothing heavy."""
        return App(Environment.read(), fast=True)

    @cached_property
    def person(self) -> str:
        """The user, as an actor in the log."""
        return person()

    @property
    def folder(self) -> Path | None:
        """The current folder; None if it no longer exists."""
        try:
            return Path.cwd()
        except FileNotFoundError:
            return None

    def task(self, name: str | None, *, changes: bool, app: App | None = None) -> str:
        """The id of the named task, or of the one that is meant if none is named; see `scope.meant`.

        `changes`: the command does more than read. Raises UsageError if it is not clear which task is meant.
        """
        app = app or self.fast_app
        if named(name):
            self.found = app.find(name or "")
        else:
            from conductor.tasks.scope import meant

            self.found = meant(app, self.folder, changes=changes)
        return self.found

    def words(self, *names: str, optional: int = 0) -> tuple[str, ...]:
        """TASK (`-` if omitted) and the words after it; the last `optional` of these may be given only with a TASK.

        Raises UsageError for any other number of words.
        """
        given, least = tuple(self.args.words), len(names) - optional
        if not least <= len(given) <= len(names) + 1:
            needed = " and ".join(names[:least])
            text = " ".join(given)
            what = f"expected {needed}, with or without a task, got {text!r}" if text else f"{needed} must be given"
            raise UsageError(what, allowed=self.args.usage)
        return given if len(given) > least else (UNNAMED, *given)

    def confirm(self, name: str | None, question: str, command: str) -> None:
        """Ask before something that is hard to undo. Without a terminal, the task must be named, or --yes given.

        `command` is the same command with the task named. Raises Refused if the answer is no, and UsageError if there
        is no terminal and neither was given.
        """
        if self.args.yes:
            return
        if self.output.asks:
            if not self.output.confirmed(question):
                raise Refused("not confirmed: nothing has changed")
        elif not named(name):
            raise UsageError(
                f"this must be confirmed, and there is no terminal: {question}",
                allowed="the task's name, or --yes",
                hint=f"`{command}`",
            )


def named(name: str | None) -> bool:
    """Whether this names a task; an empty name counts as one, and matches none."""
    return name not in (None, UNNAMED)


def words_argument(parser: argparse.ArgumentParser, *names: str, help: str) -> None:
    """An optional TASK followed by `names`, those in brackets optional; for `Call.words`."""
    words = " ".join(("[TASK]", *names))
    parser.usage = f"{parser.prog} {words} [options]"
    parser.set_defaults(usage=f"{parser.prog} {words}")
    parser.add_argument("words", nargs="*", metavar=words, help=help)


def task_argument(parser: argparse.ArgumentParser, *, changes: bool) -> None:
    """The optional TASK that most commands take; for `Call.task`."""
    parser.add_argument("task", nargs="?", metavar="TASK", help=CHANGES if changes else LOOKS)


def yes_argument(parser: argparse.ArgumentParser) -> None:
    """For `Call.confirm`."""
    parser.add_argument(
        "--yes", action="store_true", help="do not ask; required without a terminal unless TASK is named"
    )
