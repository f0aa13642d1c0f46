from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))  # sandbox, witness, stories

from sandboxes import make_sandbox, sandbox

__all__ = ["make_sandbox", "sandbox"]
