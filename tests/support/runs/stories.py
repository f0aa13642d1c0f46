"""The specifications and scripts that several tests play."""

from __future__ import annotations

import shutil

from tests.support import git_user
from tests.support.places import EXAMPLE
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.writing import REVIEWER, Module, Phase, agent, bash, create, turn, work

# Seconds; the suite's checks are a `grep`.
QUICK = "tests_required = false\ncheck_timeout = 20.0\ntool_timeout = 20.0\n"

FOUND = {
    "status": "PASS",
    "summary": "One stands.",
    "discoveries": [{"title": "One comes first", "text": "It was tried.", "evidence": "one.txt"}],
    "gotchas": [{"title": "Two comes after one"}],
}


def single(box: Sandbox, settings: str = "") -> None:
    """One phase of one module."""
    phases = [Phase("One", (Module("one"),), files=("one.txt",), commands=("grep -q one one.txt",))]
    box.begin("One thing", phases, [work(create("one.txt", "one\n"), phase="1"), REVIEWER], QUICK + settings)


def pair(box: Sandbox, settings: str = "") -> None:
    """A direct phase with something learned, then one of two parallel modules; every call is noted when executed."""
    phases = [
        Phase("One", (Module("one"),), files=("one.txt",), commands=("grep -q one one.txt",)),
        Phase("Two", (Module("left", ("left.txt",)), Module("right", ("right.txt",)))),
    ]
    agents = [
        agent(
            turn(create("one.txt", "one\n"), bash(box.note("one 1"))),
            turn(bash(box.note("one 2") + "; echo more >> one.txt"), report=FOUND),
            phase="1",
        ),
        *(
            agent(turn(create(f"{m}.txt", f"{m}\n"), bash(box.note(f"{m} 1")), report="PASS"), module=m)
            for m in ("left", "right")
        ),
        REVIEWER,
    ]
    box.begin("A pair", phases, agents, QUICK + settings)


def trio(box: Sandbox, settings: str = "") -> None:
    """Two waves, and a conflict in the first."""
    both = "both.txt"
    phases = [
        Phase("Three", (Module("a", ("a.txt",)), Module("b", ("b.txt",)), Module("c", ("c.txt",), needs=("a",)))),
    ]
    agents = [
        work(create("a.txt", "a\n"), create(both, "both, said a\n"), phase="1", module="a"),
        work(create("b.txt", "b\n"), create(both, "both, said b\n"), phase="1", module="b"),
        work(bash("test -f a.txt && echo c > c.txt"), phase="1", module="c"),
        agent(turn(create(both, "both, said a and b\n")), turn(report="PASS"), role="synthesis-architect", module="b"),
        REVIEWER,
    ]
    box.begin("Three things", phases, agents, QUICK + settings)


def waits(box: Sandbox) -> None:
    """An agent that is at work until somebody makes the file `go`, and leaves something running in the background."""
    waiting = f'{box.note("here")}; sleep 1000 & while [ ! -e "$HOME/go" ]; do sleep 0.02; done; echo one > one.txt'
    phases = [Phase("One", (Module("one"),), files=("one.txt",))]
    box.begin("Waits", phases, [work(bash(waiting), phase="1")], QUICK + "review = false\n")


def example(box: Sandbox) -> None:
    """The example that comes with Conductor."""
    shutil.copytree(EXAMPLE / "project", box.repo)
    git_user.init(box.repo)
    box.git("add", "--all")
    box.git("commit", "--quiet", "-m", "Begin")
