"""One call of a command: its arguments, its output, the task that is meant, and the application, wired when needed."""

from __future__ import annotations

import argparse
import getpass
from functools import cached_property
from pathlib import Path

from conductor.app import App
from conductor.config.environment import Environment
from conductor.doors.cli.render.output import Output
from conductor.errors import Refused, UsageError
from conductor.text import one_line

UNNAMED = "-"  # stands where TASK may be left out
_TASK = "a task's id or the beginning of it; left out, or -: the only active one of the repository that you stand in"
LOOKS = f"{_TASK}, else the latest there"
CHANGES = f"{_TASK}, or the only one there; several are listed and nothing is done"


class Call:
    """What a command is given."""

    def __init__(self, args: argparse.Namespace, output: Output) -> None:
        self.args = args
        self.output = output
        self.found = ""  # the task that it is about, once that is known

    @cached_property
    def app(self) -> App:
        return App(Environment.read())

    @cached_property
    def fast_app(self) -> App:
        """For short commands: nothing heavy is imported."""
        return App(Environment.read(), fast=True)

    @cached_property
    def person(self) -> str:
        """Who says it, as an actor of the log."""
        try:
            name = one_line(getpass.getuser(), 100)
        except (KeyError, OSError):
            name = ""
        return f"person:{name or 'unknown'}"

    @property
    def folder(self) -> Path | None:
        """Where one stands; None: that folder is gone."""
        try:
            return Path.cwd()
        except FileNotFoundError:
            return None

    def task(self, name: str | None, *, changes: bool, app: App | None = None) -> str:
        """The id of the task that is named, or that is meant where none is; see `scope.meant`.

        `changes`: the command does not only look. Raises UsageError where it is not clear which one it is.
        """
        app = app or self.fast_app
        if named(name):
            self.found = app.find(name or "")
        else:
            from conductor.tasks.scope import meant

            self.found = meant(app, self.folder, changes=changes)
        return self.found

    def words(self, *names: str, optional: int = 0) -> tuple[str, ...]:
        """TASK, `-` where it was left out, and the words after it; of these the last `optional` only with a TASK.

        Raises UsageError for another number of words.
        """
        given, least = tuple(self.args.words), len(names) - optional
        if not least <= len(given) <= len(names) + 1:
            needed = " and ".join(names[:least])
            told = " ".join(given)
            what = f"{told!r} is not {needed}, with or without a task" if told else f"{needed} must be given"
            raise UsageError(what, allowed=self.args.usage)
        return given if len(given) > least else (UNNAMED, *given)

    def confirm(self, name: str | None, question: str, command: str) -> None:
        """Before what is not easily taken back. A person is asked; who cannot be has to name the task, or say --yes.

        `command` is the same one, with the task named. Raises Refused where the answer is no, else UsageError.
        """
        if self.args.yes:
            return
        if self.output.asks:
            if not self.output.confirmed(question):
                raise Refused("it was not confirmed: nothing has changed")
        elif not named(name):
            raise UsageError(
                f"there is no terminal to confirm this at: {question}",
                allowed="the task's name, or --yes",
                hint=f"`{command}`",
            )


def named(name: str | None) -> bool:
    """Whether this names a task; an empty name does, though none is called so."""
    return name not in (None, UNNAMED)


def words_argument(parser: argparse.ArgumentParser, *names: str, help: str) -> None:
    """An optional TASK and `names` after it, those in brackets optional; for `Call.words`."""
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
        "--yes", action="store_true", help="do not ask; needed where nobody can be asked and TASK is not named"
    )
