"""The past: a task's state at any version, its history in words, and its verification. Folds facts; runs nothing."""
