"""Ignored files when rules or trees change: which of them were there before, and where they are moved."""
