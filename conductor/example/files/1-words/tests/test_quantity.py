import unittest
from fractions import Fraction

from pinch.quantity import parse, show, split


class Parsing(unittest.TestCase):
    def test_every_way_in_which_cooks_write_an_amount(self):
        for text, value in {
            "2": Fraction(2),
            "3/4": Fraction(3, 4),
            "1 1/2": Fraction(3, 2),
            "½": Fraction(1, 2),
            "1½": Fraction(3, 2),
            "1 ½": Fraction(3, 2),
            "0.25": Fraction(1, 4),
        }.items():
            with self.subTest(text):
                self.assertEqual(parse(text), value)

    def test_anything_else_is_refused(self):
        for text in ("", "some", "1/0", "1½½", "-1", "1 cup"):
            with self.subTest(text), self.assertRaises(ValueError):
                parse(text)

    def test_an_amount_is_split_off_the_front_of_a_line(self):
        self.assertEqual(split("1½ cups flour"), (Fraction(3, 2), "cups flour"))
        self.assertEqual(split("250g butter"), (Fraction(250), "g butter"))
        self.assertEqual(split("butter, for the pan"), (None, "butter, for the pan"))


class Showing(unittest.TestCase):
    def test_a_glyph_where_there_is_one(self):
        self.assertEqual(show(Fraction(3, 2)), "1½")
        self.assertEqual(show(Fraction(2, 3)), "⅔")

    def test_whole_numbers_keep_their_zeros(self):
        self.assertEqual(show(Fraction(100)), "100")

    def test_two_decimals_at_most_where_there_is_none(self):
        self.assertEqual(show(Fraction(5, 7)), "0.71")
        self.assertEqual(show(Fraction(5, 2) + Fraction(1, 10)), "2.6")

    def test_what_is_shown_can_be_read_again(self):
        for eighths in range(1, 40):
            amount = Fraction(eighths, 8)
            self.assertEqual(parse(show(amount)), amount)
