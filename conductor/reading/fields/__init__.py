"""The contents of a phase's section: its fields and each kind of value."""
