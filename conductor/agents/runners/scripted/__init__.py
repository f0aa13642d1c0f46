"""Agents whose turns are written down: from a file, or from an earlier task's record."""
