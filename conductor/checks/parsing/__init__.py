"""Parses untrusted source text in this process, within limits of stack, time and size."""
