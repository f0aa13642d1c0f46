"""An agent's work: roles, tools, report, transcript, and the runners. It never judges an agent's claims."""
