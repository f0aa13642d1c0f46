"""Scales a recipe to another number of guests, in units that a cook can measure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from pinch.recipe import Ingredient, Recipe
from pinch.units import UNITS, family

# Denominators: what a glyph can show, and what spoons, cups and scales have marks for.
_SHOWN = (1, 2, 3, 4, 8)
_MARKED = (1, 2, 4)


def scale(recipe: Recipe, serves: int) -> Recipe:
    """The same recipe for `serves` guests. Raises ValueError below one."""
    if serves < 1:
        raise ValueError(f"a recipe serves one guest at least, not {serves}")
    factor = Fraction(serves, recipe.serves)
    return replace(
        recipe,
        serves=serves,
        ingredients=tuple(
            line if line.amount is None else tidy(replace(line, amount=line.amount * factor))
            for line in recipe.ingredients
        ),
    )


def tidy(line: Ingredient) -> Ingredient:
    """The same amount in a handier unit: 3 tsp are 1 tbsp, ⅛ cup is 2 tbsp, 1500 g are 1½ kg; else unchanged."""
    if line.amount is None or line.unit not in UNITS:
        return line
    base = line.amount * UNITS[line.unit].size
    for unit in family(line.unit):
        amount = base / unit.size
        if unit.name == line.unit and amount >= Fraction(1, 4) and amount.denominator in _SHOWN:
            return line
        if amount >= 1 and amount.denominator in _MARKED:
            return replace(line, amount=amount, unit=unit.name)
    return line
