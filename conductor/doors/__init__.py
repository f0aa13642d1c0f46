"""The ways in, kept thin: they parse, call the application, and render. Nothing imports them."""
