"""The units that pinch knows, each in one row of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    name: str
    spellings: tuple[str, ...] = ()  # beside the name itself


_TABLE = (
    Unit("pinch", ("pinches",)),
    Unit("tsp", ("teaspoon", "teaspoons")),
    Unit("tbsp", ("tablespoon", "tablespoons")),
    Unit("cup", ("cups",)),
    Unit("g", ("gram", "grams")),
    Unit("kg", ("kilo", "kilos")),
    Unit("ml", ("millilitre", "millilitres")),
    Unit("l", ("litre", "litres")),
)
UNITS = {unit.name: unit for unit in _TABLE}
_BY_SPELLING = {spelling: unit.name for unit in _TABLE for spelling in (unit.name, *unit.spellings)}


def canonical(word: str) -> str | None:
    """The name of the unit that `word` spells ("Tablespoons", "tbsp."), or None if it spells none."""
    return _BY_SPELLING.get(word.casefold().rstrip("."))
