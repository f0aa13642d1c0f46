"""Commands for writing a specification."""
