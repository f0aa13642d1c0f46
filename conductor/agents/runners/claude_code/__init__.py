"""The Claude Code CLI as an agent."""
