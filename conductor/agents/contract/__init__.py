"""What every agent is given and gives back, whoever runs it."""
