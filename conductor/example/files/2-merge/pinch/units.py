"""The units that pinch knows, each in one row of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    name: str
    family: str  # units of one family can be added up
    size: int  # in the smallest unit of the family
    spellings: tuple[str, ...] = ()  # beside the name itself


_TABLE = (
    Unit("pinch", "pinch", 1, ("pinches",)),
    Unit("tsp", "spoon", 1, ("teaspoon", "teaspoons")),
    Unit("tbsp", "spoon", 3, ("tablespoon", "tablespoons")),
    Unit("cup", "spoon", 48, ("cups",)),
    Unit("g", "weight", 1, ("gram", "grams")),
    Unit("kg", "weight", 1000, ("kilo", "kilos")),
    Unit("ml", "volume", 1, ("millilitre", "millilitres")),
    Unit("l", "volume", 1000, ("litre", "litres")),
)
UNITS = {unit.name: unit for unit in _TABLE}
_BY_SPELLING = {spelling: unit.name for unit in _TABLE for spelling in (unit.name, *unit.spellings)}


def canonical(word: str) -> str | None:
    """The name of the unit that `word` spells ("Tablespoons", "tbsp."), or None if it spells none."""
    return _BY_SPELLING.get(word.casefold().rstrip("."))


def family(name: str) -> tuple[Unit, ...]:
    """The units of `name`'s family, itself included, largest first. Raises KeyError for an unknown unit."""
    kin = (unit for unit in _TABLE if unit.family == UNITS[name].family)
    return tuple(sorted(kin, key=lambda unit: unit.size, reverse=True))
