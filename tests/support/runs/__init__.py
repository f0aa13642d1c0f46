"""Whole runs in a sandbox of a test's own: specifications, scripts, and what must hold when a run has ended."""
