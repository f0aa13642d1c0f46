"""The commands, one module each: `arguments(parser)`, `run(call)`, and an `EXAMPLE` for its help."""
