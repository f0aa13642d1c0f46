"""How each kind of fact changes the state: one small function an event type."""
