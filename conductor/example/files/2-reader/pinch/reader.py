"""Reads a recipe from plain text: a title, "Serves N", "- " ingredients, "1. " steps, "#" comments."""

from __future__ import annotations

import re

from pinch.quantity import split
from pinch.recipe import Ingredient, Recipe
from pinch.units import canonical

_SERVES = re.compile(r"serves\s+([1-9]\d*)", re.IGNORECASE | re.ASCII)
_STEP = re.compile(r"\d+\.\s+(.+)", re.ASCII)


class RecipeError(ValueError):
    """A text that is no recipe. The message says where and what is wrong."""


def read(text: str, source: str = "recipe") -> Recipe:
    """Read one recipe; `source` names the text in errors. Raises RecipeError."""
    title, serves = "", 0
    ingredients: list[Ingredient] = []
    steps: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if not title:
            title = line
        elif found := _SERVES.fullmatch(line):
            serves = int(found[1])
        elif line.startswith("- "):
            ingredients.append(ingredient(line[2:].strip()))
        elif found := _STEP.fullmatch(line):
            steps.append(found[1])
        elif steps and raw[0].isspace():
            steps[-1] += f" {line}"
        else:
            raise RecipeError(f'{source}:{number}: neither "Serves N", "- ingredient" nor "1. step": {line}')
    for missing, there in (("title", title), ('"Serves N" line', serves), ("ingredients", ingredients)):
        if not there:
            raise RecipeError(f"{source}: no {missing}")
    return Recipe(title, serves, tuple(ingredients), tuple(steps))


def ingredient(text: str) -> Ingredient:
    """Read one ingredient: "2 tablespoons of sugar", "250g butter", "2 eggs" or "butter, for the pan"."""
    amount, rest = split(text)
    word, _, name = rest.partition(" ")
    unit = canonical(word)
    if amount is None or unit is None or not name:
        return Ingredient(rest, amount)
    return Ingredient(name.strip().removeprefix("of "), amount, unit)
