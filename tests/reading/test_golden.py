"""Documents and the plans they become.

After a wanted change: `python -m tests.reading.test_golden`, then review what it changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from conductor.reading.reader import read

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = sorted(path.stem for path in GOLDEN.glob("*.md"))


def plan_of(name: str) -> str:
    plan = read((GOLDEN / f"{name}.md").read_bytes())
    plan = msgspec.structs.replace(plan, phases=tuple(msgspec.structs.replace(p, digest="") for p in plan.phases))
    return json.dumps(msgspec.to_builtins(plan), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_becomes_its_plan(name: str) -> None:
    assert json.loads(plan_of(name)) == json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def test_there_are_documents() -> None:
    assert len(DOCUMENTS) >= 12


@pytest.mark.parametrize("name", DOCUMENTS)
def test_line_ends_a_mark_and_a_missing_last_newline_change_nothing(name: str) -> None:
    text = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    plan = read(text)
    assert read(text.replace("\n", "\r\n")) == plan
    assert read(text.replace("\n", "\r")) == plan
    assert read(("\ufeff" + text).encode()) == plan
    assert read(text.rstrip("\n")) == plan


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_plan_survives_its_record(name: str) -> None:
    plan = read((GOLDEN / f"{name}.md").read_bytes())
    assert msgspec.json.decode(msgspec.json.encode(plan), type=type(plan)) == plan


if __name__ == "__main__":
    for document in DOCUMENTS:
        (GOLDEN / f"{document}.json").write_text(plan_of(document), encoding="utf-8")
