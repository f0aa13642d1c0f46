"""What a user sets: the settings of a task, `conductor.toml`, the environment. It decides nothing."""
