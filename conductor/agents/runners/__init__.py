"""What runs an agent, one folder a kind."""
