"""Generates parts of the documentation from the code, for `make diagram` and `make catalogue`."""
