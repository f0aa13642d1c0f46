"""The user at a door, as an actor in the log."""

from __future__ import annotations

import getpass

from conductor.text import one_line

NAME = 100  # characters


def person() -> str:
    """`person:NAME`, with the name of the user who runs this process."""
    try:
        name = one_line(getpass.getuser(), NAME)
    except (KeyError, OSError):
        name = ""
    return f"person:{name or 'unknown'}"
