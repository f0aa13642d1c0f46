"""The tools that agents work with, confined to their worktree."""
