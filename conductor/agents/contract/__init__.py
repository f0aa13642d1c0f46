"""What every agent is given and returns, whatever runs it."""
