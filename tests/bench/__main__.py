"""`make bench`: figures beside bare baselines of the same run. Nothing passes or fails by them."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from conductor.log import embedded
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.bench import agents, appends, costs, memory, processes, reads
from tests.bench.report import Row, comparison, duration, table


def main() -> None:
    begin = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without stopping the server
    home = Path(tempfile.mkdtemp(prefix="cdb-"))  # short: the path of a unix socket has few bytes
    try:
        _measure(home)
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)
    print(f"\n{time.monotonic() - begin:.0f} seconds")


def _measure(home: Path) -> None:
    url = embedded.ensure_running(home)
    version = (status := embedded.status(home)) and status.version
    print(f"Python {platform.python_version()}, Valkey {version}, appendfsync always, unix socket")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; medians of rounds that take turns")

    rows, ledger, action = appends.measure(url)
    comparison("Appending, beside a bare redis-py XADD of as many bytes for each event", rows)
    costed = costs.parts(ledger, action)
    shares = [(what, f"{seconds * 1e6:,.1f} us", f"{seconds / action:.1%}") for what, seconds in costed.items()]
    table("Where the time of a durable action goes", ("part", "time", "share"), shares)

    comparison("Reading back, beside redis-py's XRANGE and json.loads", reads.measure(url))

    rows, spent, runner = processes.measure(home, EventStore(connect(url)))
    comparison("New processes, beside python -c pass", rows)
    table("Their processor time", ("process", "time"), [(what, duration(s, "ms")) for what, s in spent.items()])

    rows, parts = agents.measure(home, url)
    comparison("Live agents, beside a bare loop of the SDK on the same server", rows)
    table("What a lone agent waits for in a turn", ("part", "time", "share"), parts)

    rows = [*memory.measure(url), Row("a runner at work", "", f"{runner / 2**20:.0f} MB", "")]
    comparison("Memory, beside a bare stream", rows)


if __name__ == "__main__":
    main()
