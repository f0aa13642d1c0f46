"""Git, called safely."""
