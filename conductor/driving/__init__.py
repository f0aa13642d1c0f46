"""Driving a task: keeping its state current, claiming its work and performing it."""
