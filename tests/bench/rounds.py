"""Taking turns: a baseline and what is measured, call by call, so that a noisy machine hits both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import msgspec

Case = Callable[[], object]


class Pair(msgspec.Struct, frozen=True):
    """Seconds, and how many times the baseline's the measured ones are."""

    baseline: float
    measured: float
    ratio: float


def take_turns(
    cases: Mapping[str, Case], *, rounds: int, calls: int = 1, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """For each case and round the mean seconds of a call. The cases' order turns with every round; one warms up."""
    names = list(cases)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            case, begin = cases[name], clock()
            for _ in range(calls):
                case()
            if number:
                taken[name].append((clock() - begin) / calls)
    return taken


def pair(taken: Mapping[str, list[float]], baseline: str, measured: str) -> Pair:
    """How two cases of the same rounds compare: medians, and the median over all rounds of measured / baseline."""
    base, other = taken[baseline], taken[measured]
    ratios = [b / a for a, b in zip(base, other, strict=True)]
    return Pair(statistics.median(base), statistics.median(other), statistics.median(ratios))


def in_all(taken: Mapping[str, list[float]], baseline: str, measured: str) -> Pair:
    """How two cases compare whose rounds are not alike: by the sums over all of them; the times are means."""
    base, other = statistics.fmean(taken[baseline]), statistics.fmean(taken[measured])
    return Pair(base, other, other / base)


def alone(case: Case, *, calls: int = 500, rounds: int = 7) -> float:
    """Seconds of a call that waits for nothing: the best of several rounds."""
    return min(take_turns({"": case}, rounds=rounds, calls=calls)[""])
