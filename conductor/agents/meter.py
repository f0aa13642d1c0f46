"""What an attempt has used of its allowance, checked between turns: no turn is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from conductor.agents.contract.assignment import Exhausted
from conductor.config.settings import Limits, Price
from conductor.core.budget import WARN_AT
from conductor.events import Usage


class Reading(msgspec.Struct, frozen=True):
    """The limits that are used up, and those used to WARN_AT."""

    over: tuple[str, ...]
    near: tuple[str, ...]


class Meter:
    """`worked`: minutes under earlier claims. Money is counted if the model's prices are known."""

    def __init__(
        self,
        allowance: Limits,
        prices: Callable[[str], Price | None],
        worked: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowance = allowance
        self._prices = prices
        self._worked = worked
        self._clock = clock
        self._begin = clock()

    def read(self, turns: int, usage: Usage, model: str) -> Reading:
        used = {
            "tokens": float(usage.total),
            "money": money(usage, self._prices(model)) or 0.0,
            "turns": float(turns),
            "minutes": self._worked + (self._clock() - self._begin) / 60,
        }
        limits = [(n, limit) for n in used if (limit := getattr(self._allowance, n)) is not None]
        over = tuple(n for n, limit in limits if used[n] >= limit)
        near = tuple(n for n, limit in limits if used[n] >= WARN_AT * limit and n not in over)
        return Reading(over, near)

    def limit(self, name: str) -> float:
        """The value of a limit that `read` named."""
        return float(getattr(self._allowance, name))

    def refuse_if_over(self, turns: int, usage: Usage, model: str) -> None:
        """Raises Exhausted if nothing is left for the next turn."""
        if over := self.read(turns, usage, model).over:
            raise Exhausted(over, turns, usage)


def money(usage: Usage, price: Price | None) -> float | None:
    """What `usage` costs; None if something was used and the prices are not known."""
    if price is None:
        return None if usage.total else 0.0
    return (
        usage.input * price.input
        + usage.output * price.output
        + usage.cache_read * price.cache_read
        + usage.cache_write * price.cache_write
    ) / 1_000_000
