"""The roles of agents: their files, and parsing them."""
