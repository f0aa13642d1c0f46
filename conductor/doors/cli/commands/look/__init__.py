"""Commands that show and audit what is on record."""
