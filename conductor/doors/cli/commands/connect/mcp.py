"""`conduct mcp`: the MCP server, over standard input and output."""

from __future__ import annotations

import argparse

from conductor.config.environment import Environment
from conductor.doors.cli.call import Call

EXAMPLE = """
claude mcp add conductor -- conduct mcp
conduct mcp
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none: clients start it, and speak to it over its standard input and output."""


def run(call: Call) -> int:
    from conductor.doors.mcp.server import serve

    serve(Environment.read())
    return 0
