import unittest
from fractions import Fraction

from pinch.recipe import Ingredient, Recipe
from pinch.shopping import shopping_list


def recipe(*ingredients: Ingredient) -> Recipe:
    return Recipe("Something", 2, ingredients)


class ShoppingLists(unittest.TestCase):
    def lines(self, *recipes: Recipe, pantry: frozenset[str] = frozenset()) -> list[str]:
        return [str(line) for line in shopping_list(recipes, pantry)]

    def test_add_up_what_two_recipes_share(self):
        one = recipe(Ingredient("sugar", Fraction(1), "tbsp"))
        other = recipe(Ingredient("sugar", Fraction(3), "tsp"))
        self.assertEqual(self.lines(one, other), ["2 tbsp sugar"])

    def test_keep_apart_what_cannot_be_added_up(self):
        one = recipe(Ingredient("butter", Fraction(50), "g"))
        other = recipe(Ingredient("butter", Fraction(1), "cup"), Ingredient("butter, for the pan"))
        self.assertEqual(sorted(self.lines(one, other)), ["1 cup butter", "50 g butter", "butter"])

    def test_are_sorted_and_leave_out_the_pantry(self):
        one = recipe(Ingredient("Salt"), Ingredient("milk", Fraction(1), "l"), Ingredient("eggs", Fraction(2)))
        self.assertEqual(self.lines(one, pantry=frozenset({"salt"})), ["2 eggs", "1 l milk"])
