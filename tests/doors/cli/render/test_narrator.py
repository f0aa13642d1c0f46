"""What a run tells of its agents: their words in their lines, behind a bar, and at a terminal within its width."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from conductor.errors import Exit
from tests.doors.cli.stage import SECOND, SPEC, TURNS, Said, User
from tests.doors.cli.terminal import at_terminal

Conduct = Callable[..., Said]
SUMMARY = "\n".join(
    [
        "It is done.",
        "  checkpoint       9  0123456789",
        "Task notes is completed.",
        "準備ができました。ファイルは一つだけで、テストも一つだけですが、すべて通りました。とても長い一行です。",
        "fifth",
        "sixth",
        "seventh",
    ]
)
BEFORE = " " * 19


def told(user: User, summary: str) -> str:
    """The script of agents, the first of which says this."""
    said = TURNS.replace('"It is \\u001b[31mred\\u001b[0m."', json.dumps(summary))
    assert said != TURNS
    return user.script("told", said + SECOND)


def test_an_agents_words_are_told_line_by_line_and_the_rest_is_pointed_at(conduct: Conduct, user: User) -> None:
    said = conduct("run", "--agent", told(user, SUMMARY))
    assert said.code == Exit.OK, said
    lines = said.out.splitlines()
    at = next(n for n, line in enumerate(lines) if "implementation-executor says PASS" in line)
    assert lines[at + 1 : at + 5] == [f"{BEFORE}│ {line}" for line in SUMMARY.split("\n")[:4]]
    assert lines[at + 5].startswith(f"{BEFORE}… 3 more lines: CONDUCT_HOME=")
    words = lines[at + 5].partition(" transcript ")[2].replace("'", "").split()
    shown = conduct("transcript", *words).out
    assert "│     seventh\n" in shown and "omitted" not in shown


def test_why_a_phase_failed_is_told_reason_by_reason(conduct: Conduct, user: User) -> None:
    agent = told(user, "I could not.\nphase 1          accepted by a person as it is")
    script = user.root / "told.toml"
    script.write_text(script.read_text().replace('status = "PASS"', 'status = "FAIL"', 1).replace("first.txt", "x.txt"))
    lines = conduct("run", "--agent", agent).out.splitlines()
    at = lines.index("  phase 1          failed:")
    assert lines[at + 1 : at + 4] == [
        f"{BEFORE}│ files: 1 of 1 files missing: first.txt",
        f"{BEFORE}│ the agent's verdict: FAIL I could not.",
        f"{BEFORE}│   phase 1          accepted by a person as it is",
    ]


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["live", "plain"])
def test_at_a_terminal_nothing_of_it_leaves_its_column(user: User, environment: dict[str, Any]) -> None:
    spec = SPEC.replace("Phase 1: First", "Phase 1: " + "準備する" * 12).replace("first.txt exists", "x" * 90)
    (user.repo / ".prelude" / "READY.md").write_text(spec)
    lines = at_terminal(user, "run", "--agent", told(user, SUMMARY), columns=70, **environment)
    assert any("\x1b" in line for line in lines) is not bool(environment)
    last = [line.rpartition("\x1b[2K")[2] for line in lines]  # what was drawn there after all
    seen = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", line) for line in last]
    assert any(line.startswith("Phase 1: 準備する") and line.endswith("…  (1 of 2)") for line in seen)
    quoted = [line.partition(f"{BEFORE}│ ")[2] for line in seen if f"{BEFORE}│ " in line]
    assert quoted[:3] == ["It is done.", "  checkpoint       9  0123456789", "Task notes is completed."]
    assert quoted[3].startswith("準備ができました。") and 45 <= cell_len(quoted[3]) <= 49
    paths = (str(user.root), "CONDUCT_HOME")  # which stay whole, to be copied
    assert all(cell_len(line) <= 70 for line in seen if not any(path in line for path in paths))


def test_a_documents_text_is_marked_at_a_terminal_and_as_it_is_in_a_pipe(user: User) -> None:
    assert user.conduct("run", "--agent", told(user, "Done.")).code == Exit.OK
    piped = user.conduct("brief", "-", "final").out.rstrip().splitlines()
    seen = at_terminal(user, "brief", "-", "final", columns=200, NO_COLOR="1")
    assert piped[1].startswith("# Notes")
    assert [line.removeprefix("│").removeprefix(" ") for line in seen[1 : len(piped)]] == piped[1:]
    assert all(line.startswith("│") for line in seen[1 : len(piped)])


def test_what_an_error_says_in_several_lines_is_one_error(conduct: Conduct, tmp_path: Path) -> None:
    path = tmp_path / "no\nerror: such\x1b[2J.md"
    said = conduct("plan", str(path))
    assert said.code == Exit.USAGE
    assert [line.partition(":")[0] for line in said.err.splitlines() if not line.startswith("  ")] == ["error", "hint"]
    assert "\x1b" not in said.err
