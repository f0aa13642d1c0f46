"""What the cook expects of a shopping list. Written with the specification; not to be changed to suit the code."""

import unittest
from pathlib import Path

from pinch.pantry import read as read_pantry
from pinch.reader import read
from pinch.shopping import shopping_list

HERE = Path(__file__).parent.parent
RECIPES = [read((HERE / "recipes" / name).read_text(encoding="utf-8")) for name in ("pancakes.txt", "lemon-cake.txt")]


class ShoppingForAWeekend(unittest.TestCase):
    def test_what_two_recipes_share_is_bought_once(self):
        items = [line.item for line in shopping_list(RECIPES) if line.amount is not None]
        self.assertEqual(items, sorted(set(items)))

    def test_amounts_in_different_units_are_added_up(self):
        lines = {line.item: line for line in shopping_list(RECIPES)}
        self.assertEqual(str(lines["flour"]), "3¾ cup flour")
        self.assertEqual(str(lines["sugar"]), "1⅛ cup sugar")
        self.assertEqual(str(lines["eggs"]), "6 eggs")

    def test_what_is_at_home_is_not_bought(self):
        pantry = read_pantry((HERE / "pantry.txt").read_text(encoding="utf-8"))
        items = {line.item for line in shopping_list(RECIPES, pantry)}
        self.assertFalse({"salt", "baking powder"} & items)
        self.assertIn("lemons", items)
