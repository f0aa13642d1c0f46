from __future__ import annotations

from sandboxes import make_sandbox, sandbox

__all__ = ["make_sandbox", "sandbox"]
