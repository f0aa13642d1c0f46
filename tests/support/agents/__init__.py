"""One attempt of an agent on a real worktree and store, and a stand-in for the CLI of Claude Code."""
