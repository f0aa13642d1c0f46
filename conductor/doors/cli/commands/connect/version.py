"""`conduct version`: the versions of Conductor and of what it uses."""

from __future__ import annotations

import argparse
import platform

import conductor
from conductor.doors.cli.call import Call
from conductor.doors.cli.commands.connect.inventory import git_version, package_version, server_version

EXAMPLE = """
conduct version
conduct version --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(call: Call) -> int:
    versions = {
        "conductor": conductor.__version__,
        "python": platform.python_version(),
        "git": git_version(),
        "server": server_version(),
        "redis-py": package_version("redis"),
    }
    call.output.data(versions)
    call.output.table([[name, version or "not found"] for name, version in versions.items()])
    return 0
