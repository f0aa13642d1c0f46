"""Commands that show and audit what is recorded."""
