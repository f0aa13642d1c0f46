"""`conduct cost`: what a task's agents used, by phase, role and model, and how often a model's PASS held."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from conductor.config.settings import Price
from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.damage import remedy, trouble
from conductor.doors.cli.render.output import Output, count, safe
from conductor.events import Usage

if TYPE_CHECKING:
    from replay.cost import Attempt

EXAMPLE = """
conduct cost
conduct cost pinch --json | jq '.total'
"""


class Sum(msgspec.Struct):
    """`money` is in the currency of the prices; None if a model's prices are unknown."""

    attempts: int = 0
    turns: int = 0
    minutes: float = 0.0
    tokens: int = 0
    usage: Usage = Usage()
    money: float | None = 0.0


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)


def run(call: Call) -> int:
    from replay.cost import attempts, honesty

    app, output = call.app, call.output
    task = call.task(call.args.task, changes=False, app=app)
    state = app.known(task).state
    below = [m.subtask.id for p in state.phases.values() for m in p.modules.values() if m.subtask.id]
    damaged = app.damaged(*below)
    rows = [(name, row) for name in (task, *below) if name not in damaged for row in attempts(app.store, name)]
    prices = state.settings.prices

    def by(key: Callable[[str, Attempt], str]) -> dict[str, Sum]:
        sums: dict[str, Sum] = {}
        for name, row in rows:
            _add(sums.setdefault(key(name, row), Sum()), row, row.usage, prices)
        return sums

    tables = {
        "phase": by(lambda name, row: f"{name}: {row.phase or 'whole'}" if below else (row.phase or "whole")),
        "role": by(lambda _, row: row.role),
        "model": _by_model(rows, prices),
    }
    total = next(iter(by(lambda *_: "all").values()), Sum())
    rates = honesty(row for _, row in rows)
    odd = [figure for _, row in rows for figure in row.odd]
    shown = {"task": task, "total": total, "by": tables, "honesty": rates, "budget": state.settings.budget}
    output.data({**shown, "odd": odd, "not_counted": sorted(damaged)})
    output.title(state.title, f"({task})")
    for name, sums in tables.items():
        _table(name, sums, output)
    _table("", {"total": total}, output)
    for model, rate in rates.items():
        output.text(
            f"PASS of {safe(model or 'agents without a model')}: {rate.held} of {rate.claimed} held when checked"
        )
    for held in damaged.values():
        output.text(output.paint(f"Not counted: {trouble(held)}: `{remedy(held.task)}`", "yellow"))
    for figure in dict.fromkeys(odd):
        output.text(output.paint(f"Reported by an agent and not counted: {safe(figure)}.", "yellow"))
    if total.money is None:
        hint = 'add prices as [prices."MODEL"] in conductor.toml'
        output.text(output.paint(f"Tokens are counted, but the money is unknown: {hint}.", "yellow"))
    return 0


def _by_model(rows: Iterable[tuple[str, Attempt]], prices: dict[str, Price]) -> dict[str, Sum]:
    sums: dict[str, Sum] = {}
    for _, row in rows:
        for model, usage in row.usage.items():
            _add(sums.setdefault(model or "none asked", Sum()), row, {model: usage}, prices)
    return sums


def _add(into: Sum, row: Attempt, usage: dict[str, Usage], prices: dict[str, Price]) -> None:
    from conductor.agents.meter import money
    from conductor.agents.prices import price_of

    into.attempts += 1
    into.turns += row.turns
    into.minutes = round(into.minutes + row.minutes, 3)
    for model, used in usage.items():
        spent = money(used, price_of(model, prices))
        into.tokens += used.total
        into.usage += used
        into.money = None if into.money is None or spent is None else round(into.money + spent, 6)


def _table(name: str, sums: dict[str, Sum], output: Output) -> None:
    if name:
        output.text()
        output.text(output.paint(f"by {name}", "dim"))
    rows = []
    for key, got in sums.items():
        row = [safe(key), count(got.attempts, "run"), count(got.turns, "turn"), f"{got.minutes:.1f} min"]
        if got.tokens:
            money = "unknown" if got.money is None else f"{got.money:.4f}"
            row += [f"{got.tokens:,} tokens", f"{got.usage.cache_read / got.tokens:.0%} from cache", money]
        rows.append(row)
    output.table(rows, indent=2)
