"""The document's own files: those that no phase expects are looked for at the end and block nothing."""

from __future__ import annotations

import pytest

from conductor.core.state import replace
from conductor.events import ChecksRequested, TaskCompleted
from conductor.plan.model import Criterion, Plan
from tests.support.simulation.story import FIX, Story, given
from tests.support.simulation.world import CUT, large, plan


def listing(made: Plan, *files: str) -> Plan:
    return replace(made, files=files)


def asked(story: Story) -> list[tuple[str | None, tuple[str, ...]]]:
    """The phase and the paths of every check of files that was asked for, module checks aside."""
    requests = [b for b in story.all(ChecksRequested) if b.module is None]
    return [(b.phase, c.paths) for b in requests for c in b.checks if c.kind == "files"]


def test_a_file_that_no_phase_names_is_asked_of_the_whole_and_of_nothing_else() -> None:
    story = given(listing(plan(1, 1), "LICENSE", "docs/", "src/*.py")).ran()
    own = ("LICENSE", "docs/", "src/*.py")
    phases = [("1", ("1/0.py",)), ("2", ("2/0.py",))]
    assert asked(story) == [*phases, (None, ("1/0.py", "2/0.py")), (None, own)]
    assert [(c.key, c.blocking) for c in story.last(ChecksRequested).checks if c.kind == "files"] == [
        ("files", True),
        ("files:listed", False),
    ]
    assert story.state.status == "completed"


def test_one_that_a_phase_expects_is_not_asked_twice() -> None:
    story = given(listing(plan(1, 1), "2/0.py", "1/0.py")).ran()
    assert asked(story)[-1] == (None, ("1/0.py", "2/0.py"))


def test_it_is_asked_for_where_phases_expect_none() -> None:
    bare = replace(plan(1).phases[0], modules=(replace(plan(1).phases[0].modules[0], expected_files=()),))
    assert asked(given(listing(replace(plan(1), phases=(bare,)), "LICENSE")).ran()) == [(None, ("LICENSE",))]


@pytest.mark.parametrize("answer", ["skip", "accept"])
def test_what_a_phase_that_a_person_waived_was_to_make_is_not_asked_of_the_whole(answer: str) -> None:
    story = given(listing(plan(1, 1), "2/0.py", "LICENSE")).check("files", "failed", times=3, phase="2").ran()
    story.answer(answer)
    story.ends("completed_with_waivers")
    assert asked(story)[-2:] == [(None, ("1/0.py",)), (None, ("LICENSE",))]
    held = next(c for c in story.last(ChecksRequested).checks if c.key == "files")
    assert held.blocking == (answer == "skip"), "of a kind that failed in accepted work nothing blocks again"


def test_where_it_is_missing_the_task_ends_all_the_same_and_nobody_is_sent_to_mend_it() -> None:
    story = given(listing(plan(1), ".env")).check("files:listed", "failed", times=3, phase=None).ran()
    assert (FIX, None, None) not in story.agents()
    assert story.state.status == "completed"
    assert story.state.whole.checks["files:listed"].status == "failed"


def test_that_it_is_there_does_not_stand_for_a_test() -> None:
    """Nor does its absence count as something that a person waived."""
    bare = replace(plan(1).phases[0], modules=(replace(plan(1).phases[0].modules[0], expected_files=()),))
    story = given(listing(replace(plan(1), phases=(bare,)), "LICENSE"))
    for key in ("tests", "tests:0", "imports", "lint", "leftovers"):
        story.check(key, "not_applicable", times=9, phase=None)
    story.ran()
    assert "no check applies" in story.question("tool").text


def test_it_proves_what_the_document_says_of_its_files() -> None:
    there = Criterion("doc.c1", "`LICENSE` exists", proofs=("files",))
    made = replace(listing(plan(1), "LICENSE"), success_criteria=(there,))
    story = given(made).ran()
    files = [c for c in story.last(ChecksRequested).checks if c.kind == "files"]
    assert [c.proves for c in files] == [("doc.c1",), ("doc.c1",)]
    assert "doc.c1" not in story.last(TaskCompleted).unproven
    story = given(made).check("files:listed", "failed", phase=None).ran()
    assert story.last(TaskCompleted).unproven[-1] == "doc.c1"


def test_of_a_plan_that_was_cut_the_task_itself_is_held_to_them() -> None:
    story = given(listing(large(1, 1), "LICENSE", "1/0.py"), settings=CUT).ran()
    assert story.state.subplans and all(not part.plan.files for part in story.state.subplans)
    assert asked(story) == [("subtasks", ("1/0.py", "2/0.py")), (None, ("1/0.py", "2/0.py")), (None, ("LICENSE",))]


def test_of_a_part_that_is_left_out_nothing_is_asked() -> None:
    story = given(listing(large(1, 1, 1), "LICENSE", "3/0.py"), settings=CUT).subtask("abandoned", module="Phase 3")
    story.ran().answer("skip")
    story.ends("completed_with_waivers")
    assert asked(story)[-2:] == [(None, ("1/0.py", "2/0.py")), (None, ("LICENSE",))]
