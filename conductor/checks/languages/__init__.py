"""What the checks know about each programming language."""
