"""Effects in the world, one file per kind: probe for what was done before, do the rest, yield the outcome."""
