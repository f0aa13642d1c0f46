"""The units that pinch knows, each in one row of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    name: str
    family: str  # units of one family can be added up
    size: int  # in the smallest unit of the family


_TABLE = (
    Unit("pinch", "pinch", 1),
    Unit("tsp", "spoon", 1),
    Unit("tbsp", "spoon", 3),
    Unit("cup", "spoon", 48),
    Unit("g", "weight", 1),
    Unit("kg", "weight", 1000),
    Unit("ml", "volume", 1),
    Unit("l", "volume", 1000),
)
UNITS = {unit.name: unit for unit in _TABLE}


def family(name: str) -> tuple[Unit, ...]:
    """The units of `name`'s family, itself included, largest first. Raises KeyError for an unknown unit."""
    kin = (unit for unit in _TABLE if unit.family == UNITS[name].family)
    return tuple(sorted(kin, key=lambda unit: unit.size, reverse=True))
