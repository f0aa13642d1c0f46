"""One shopping list out of several recipes: what they share is added up and bought once."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby

from pinch.pantry import missing
from pinch.recipe import Ingredient, Recipe
from pinch.scaling import tidy
from pinch.units import UNITS


def shopping_list(recipes: Iterable[Recipe], pantry: frozenset[str] = frozenset()) -> tuple[Ingredient, ...]:
    """What has to be bought for all the recipes, by name; what is in the pantry is left out."""
    lines = [line for recipe in recipes for line in missing(recipe.ingredients, pantry)]
    bought = [_sum(list(same)) for _, same in groupby(lines, key=_shelf)]
    return tuple(sorted(bought, key=_shelf))


def _shelf(line: Ingredient) -> tuple[str, bool, str]:
    """Lines on the same shelf can be added up: the same item, measured in the same family of units."""
    kin = UNITS[line.unit].family if line.unit else ""
    return line.item, line.amount is None, kin


def _sum(same: list[Ingredient]) -> Ingredient:
    """The lines of one shelf as one line, in the largest of their units or a handier one."""
    item, unit = same[0].item, max((line.unit for line in same), key=_size)
    amounts = [line.amount * _size(line.unit) for line in same if line.amount is not None]
    if not amounts:
        return Ingredient(item)
    return tidy(Ingredient(item, sum(amounts, Fraction()) / _size(unit), unit))


def _size(unit: str) -> int:
    return UNITS[unit].size if unit else 1
