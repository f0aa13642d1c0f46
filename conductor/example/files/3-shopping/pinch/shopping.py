"""One shopping list out of several recipes: what they share is added up and bought once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from pinch.pantry import missing
from pinch.recipe import Ingredient, Recipe
from pinch.scaling import tidy
from pinch.units import UNITS, family


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
    """The lines of one shelf as one line."""
    first = same[0]
    if first.amount is None:
        return replace(first, name=first.item)
    if not first.unit:
        return Ingredient(first.item, sum((line.amount or Fraction() for line in same), Fraction()))
    smallest = family(first.unit)[-1]
    total = sum((line.amount * UNITS[line.unit].size for line in same if line.amount), Fraction())
    return tidy(Ingredient(first.item, total, smallest.name))
