"""What a state calls for next. Each rule reads a state and names one decision, or none; nothing here remembers."""
