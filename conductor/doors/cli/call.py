"""One call of a command: its arguments, its output, and the application, wired when first needed."""

from __future__ import annotations

import argparse
import getpass
from functools import cached_property

from conductor.app import App
from conductor.doors.cli.output import Output
from conductor.environment import Environment
from conductor.errors import UsageError
from conductor.text import one_line


class Call:
    """What a command is given."""

    def __init__(self, args: argparse.Namespace, output: Output) -> None:
        self.args = args
        self.output = output

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

    def task_and(self, *names: str) -> tuple[str, ...]:
        """The task and the words after it; TASK may be left out. Raises UsageError for another number of words."""
        words = self.args.words
        if len(words) not in (len(names), len(names) + 1):
            given = " ".join(words)
            raise UsageError(f"{given!r} is not {' and '.join(names)}, with or without a task", allowed=self.args.usage)
        task = words[0] if len(words) > len(names) else None
        return (self.fast_app.find(task), *words[len(words) - len(names) :])


def words_argument(parser: argparse.ArgumentParser, *names: str, help: str) -> None:
    """An optional TASK and `names` after it; for `Call.task_and`."""
    usage = f"{parser.prog} [TASK] {' '.join(names)}"
    parser.usage = f"{usage} [options]"
    parser.set_defaults(usage=usage)
    parser.add_argument("words", nargs="+", metavar=" ".join(("[TASK]", *names)), help=help)


def task_argument(parser: argparse.ArgumentParser) -> None:
    """The optional TASK that most commands take."""
    parser.add_argument(
        "task", nargs="?", metavar="TASK", help="a task's id or the beginning of it; default: the active or latest one"
    )
