"""Documents written into a checkout: each in its place, people's text kept, the specification amended with care."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.core.state import TaskState
from conductor.effects.documents import write
from conductor.errors import SpecError
from conductor.events import Amendment
from conductor.plan.model import Phase, Plan
from conductor.reading.reader import read
from projections.documents.findings import CORRECTION, Entry, Findings, Source
from tests.support.places import ROOT

SPECS = sorted((ROOT / "tests" / "reading" / "documents").glob("*.md"))
SPEC = "# Notes\n\n## Phase 1: First\n\n- Keep it in /etc\n\n## Phase 2: Second\n\n- Show it\n"
MOVED = Amendment("a1", "Keep it in /etc", "Keep it in ~", "q1")


def findings(*entries: Entry) -> Findings:
    return Findings(task="t", title="Notes", spec="5" * 64, entries=entries)


def ruling(amendment: Amendment = MOVED) -> Entry:
    said = {"Original spec": amendment.old, "Reality": amendment.new}
    return Entry(
        CORRECTION, amendment.old, (Source(9, "1"),), details=said, holds=True, question="q1", amendment=amendment.id
    )


PATTERN = Entry("gotcha", "Mind it", (Source(3, "1"), Source(4, "2")))


def state(**more: Any) -> TaskState:
    return TaskState("t", **{"title": "Notes", "spec_path": ".prelude/READY.md", "amendments": (MOVED,), **more})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".prelude").mkdir()
    (tmp_path / ".prelude" / "READY.md").write_text(SPEC)
    return tmp_path


def files(tree: Path) -> dict[str, str]:
    return {str(p.relative_to(tree)): p.read_text() for p in tree.rglob("*.md")}


def test_each_document_has_its_place(tree: Path) -> None:
    written, edited = write(tree, state(), findings(ruling(), PATTERN))
    assert (
        set(written)
        == set(files(tree))
        == {
            ".prelude/READY.md",
            ".prelude/DISCOVERIES.md",
            ".prelude/ARCHITECTURE.md",
            "CLAUDE.md",
        }
    )
    assert edited == ()


def test_what_is_obsolete_at_the_end_is_in_the_archive(tree: Path) -> None:
    gone = Entry("gotcha", "Gone", (Source(3, "1", abandoned=7),))
    ended = Findings(task="t", title="Notes", spec="5" * 64, entries=(gone,), completing=True)
    path = ".prelude/archive/DISCOVERIES-notes-55555555.md"
    assert path in write(tree, state(), ended)[0]
    assert "Gone" in files(tree)[path]


def test_the_specification_is_amended_and_noted_and_that_once(tree: Path) -> None:
    write(tree, state(), findings(ruling()))
    once = files(tree)
    spec = once[".prelude/READY.md"]
    assert spec.startswith(SPEC.replace("/etc", "~") + "\n## Implementation Notes\n")
    assert spec.count("Amendment a1") == 1
    write(tree, state(), findings(ruling()))
    assert files(tree) == once


def test_what_a_person_takes_back_in_the_specification_stays_so(tree: Path) -> None:
    write(tree, state(), findings(ruling()))
    place = tree / ".prelude" / "READY.md"
    place.write_text(mine := place.read_text().replace("- Keep it in ~", "- Keep it in /etc"))
    write(tree, state(), findings(ruling()))
    assert place.read_text() == mine


def test_notes_edited_by_hand_are_left_alone_and_what_is_new_goes_beside(tree: Path) -> None:
    write(tree, state(), findings(ruling()))
    place = tree / ".prelude" / "READY.md"
    place.write_text(mine := place.read_text().replace("so it is", "so I say it is"))
    written, edited = write(tree, state(), findings(ruling(), ruling(Amendment("a2", "Show it", "Print it", "q2"))))
    assert place.read_text() == mine
    assert edited == (".prelude/READY.md",)
    assert "Amendment a2" in (tree / ".prelude" / "READY.conductor.md").read_text()
    assert ".prelude/READY.conductor.md" in written and ".prelude/READY.md" not in written


@pytest.mark.parametrize("spec_path", ["/elsewhere/READY.md", "../READY.md"])
def test_a_specification_outside_of_the_repository_is_not_touched(tree: Path, spec_path: str) -> None:
    written, edited = write(tree, state(spec_path=spec_path), findings(ruling()))
    assert (tree / ".prelude" / "READY.md").read_text() == SPEC
    assert set(written) == {".prelude/DISCOVERIES.md", ".prelude/READY.conductor.md"} and edited == ()


def test_a_specification_that_is_a_link_is_not_touched(tree: Path) -> None:
    other = tree / "other"
    (tree / ".prelude" / "READY.md").rename(other)
    (tree / ".prelude" / "READY.md").symlink_to(other)
    written, edited = write(tree, state(), findings(ruling()))
    assert other.read_text() == SPEC and edited == (".prelude/READY.md",)
    assert ".prelude/READY.conductor.md" in written


def test_a_specification_that_is_not_in_the_tree_is_not_begun(tree: Path) -> None:
    """It lies in the user's checkout, unknown to git: a file of that name could not be merged there."""
    (tree / ".prelude" / "READY.md").unlink()
    assert ".prelude/READY.md" not in write(tree, state(), findings(ruling()))[0]


@pytest.mark.parametrize("new", ["Keep it\n\n## Phase 9: More\n\n- more", "Keep it\n\n# Other\n\n## Phase 2: Third"])
def test_an_amendment_makes_and_ends_no_phase(tree: Path, new: str) -> None:
    amendment = Amendment("a1", "Keep it in /etc", new, "q1")
    write(tree, state(amendments=(amendment,)), findings(ruling(amendment)))
    text = (tree / ".prelude" / "READY.md").read_text()
    assert text.startswith(SPEC) and "Amendment a1" in text


def test_what_is_no_longer_said_is_taken_back(tree: Path) -> None:
    write(tree, state(), findings(PATTERN))
    assert "Mind it" in files(tree)["CLAUDE.md"]
    assert "CLAUDE.md" in write(tree, state(), findings())[0]
    assert "Mind it" not in files(tree)["CLAUDE.md"] and "Nothing at present." in files(tree)["CLAUDE.md"]
    (tree / "CLAUDE.md").write_text("# Mine\n")
    assert write(tree, state(), findings())[0].keys() == {".prelude/ARCHITECTURE.md"}
    assert files(tree)["CLAUDE.md"] == "# Mine\n"


def phases(plan: Plan) -> list[Phase]:
    import msgspec

    return [msgspec.structs.replace(phase, digest="", lines=(0, 0)) for phase in plan.phases]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_notes_change_no_phase_of_any_specification(tmp_path: Path, path: Path) -> None:
    try:
        before = read(path.read_bytes())
    except SpecError:
        pytest.skip("no plan")
    (tmp_path / "READY.md").write_bytes(path.read_bytes())
    entry = Entry(CORRECTION, "Phase 9: x", (Source(1),), details={"Reality": "`make all`"}, holds=True, affects=("1",))
    written, _ = write(tmp_path, state(spec_path="READY.md"), findings(entry))
    assert any(name.startswith("READY") for name in written)
    assert phases(read((tmp_path / "READY.md").read_bytes())) == phases(before)
