"""The git workspace of a task. It moves branches and worktrees, and decides nothing."""
