"""The command line, one module per command: `arguments(parser)`, `run(call)`, and an `EXAMPLE` for its help."""
