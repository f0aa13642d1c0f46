"""Live agents through the Messages API."""
