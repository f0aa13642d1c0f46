"""Commands for who writes a specification."""
