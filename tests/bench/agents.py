"""Live agents: a turn of the one loop beside a bare loop of the SDK that sends the same requests to the same server.

The server and each kind of agents run in processes of their own; its models take their time, which is not ours. Every
second turn writes a file, which ours really does; what git then does for the next turn runs beside the model.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.bench import loops
from tests.bench.loops import Taken
from tests.bench.report import Row, duration
from tests.support import git_user

AGENTS, TURNS, LATENCY = 200, 4, 4.0
ALONE, ROUNDS = 20, 3  # turns of an agent that is alone, and how often both kinds take turns


def measure(home: Path, url: str) -> tuple[list[Row], list[tuple[str, str, str]]]:
    """The rows of the comparison; where the time of a turn goes that an agent has alone."""
    folder = home / "agents"
    project = folder / "project"
    project.mkdir(parents=True)
    (project / "README.md").write_text("Read me.\n")
    git_user.init(project)
    for words in (("add", "--all"), ("commit", "--quiet", "-m", "Begin")):
        subprocess.run(["git", *words], cwd=project, check=True)
    loops.prepare(folder, AGENTS)

    def run(kind: str, agents: int, turns: int, latency: float) -> Taken:
        return loops.measure(kind, agents, turns, latency, folder, url)

    alone = [[run(kind, 1, ALONE, 0.0) for kind in ("bare", "ours")] for _ in range(ROUNDS)]
    bare, ours = (run(kind, AGENTS, TURNS, LATENCY) for kind in ("bare", "ours"))

    def own(taken: Taken) -> float:
        """Seconds of a turn in which no model thinks."""
        return taken.wall / TURNS - LATENCY

    def single(of: Callable[[Taken], float]) -> tuple[float, float]:
        theirs, mine = (statistics.median(of(taken[kind]) / ALONE for taken in alone) for kind in (0, 1))
        return theirs, mine

    many = f"{AGENTS} agents at once, models that take {LATENCY:g} s"
    rows = [
        _row("one agent alone: a turn, without its model", *single(lambda t: t.wall), aim="under 1.3x"),
        _row(f"{many}: a turn", bare.wall / TURNS, ours.wall / TURNS, aim="under 1.3x"),
        _row("  of which not the models'", own(bare), own(ours), aim="under 1.3x"),
        _row("  processor time of a turn", bare.cpu / TURNS / AGENTS, ours.cpu / TURNS / AGENTS),
        _row("  and of the processes it starts", 0.0, ours.children / TURNS / AGENTS),
        Row("  memory of an agent", _size(bare.memory), _size(ours.memory), "", "under 5 MB"),
    ]
    return rows, _parts([taken[1] for taken in alone], single(lambda t: t.wall))


def _row(what: str, theirs: float, mine: float, aim: str = "") -> Row:
    return Row(what, duration(theirs, "ms"), duration(mine, "ms"), f"{mine / theirs:.2f}x" if theirs > 0 else "", aim)


def _size(memory: int) -> str:
    return f"{memory / AGENTS / 2**20:.1f} MB"


def _parts(runs: list[Taken], turn: tuple[float, float]) -> list[tuple[str, str, str]]:
    """What an agent that is alone waits for in a turn: name, time, share. Git works while the model is asked."""
    bare, ours = turn
    names = runs[0].parts
    seconds = {name: statistics.median(taken.parts[name] / ALONE for taken in runs) for name in names}
    seconds = {"asking, streaming, reading: the bare loop's turn": bare, **seconds, "in all": ours}
    return [(name, duration(took, "us"), f"{took / ours:.0%}") for name, took in seconds.items()]
