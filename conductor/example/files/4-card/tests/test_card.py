import unittest
from fractions import Fraction

from pinch.card import card
from pinch.recipe import Ingredient, Recipe

TOAST = Recipe(
    "Toast",
    2,
    (Ingredient("bread", Fraction(4)), Ingredient("butter", Fraction(3, 2), "tbsp"), Ingredient("salt")),
    ("Toast the bread until it smells of breakfast.", "Butter it."),
)
CARD = """\
Toast                 serves 2
------------------------------
        4  bread
  1½ tbsp  butter
           salt

 1. Toast the bread until it
    smells of breakfast.

 2. Butter it.
"""


class Cards(unittest.TestCase):
    def test_look_like_this(self):
        self.assertEqual(card(TOAST, width=30), CARD)

    def test_no_line_is_longer_than_the_card_is_wide(self):
        self.assertLessEqual(max(map(len, card(TOAST, width=24).splitlines())), 24)
