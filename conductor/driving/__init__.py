"""Driving a task: its state kept up, its work claimed and performed."""
