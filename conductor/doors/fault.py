"""An internal error as a user sees it: one line, while the details go to the log in the state folder."""

from __future__ import annotations

from typing import Any

from conductor.errors import ConductorError


def internal_error(error: BaseException, **context: Any) -> ConductorError:
    """The error to show. `context` is noted with the details, such as the command."""
    from conductor.config.environment import Environment
    from conductor.diagnostics import note

    what = f"internal error in Conductor ({type(error).__name__}); what is recorded is safe"
    try:
        environment = Environment.read()
        where = note(error, environment.make_home(), environment.variables, **context)
    except (OSError, ConductorError) as trouble:
        return ConductorError(what, hint=f"the details could not be saved: {trouble}")
    return ConductorError(what, hint=f"the details are in {where}")
