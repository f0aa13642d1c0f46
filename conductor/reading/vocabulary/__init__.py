"""The words that specifications use, as data, and how to find them in a text."""
