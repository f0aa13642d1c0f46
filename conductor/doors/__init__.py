"""Doors: thin. They parse, call the application, and render. Nothing imports them."""
