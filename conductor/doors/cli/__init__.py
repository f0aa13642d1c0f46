"""The command line, one module a command: `arguments(parser)`, `run(call)`, and an `EXAMPLE` for its help."""
