"""The units that pinch knows, each in one row of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    name: str


_TABLE = (
    Unit("pinch"),
    Unit("tsp"),
    Unit("tbsp"),
    Unit("cup"),
    Unit("g"),
    Unit("kg"),
    Unit("ml"),
    Unit("l"),
)
UNITS = {unit.name: unit for unit in _TABLE}
