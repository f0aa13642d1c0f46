"""Agents with prepared turns: from a file, or from the record of an earlier task."""
