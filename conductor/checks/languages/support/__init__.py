"""Larger parts of the languages beside: how imports are resolved, what a module offers. Each is named by its object."""
