"""Histories for replay are those of the projections' tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / part) for part in ("core", "projections")]
