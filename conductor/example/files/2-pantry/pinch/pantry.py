"""The pantry: what is at home already, one name to a line, "#" for comments."""

from __future__ import annotations

from collections.abc import Iterable

from pinch.recipe import Ingredient


def read(text: str) -> frozenset[str]:
    """The items named in a pantry list."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(Ingredient(line).item for line in lines if line)


def missing(ingredients: Iterable[Ingredient], pantry: frozenset[str]) -> tuple[Ingredient, ...]:
    """The ingredients whose items are not in the pantry, in their order."""
    return tuple(line for line in ingredients if line.item not in pantry)
