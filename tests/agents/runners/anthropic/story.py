"""A live attempt that is cut off: what its model says, and what a person would want to find at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.messages_server.answers import Answer, Asked, Speech, call, calls, report, text

AGAIN = "again_"  # begins the ids of calls that look after an interruption


def once(witness: Path, name: str) -> str:
    """A command that leaves a trace in the tree, and one outside of it that no restoring takes away."""
    return f"echo {name} >> log; echo {name} >> {witness}"


def story(witness: Path, kill: str = "true") -> tuple[Speech, ...]:
    """Four turns with calls of every kind; `kill` is run in the middle of the second one."""
    return (
        calls(
            text("I begin."),
            call("create", path="a.py", text="one\ntwo\n"),
            call("bash", command=once(witness, "first")),
        ),
        calls(
            call("bash", command=f"{once(witness, 'second')}; {kill}"),
            call("insert", path="a.py", line=0, text="zero\n"),
            call("bash", command=once(witness, "third")),
        ),
        calls(
            call("replace", path="a.py", old="two", new="2\ntwo"),
            call("insert", path="a.py", line=4, text="three\n"),
            call("view", path="a.py"),
        ),
        report(),
    )


class Teller:
    """Says the story's turns. Told of calls that were interrupted or not done, it looks and makes up for them."""

    def __init__(self, turns: tuple[Speech, ...]) -> None:
        self.turns = turns

    def __call__(self, asked: Asked) -> Answer:
        said = [m["content"] for m in asked.messages if m["role"] == "assistant"]
        made = {b["id"]: b for blocks in said for b in blocks if b["type"] == "tool_use"}
        results = [b for b in asked.messages[-1]["content"] if b["type"] == "tool_result"]
        missed = [r["tool_use_id"] for r in results if r["content"].startswith(("[interrupted", "[not done"))]
        if missed:
            return calls(*(_again(made[id]) for id in missed))
        own = [blocks for blocks in said if not any(b.get("id", "").startswith(AGAIN) for b in blocks)]
        turn = self.turns[len(own)]
        named = tuple({**b, "id": f"call_{len(own)}_{n}"} if "id" in b else b for n, b in enumerate(turn.blocks))
        return Speech(named, turn.stop)


def _again(made: dict[str, Any]) -> dict[str, Any]:
    arguments = made["input"]
    if "command" in arguments:
        arguments = {"command": _look_first(arguments["command"])}
    return {**made, "id": AGAIN + made["id"], "input": arguments}


def _look_first(command: str) -> str:
    """Each part of the command by itself, where it left no trace yet."""
    parts = [part.split(" >> ") for part in command.split("; ") if " >> " in part]
    return "; ".join(f"grep -qx {echo[5:]} {file} 2>/dev/null || {echo} >> {file}" for echo, file in parts)


def check(worktree: Path, witness: Path) -> None:
    """Everything was done, and nothing twice."""
    assert (worktree / "a.py").read_text() == "zero\none\n2\ntwo\nthree\n"
    assert (worktree / "log").read_text() == "first\nsecond\nthird\n"
    assert witness.read_text() == "first\nsecond\nthird\n"
    assert sorted(p.name for p in worktree.iterdir()) == [".git", "README.md", "a.py", "log"]
