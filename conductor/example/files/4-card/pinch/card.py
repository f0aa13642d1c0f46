"""Prints a recipe as a card for the kitchen wall: amounts in one column, steps wrapped."""

from __future__ import annotations

from textwrap import wrap

from pinch.recipe import Recipe

WIDTH = 72


def card(recipe: Recipe, width: int = WIDTH) -> str:
    """The recipe as text, ending in a newline. `width` is the longest line that steps are wrapped to."""
    serves = f"serves {recipe.serves}"
    column = max(len(line.measure) for line in recipe.ingredients)
    out = [f"{recipe.title}{serves:>{max(width - len(recipe.title), len(serves) + 1)}}", "-" * width]
    out += [f"  {line.measure:>{column}}  {line.name}".rstrip() for line in recipe.ingredients]
    for number, step in enumerate(recipe.steps, start=1):
        out += ["", *wrap(step, width, initial_indent=f"{number:>2}. ", subsequent_indent="    ")]
    return "\n".join(out) + "\n"
