"""Conductor: the write side. What makes events happen; the read side is `projections`, the past is `replay`."""

__version__ = "0.1.0"
