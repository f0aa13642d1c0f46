"""`conduct server`: the embedded event store of this state folder."""

from __future__ import annotations

import argparse

from conductor.config.environment import Environment
from conductor.doors.cli.call import Call
from conductor.doors.cli.render.output import in_reach, safe
from conductor.errors import Exit
from conductor.log import embedded

EXAMPLE = """
conduct server
conduct server stop
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("status", "start", "stop"), default="status")


def run(call: Call) -> int:
    environment = Environment.read()
    if environment.url is not None:
        call.output.text("CONDUCT_REDIS_URL names a server of your own; this command is about the embedded one.")
    if call.args.action == "stop":
        stopped = embedded.stop(environment.home)
        call.output.data({"running": False, "stopped": stopped})
        call.output.text("Stopped. The next command starts it again." if stopped else "It was not running.")
        return Exit.OK
    if call.args.action == "start":
        embedded.ensure_running(environment.make_home())
    status = embedded.status(environment.home)
    if status is None:
        call.output.data({"running": False})
        call.output.text(in_reach("It is not running. `conduct server start` starts it, as does any other command."))
        return Exit.FAILED
    call.output.data({"running": True, "status": status})
    call.output.table(
        [
            ["running", f"process {status.pid}, for {status.uptime} s"],
            ["version", safe(status.version)],
            ["socket", safe(status.socket)],
            ["memory", f"{status.memory / 1e6:.1f} MB"],
            ["keys", str(status.keys)],
            ["log", safe(status.log)],
        ],
        whole=True,
    )
    return Exit.OK
