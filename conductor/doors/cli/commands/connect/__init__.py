"""Commands for other programs and for the machine."""
