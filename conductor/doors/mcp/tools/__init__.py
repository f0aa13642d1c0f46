"""The tools, one module a group: each parses, calls the session, and renders."""
