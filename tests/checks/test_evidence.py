"""Where an agent says that a line stands, and how far from there it may stand and still be what it saw."""

from __future__ import annotations

import asyncio

import pytest

from conductor.checks.evidence import HOLDS, REFUTED, look
from conductor.events import Reference
from tests.checks.ground import Ground

TOLD = 10  # the line that the agent names
LINES = 20


@pytest.mark.parametrize(
    ("away", "status"), [(-4, REFUTED), (-3, HOLDS), (-1, HOLDS), (0, HOLDS), (1, HOLDS), (3, HOLDS), (4, REFUTED)]
)
def test_a_quoted_line_holds_up_to_three_lines_from_where_it_is_said_to_be(
    ground: Ground, away: int, status: str
) -> None:
    lines = [f"line {n}" for n in range(1, LINES + 1)]
    lines[TOLD - 1 + away] = "format = 'toml'"
    ground.commit({"conf.py": "\n".join(lines) + "\n"})
    seen = asyncio.run(look(Reference(file="conf.py", line=TOLD, quote="format = 'toml'"), ground.site()))
    assert seen.status == status, seen.summary


@pytest.mark.parametrize(("stands", "told"), [(1, 3), (1, 4), (LINES, LINES - 3), (2, 1), (LINES - 1, LINES)])
def test_the_ends_of_a_file_cut_nothing_off(ground: Ground, stands: int, told: int) -> None:
    lines = [f"line {n}." for n in range(1, LINES + 1)]
    ground.commit({"conf.py": "\n".join(lines) + "\n"})
    seen = asyncio.run(look(Reference(file="conf.py", line=told, quote=f"line {stands}."), ground.site()))
    assert seen.status == HOLDS, seen.summary
