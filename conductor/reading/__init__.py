"""READY.md -> Plan, pure: no clock, no file system, no log.

`read` is loaded when it is asked for: events import `conductor.plan.model` and must not pay for a Markdown parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor.reading.reader import read

__all__ = ["read"]


def __getattr__(name: str) -> object:
    if name == "read":
        from conductor.reading.reader import read

        return read
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
