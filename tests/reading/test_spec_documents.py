"""Documents of every variation that READY_FORMAT tells of, and the plans that `conduct plan --json` shows of them.

After a wanted change: `python -m tests.reading.test_spec_documents`, then review what it changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conductor.reading.reader import read
from conductor.reading.writer import plan_to_json

DOCUMENTS = Path(__file__).parent / "documents"
NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.md"))


def shown(name: str) -> str:
    plan = read((DOCUMENTS / f"{name}.md").read_bytes())
    return json.dumps(plan_to_json(plan), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_shown_as_its_reviewed_plan(name: str) -> None:
    assert json.loads(shown(name)) == json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))


def test_there_are_documents() -> None:
    assert len(NAMES) >= 40


if __name__ == "__main__":
    for document in NAMES:
        (DOCUMENTS / f"{document}.json").write_text(shown(document), encoding="utf-8")
