"""The words that specifications use, as data, and finding them in a text."""
