"""Source text that somebody else wrote, parsed in this process within bounds of stack, time and size."""
