"""What checks know of each programming language."""
