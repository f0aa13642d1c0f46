"""How each kind of fact changes the state: one small function per event type."""
