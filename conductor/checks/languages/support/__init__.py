"""Larger parts of the languages: resolving imports, listing what a module offers."""
