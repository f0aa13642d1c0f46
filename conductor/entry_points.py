"""What other packages bring to Conductor: the entry points of a group, loaded. It does not know what they are for.

A package that cannot be used costs only what it brings: what is wrong with it is told, never raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from conductor.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# Whatever a foreign module does when it is imported or called; not what interrupts or cancels us meanwhile.
FAULTS = (Exception, SystemExit)
REMEDY = "mend, update or uninstall that package"
_SHOWN = 300  # characters of a fault


class Loaded(msgspec.Struct, frozen=True):
    """The object that an entry point names. `who` says in words which one it is, and of which package."""

    name: str
    value: object
    who: str


class Unusable(msgspec.Struct, frozen=True):
    """An entry point whose object is of no use, and why. `name` is "" where not even its name can be read."""

    name: str
    why: str


def loaded(group: str, what: str) -> Iterator[Loaded | Unusable]:
    """What the installed packages bring in a group, by name.

    `what` they are, in words: `the language`. The packages are looked for, and imported, with each call.
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
    """`what` is wrong and the error that says so, on one line."""
    why = f": {type(error).__name__}: {error}" if error is not None else ""
    return one_line(what + why, _SHOWN)


def _load(point: EntryPoint, what: str) -> Loaded | Unusable:
    who = f"{what} {point.name!r} ({point.value}, of {point.dist.name if point.dist else 'an unknown package'})"
    try:
        return Loaded(point.name, point.load(), who)
    except FAULTS as error:
        return Unusable(point.name, fault(f"{who} cannot be loaded", error))
