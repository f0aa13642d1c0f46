"""`conduct` on a host by the name of `golden`: what is recorded for others to read names no machine."""

from __future__ import annotations

import runpy
import socket

socket.gethostname = lambda: "golden"
runpy.run_module("conductor", run_name="__main__", alter_sys=True)
