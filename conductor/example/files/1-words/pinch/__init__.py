"""pinch: scales recipes and writes shopping lists, from plain text files."""
