"""Golden stores: what a version wrote, kept as fixtures, and the stage on which a later one reads and continues it."""
