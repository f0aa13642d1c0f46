"""Where things lie: the checkout, and what it holds for tests to read. Whoever needs a path of ours asks here."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # also what the PYTHONPATH of a process of ours is set to
FIXTURES = ROOT / "tests" / "fixtures"
EXAMPLE = ROOT / "conductor" / "example"
