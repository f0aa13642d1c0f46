"""What was learned, as the documents tell it."""
