"""What touches the world: the git workspace, checks and documents. Only the runner calls these; replay never can."""
