"""The runners, one folder for each kind of agent."""
