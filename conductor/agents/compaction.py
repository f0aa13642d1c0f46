"""When a context has grown too long, and what to leave out first. It only decides."""

from __future__ import annotations

from collections.abc import Sequence

from conductor.agents.contract.turns import Turn
from conductor.agents.transcript import Shown

KEPT = 8  # last turns whose results are kept when older ones are left out
_PER_TOKEN = 4  # characters, roughly
_WORTH = 0.25  # of the limit: saving less is not worth the lost cache


def tokens_of(turns: Sequence[Turn], shown: Shown) -> int:
    """Tokens of the last turn's context, answer included; 0 if it has been compacted since."""
    return turns[-1].usage.total if turns and turns[-1].number > shown.thinking else 0


def results_to_drop(turns: Sequence[Turn], shown: Shown, limit: int) -> int:
    """The turn up to which to leave out results; 0 if that would not save enough of `limit` tokens."""
    upto = len(turns) - KEPT
    saved = sum(len(r.text) for turn in turns[shown.results : max(upto, 0)] for r in turn.results)
    return upto if saved / _PER_TOKEN >= limit * _WORTH else 0
