import unittest
from fractions import Fraction

from pinch.recipe import Ingredient, Recipe
from pinch.scaling import scale, tidy
from pinch.units import UNITS, family

TOAST = Recipe(
    "Toast", 2, (Ingredient("bread", Fraction(4)), Ingredient("butter", Fraction(1), "tbsp"), Ingredient("salt"))
)


class Scaling(unittest.TestCase):
    def test_changes_every_amount_and_nothing_else(self):
        self.assertEqual([str(line) for line in scale(TOAST, 3).ingredients], ["6 bread", "1½ tbsp butter", "salt"])
        self.assertEqual(scale(TOAST, 3).serves, 3)

    def test_to_a_third_and_back_loses_nothing(self):
        recipe = Recipe("Porridge", 3, (Ingredient("oats", Fraction(1), "cup"),))
        self.assertEqual(scale(scale(recipe, 1), 3), recipe)

    def test_for_nobody_is_refused(self):
        with self.assertRaises(ValueError):
            scale(TOAST, 0)


class Tidying(unittest.TestCase):
    def test_picks_the_unit_a_cook_would(self):
        for given, expected in {
            (Fraction(3), "tsp"): "1 tbsp",
            (Fraction(4), "tsp"): "4 tsp",
            (Fraction(1, 8), "cup"): "2 tbsp",
            (Fraction(3, 4), "cup"): "¾ cup",
            (Fraction(49, 48), "cup"): "49 tsp",
            (Fraction(5, 7), "cup"): "0.71 cup",
            (Fraction(1500), "g"): "1½ kg",
            (Fraction(1234), "g"): "1234 g",
            (Fraction(1, 10), "l"): "100 ml",
        }.items():
            with self.subTest(given):
                self.assertEqual(tidy(Ingredient("x", *given)).measure, expected)

    def test_leaves_counted_things_alone(self):
        self.assertEqual(tidy(Ingredient("eggs", Fraction(12))), Ingredient("eggs", Fraction(12)))


class Families(unittest.TestCase):
    def test_are_listed_largest_first(self):
        self.assertEqual([unit.name for unit in family("tbsp")], ["cup", "tbsp", "tsp"])

    def test_have_one_unit_of_size_one(self):
        smallest = [unit.family for unit in UNITS.values() if unit.size == 1]
        self.assertEqual(sorted(smallest), sorted({unit.family for unit in UNITS.values()}))
