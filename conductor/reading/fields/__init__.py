"""What stands in a phase's section: fields, and each kind of value."""
