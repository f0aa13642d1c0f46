"""The command line: `show` a recipe as a card, or `shop` for several."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinch import pantry
from pinch.card import card
from pinch.reader import read
from pinch.recipe import Recipe
from pinch.scaling import scale
from pinch.shopping import shopping_list


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, or 2 when a file cannot be read or a number makes no sense."""
    args = _parser().parse_args(argv)
    try:
        sys.stdout.write(args.command(args))
    except (OSError, ValueError) as error:
        print(f"pinch: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pinch", description="Scales recipes and writes shopping lists.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="print a recipe as a card")
    show.add_argument("recipe", type=Path)
    show.add_argument("--serves", type=int, help="scale it to this many guests")
    show.set_defaults(command=_show)
    shop = commands.add_parser("shop", help="print what to buy for one or more recipes")
    shop.add_argument("recipes", type=Path, nargs="+", metavar="recipe")
    shop.add_argument("--serves", type=int, help="scale each recipe to this many guests")
    shop.add_argument("--pantry", type=Path, help="a list of what is at home already")
    shop.set_defaults(command=_shop)
    return parser


def _show(args: argparse.Namespace) -> str:
    return card(_load(args.recipe, args.serves))


def _shop(args: argparse.Namespace) -> str:
    at_home = pantry.read(args.pantry.read_text(encoding="utf-8")) if args.pantry else frozenset()
    recipes = [_load(path, args.serves) for path in args.recipes]
    return "".join(f"[ ] {line}\n" for line in shopping_list(recipes, at_home))


def _load(path: Path, serves: int | None) -> Recipe:
    recipe = read(path.read_text(encoding="utf-8"), str(path))
    return recipe if serves is None else scale(recipe, serves)
