"""What an attempt uses, against what it is allowed."""

from __future__ import annotations

import pytest

from conductor.agents.contract.assignment import Exhausted
from conductor.agents.meter import Meter, money
from conductor.agents.prices import PUBLISHED, price_of
from conductor.config.settings import Limits, Price
from conductor.events import Usage

USED = Usage(input=100, output=50, cache_read=30, cache_write=20)  # 200 tokens
OWN = {"mine": Price(1, 10, 0.1, 2)}


@pytest.mark.parametrize(
    ("limits", "over", "near"),
    [
        (Limits(), (), ()),
        (Limits(tokens=200), ("tokens",), ()),
        (Limits(tokens=250), (), ("tokens",)),
        (Limits(tokens=251), (), ()),
        (Limits(turns=3, tokens=1000), ("turns",), ()),
        (Limits(money=0.0006), ("money",), ()),
        (Limits(minutes=2.0), ("minutes",), ()),
        (Limits(minutes=2.4), (), ("minutes",)),
    ],
)
def test_a_reading(limits: Limits, over: tuple[str, ...], near: tuple[str, ...]) -> None:
    times = iter([0.0, 60.0])
    meter = Meter(limits, lambda model: OWN.get(model), worked=1.0, clock=lambda: next(times))
    reading = meter.read(3, USED, "mine")
    assert (reading.over, reading.near) == (over, near)


def test_at_the_limit_nothing_more_is_begun() -> None:
    with pytest.raises(Exhausted) as dry:
        Meter(Limits(turns=3), lambda _: None).refuse_if_over(3, USED, "")
    assert dry.value.used_up == ("turns",) and dry.value.usage == USED


def test_money_is_known_only_where_prices_are() -> None:
    assert money(USED, OWN["mine"]) == pytest.approx(0.000643)
    assert money(USED, None) is None and money(Usage(), None) == 0.0


def test_a_users_prices_come_first_and_a_date_in_an_id_is_no_other_model() -> None:
    own = {"claude-opus-5": Price(1, 1)}
    assert price_of("claude-opus-5-20260724", own) == Price(1, 1)
    assert price_of("claude-opus-5-5", own) == PUBLISHED["claude-opus-5-5"]
    assert price_of("claude-unheard-of", own) is None
