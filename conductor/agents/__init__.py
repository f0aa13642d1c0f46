"""An agent's work: roles, tools, report, transcript, and the runners. It never decides what its word is worth."""
