"""Dependency graphs: waves and cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


class GraphError(ValueError):
    """An unknown name, or a cycle. `names` are the names involved, dependents first."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


def waves(depends_on: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The names in waves; within a wave, in the mapping's order. Raises GraphError for an unknown name or a cycle."""
    for name, needs in depends_on.items():
        for need in needs:
            if need not in depends_on:
                raise GraphError(f"{name!r} depends on {need!r}, which does not exist", (name, need))
    order = {name: i for i, name in enumerate(depends_on)}
    sorter = TopologicalSorter(depends_on)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = tuple(reversed(error.args[1]))
        raise GraphError("dependency cycle: " + " -> ".join(cycle), cycle) from None
    result: list[tuple[str, ...]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=order.__getitem__)
        result.append(tuple(ready))
        sorter.done(*ready)
    return tuple(result)
