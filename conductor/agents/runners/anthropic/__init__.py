"""Live agents by the Messages API."""
