"""Commands that start, drive and steer a task."""
