"""Fixtures: a sandbox on the session's server."""

from tests.support.runs.sandboxes import make_sandbox, sandbox

__all__ = ["make_sandbox", "sandbox"]
