"""What a recipe is made of: immutable records that every other part passes around."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pinch.quantity import show


@dataclass(frozen=True)
class Ingredient:
    """One line of a recipe. No amount: as much as it takes. No unit: things are counted ("2 eggs")."""

    name: str
    amount: Fraction | None = None
    unit: str = ""

    @property
    def item(self) -> str:
        """What to buy, the same for "Butter" and for "butter, for the pan"."""
        return self.name.partition(",")[0].strip().casefold()

    @property
    def measure(self) -> str:
        """How much of it, as text: "1½ cup", "2", or nothing."""
        return "" if self.amount is None else f"{show(self.amount)} {self.unit}".rstrip()

    def __str__(self) -> str:
        return f"{self.measure} {self.name}".lstrip()


@dataclass(frozen=True)
class Recipe:
    title: str
    serves: int
    ingredients: tuple[Ingredient, ...]
    steps: tuple[str, ...] = ()
