"""What is not easily taken back is asked about at a terminal; elsewhere it needs the task's name, or --yes."""

from __future__ import annotations

import os
import pty
from collections.abc import Callable

import pytest

from conductor.errors import Exit
from conductor.log.store import EventStore
from tests.doors.cli.stage import TURNS, Said, User, started, wires

Conduct = Callable[..., Said]


@pytest.mark.parametrize(("words", "number"), [(("abandon",), ()), (("rollback",), ("0",))])
def test_where_nobody_can_be_asked_the_name_is_needed(
    conduct: Conduct, user: User, stored: EventStore, words: tuple[str, ...], number: tuple[str, ...]
) -> None:
    assert conduct("run", "--agent", user.script("one", TURNS)).code == Exit.WAITING
    (task,) = stored.tasks()
    before = wires(stored)
    for name in ((), ("-",)):
        said = conduct(*words, *name, *number)
        assert (said.code, said.out) == (Exit.USAGE, ""), said
        assert "there is no terminal" in said.err and task in said.err
        assert "allowed: the task's name, or --yes" in said.err
        assert f" {' '.join((*words, task, *number))}`" in said.err
    assert wires(stored) == before
    assert conduct(*words, *number, "--yes").code == 0
    assert wires(stored) != before


def at_terminal(user: User, *words: str, answer: str) -> tuple[int, str]:
    """A call in a process of its own, whose terminal a person types into."""
    ours, theirs = pty.openpty()
    with user.popen(*words, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, answer.encode() + b"\n")
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # how a terminal tells that nobody is left on its other side
            pass
        code = process.wait(timeout=60)
    os.close(ours)
    return code, shown.decode()


@pytest.mark.parametrize("name", [False, True], ids=["left out", "named"])
def test_a_person_at_a_terminal_is_asked(conduct: Conduct, user: User, name: bool) -> None:
    task = started(conduct, user.repo)
    words = ("abandon", *([task] if name else []))
    code, shown = at_terminal(user, *words, answer="")
    assert code == Exit.REFUSED and "nothing has changed" in shown, shown
    assert f"Abandon task {task} (Notes) in {user.repo}? [y/N]" in shown
    assert conduct("status", "--json").data["status"] == "running"
    code, shown = at_terminal(user, *words, answer="y")
    assert code == 0, shown
    assert conduct("status", "--json").data["status"] == "abandoned"
    code, shown = at_terminal(user, *words, answer="y")
    assert code == Exit.REFUSED and "?" not in shown, "nobody is asked for what is refused anyhow"


def test_a_person_at_a_terminal_is_asked_before_a_rollback(conduct: Conduct, user: User) -> None:
    assert conduct("run", "--agent", user.script("one", TURNS)).code == Exit.WAITING
    view = conduct("status", "--json").data
    code, shown = at_terminal(user, "rollback", "0", answer="n")
    assert code == Exit.REFUSED and f"Return task {view['id']} (Notes) in {user.repo} to checkpoint 0?" in shown
    assert conduct("status", "--json").data == view
    code, shown = at_terminal(user, "rollback", "9", answer="y")
    assert code == Exit.REFUSED and "?" not in shown
    code, shown = at_terminal(user, "rollback", "0", answer="yes")
    assert code == 0, shown
    assert conduct("status", "--json").data["status"] == "paused"
