import unittest

from pinch.pantry import missing, read
from pinch.recipe import Ingredient


class Pantry(unittest.TestCase):
    def test_is_read_without_comments_and_in_any_case(self):
        self.assertEqual(read("# always there\nSalt\n\nbaking powder  # two tins\n"), {"salt", "baking powder"})

    def test_leaves_what_has_to_be_bought(self):
        butter = Ingredient("Butter, for the pan")
        self.assertEqual(missing([Ingredient("Salt"), butter], read("salt")), (butter,))
        self.assertEqual(missing([butter], read("butter")), ())
