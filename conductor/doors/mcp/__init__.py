"""The MCP server: a client starts its own agents and reports their work; Conductor keeps the state and the rules."""
