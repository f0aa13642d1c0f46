"""What was learned, as generated documents."""
