"""The core without the world: given, when, then; chance, chaos, and the laws that hold of every history."""
