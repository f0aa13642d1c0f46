"""How what a command shows is laid out: cells of a terminal, quotes, questions. Knows no store and asks no rule."""
