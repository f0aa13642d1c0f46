"""Markdown text as sections, blocks and lines. It knows nothing about plans."""
