"""What a user configures: the settings of a task, `conductor.toml`, the environment. It decides nothing."""
