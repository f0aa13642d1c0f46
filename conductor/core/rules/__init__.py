"""What a state calls for next. Each rule reads a state and returns at most one decision; rules keep no state."""
