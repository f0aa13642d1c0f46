from __future__ import annotations

from tests.support.runs.sandboxes import make_sandbox, sandbox

__all__ = ["make_sandbox", "sandbox"]
