import unittest
from fractions import Fraction

from pinch.reader import RecipeError, ingredient, read
from pinch.recipe import Ingredient
from pinch.units import canonical

TOAST = """\
Toast
serves 2

- 4 slices of bread
- 1 tbsp. butter
# Salted, if you ask me.

1. Toast the bread until
   it smells of breakfast.
2. Butter it.
"""


class Reading(unittest.TestCase):
    def test_a_whole_recipe(self):
        recipe = read(TOAST)
        self.assertEqual((recipe.title, recipe.serves), ("Toast", 2))
        self.assertEqual(recipe.ingredients[1], Ingredient("butter", Fraction(1), "tbsp"))
        self.assertEqual(recipe.steps, ("Toast the bread until it smells of breakfast.", "Butter it."))

    def test_an_error_names_the_line(self):
        with self.assertRaisesRegex(RecipeError, r"toast\.txt:3: .*nonsense"):
            read("Toast\nServes 2\nnonsense\n", "toast.txt")

    def test_what_is_missing_is_named(self):
        for text, missing in {"": "title", "Toast": "Serves", "Toast\nServes 2": "ingredients"}.items():
            with self.subTest(missing), self.assertRaisesRegex(RecipeError, missing):
                read(text)


class Ingredients(unittest.TestCase):
    def test_with_and_without_amount_and_unit(self):
        for text, expected in {
            "1½ cups flour": Ingredient("flour", Fraction(3, 2), "cup"),
            "250g butter": Ingredient("butter", Fraction(250), "g"),
            "1 pinch of salt": Ingredient("salt", Fraction(1), "pinch"),
            "2 eggs": Ingredient("eggs", Fraction(2)),
            "butter, for the pan": Ingredient("butter, for the pan"),
        }.items():
            with self.subTest(text):
                self.assertEqual(ingredient(text), expected)


class Spellings(unittest.TestCase):
    def test_of_units(self):
        self.assertEqual(canonical("Tablespoons"), "tbsp")
        self.assertEqual(canonical("tsp."), "tsp")
        self.assertIsNone(canonical("eggs"))
