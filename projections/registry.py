"""The list of all projections."""

from __future__ import annotations

from typing import Any

from projections.checkpoints import Checkpoints
from projections.documents.projection import Documents
from projections.tasks import Tasks
from projections.view import Projection

PROJECTIONS: tuple[Projection[Any], ...] = (Tasks(), Checkpoints(), Documents())
