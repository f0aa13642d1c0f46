"""Commands that begin, drive and steer a task."""
