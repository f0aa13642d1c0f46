"""One call of a command: its arguments, its output, and the application, wired when first needed."""

from __future__ import annotations

import argparse
import getpass
from functools import cached_property

from conductor.app import App
from conductor.doors.cli.output import Output
from conductor.environment import Environment


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
            return f"person:{getpass.getuser()}"
        except (KeyError, OSError):
            return "person:unknown"


def task_argument(parser: argparse.ArgumentParser) -> None:
    """The optional TASK that most commands take."""
    parser.add_argument(
        "task", nargs="?", metavar="TASK", help="a task's id or the beginning of it; default: the active or latest one"
    )
