"""Markdown text as sections, blocks and lines. Knows nothing of plans."""
