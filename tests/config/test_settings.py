"""Settings that cannot be meant are refused before anything is recorded, naming file and field."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conductor.config.configuration import read_settings
from conductor.config.settings import Settings
from conductor.driving.ledger import Ledger
from conductor.errors import UsageError
from conductor.log.store import EventStore
from tests.test_startup import _created


def test_settings_that_nest_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "conductor.toml").write_text("agent_timeout = " + "[" * 5000)
    with pytest.raises(UsageError, match=r"conductor\.toml"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "agent_timeout = nan",
        "agent_timeout = inf",
        "check_timeout = -5",
        "tool_timeout = 0",
        "parallel = 0",
        "fix_tries = -1",
        "effect_tries = 0",
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(tmp_path: Path, line: str) -> None:
    (tmp_path / "conductor.toml").write_text(line)
    with pytest.raises(UsageError, match=line.partition(" ")[0]) as refused:
        read_settings(tmp_path)
    assert str(tmp_path / "conductor.toml") in str(refused.value)


@pytest.mark.parametrize(
    ("text", "field", "allowed"),
    [
        ('[budget.agent]\ntokens = "many"', "budget.agent.tokens", "minutes"),
        ("[budget.task]\nmoney = 0", "budget.task.money", "above 0"),
        ("[budget.task]\nmoney = nan", "budget.task.money", "finite"),
        ("[budget.phase]\nturn = 3", "budget.phase: Object contains unknown field `turn`", "turns"),
        ("[budget.module]\nturns = 3", "budget: Object contains unknown field `module`", "[budget.task]"),
        ('[prices."claude-x"]\ninput = 1', 'prices."claude-x": Object missing required field `output`', "cache_read"),
        ('[prices.a]\ninput=1\noutput=2\n[prices."b"]\ninput=1\noutput=-1', 'prices."b".output', "per million"),
        ('[prices."claude-x"]\ninput = inf\noutput = 1', "prices.claude-x.input", "finite"),
        ("[models]\ndefault = 5", 'models."default"', 'ROLE = "MODEL"'),
        ("decompose_above = 101", "decompose_above", "budget"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(tmp_path: Path, text: str, field: str, allowed: str) -> None:
    (tmp_path / "conductor.toml").write_text(text)
    with pytest.raises(UsageError) as refused:
        read_settings(tmp_path)
    assert f"conductor.toml: {field}" in refused.value.what
    assert allowed in (refused.value.allowed or "")


def test_the_edges_are_taken(tmp_path: Path) -> None:
    (tmp_path / "conductor.toml").write_text("parallel = 1\nfix_tries = 0\neffect_tries = 1\ncheck_timeout = 0.5\n")
    assert read_settings(tmp_path) == Settings(parallel=1, fix_tries=0, effect_tries=1, check_timeout=0.5)


@pytest.mark.parametrize("timeout", [float("nan"), float("inf"), -1.0])
def test_what_could_not_be_read_again_is_not_recorded(store: EventStore, timeout: float) -> None:
    body = msgspec.structs.replace(_created(), settings=Settings(agent_timeout=timeout))
    with pytest.raises(UsageError, match="agent_timeout"):
        Ledger(store, "pinch").submit(body, actor="person:ada")
    assert store.tasks() == []
