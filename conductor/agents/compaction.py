"""When a context has grown too long, and what is left out first. It decides and does nothing."""

from __future__ import annotations

from collections.abc import Sequence

from conductor.agents.contract.turns import Turn
from conductor.agents.transcript import Shown

KEPT = 8  # of the last turns, whose results stay when older ones are left out
_PER_TOKEN = 4  # characters, roughly
_WORTH = 0.25  # of the limit: less than this is not worth the cache that it costs


def tokens_of(turns: Sequence[Turn], shown: Shown) -> int:
    """What the last turn's context had, its answer included; 0 if it was compacted since."""
    return turns[-1].usage.total if turns and turns[-1].number > shown.thinking else 0


def results_to_drop(turns: Sequence[Turn], shown: Shown, limit: int) -> int:
    """Up to which turn results should be left out; 0: that would not save enough of `limit` tokens."""
    upto = len(turns) - KEPT
    saved = sum(len(r.text) for turn in turns[shown.results : max(upto, 0)] for r in turn.results)
    return upto if saved / _PER_TOKEN >= limit * _WORTH else 0
