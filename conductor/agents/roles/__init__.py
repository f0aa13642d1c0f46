"""The roles of agents: their files, and reading them."""
