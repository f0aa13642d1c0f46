"""Loads what other packages provide through entry points of a group. It does not know what they are for.

A broken package affects only what it provides: the fault is reported, never raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from conductor.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# What a foreign module may raise when it is imported or called, without what interrupts or cancels us.
FAULTS = (Exception, SystemExit)
REMEDY = "fix, update or uninstall that package"
_SHOWN = 300  # characters of a fault


class Loaded(msgspec.Struct, frozen=True):
    """The object that an entry point names. `who` describes it and its package."""

    name: str
    value: object
    who: str


class Unusable(msgspec.Struct, frozen=True):
    """An entry point whose object cannot be used, and why. `name` is "" if not even that can be read."""

    name: str
    why: str


def loaded(group: str, what: str) -> Iterator[Loaded | Unusable]:
    """What the installed packages provide in a group, sorted by name.

    `what` describes them, such as `the language`. Each call searches for the packages and imports them.
    """
    from importlib.metadata import entry_points

    try:
        points = sorted(entry_points(group=group), key=lambda point: (point.name, point.value))
    except Exception as error:  # of the metadata of any package that is installed
        yield Unusable("", fault(f"the entry points of {group} cannot be read", error))
        return
    for point in points:
        yield _load(point, what)


def fault(what: str, error: BaseException | None = None) -> str:
    """`what` is wrong, followed by the error if there is one, on one line."""
    why = f": {type(error).__name__}: {error}" if error is not None else ""
    return one_line(what + why, _SHOWN)


def _load(point: EntryPoint, what: str) -> Loaded | Unusable:
    who = f"{what} {point.name!r} ({point.value}, of {point.dist.name if point.dist else 'an unknown package'})"
    try:
        return Loaded(point.name, point.load(), who)
    except FAULTS as error:
        return Unusable(point.name, fault(f"{who} cannot be loaded", error))
