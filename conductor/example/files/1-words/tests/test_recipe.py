import unittest
from fractions import Fraction

from pinch.recipe import Ingredient
from pinch.units import UNITS


class Ingredients(unittest.TestCase):
    def test_read_as_a_line_of_a_recipe(self):
        self.assertEqual(str(Ingredient("flour", Fraction(3, 2), "cup")), "1½ cup flour")
        self.assertEqual(str(Ingredient("eggs", Fraction(2))), "2 eggs")
        self.assertEqual(str(Ingredient("butter, for the pan")), "butter, for the pan")

    def test_the_item_leaves_out_what_it_is_for(self):
        self.assertEqual(Ingredient("Butter, for the pan").item, "butter")


class Units(unittest.TestCase):
    def test_are_found_by_their_names(self):
        self.assertEqual([unit.name for unit in UNITS.values()], list(UNITS))
        self.assertIn("cup", UNITS)
