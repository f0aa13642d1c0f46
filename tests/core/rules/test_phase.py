"""How a phase goes when nothing is in its way: one module, several in waves, missing tests, what is saved."""

from __future__ import annotations

import pytest

from conductor.config.settings import Commands, Settings
from conductor.core.names import slug
from conductor.events import (
    AgentRequested,
    CheckpointRequested,
    ChecksRequested,
    ContextClearSuggested,
    MergeRequested,
    PhaseResultSaved,
    PhaseSkipped,
    PhaseWaveStarted,
    TaskCompleted,
    TaskStarted,
    WorkspaceRequested,
)
from conductor.plan.model import Criterion, Module, Phase, Plan
from tests.support.simulation.story import FIX, IMPLEMENT, REVIEW, TESTS, given
from tests.support.simulation.world import NOW, plan

CHECKED = ["checks.requested", *["check.observed"] * 6]


def test_nothing_happens_before_the_start() -> None:
    story = given(plan(1))
    assert story.told == ["task.created"]
    assert story.when(TaskStarted()) == ["task.started", "workspace.requested"]


def test_a_phase_of_one_module_goes_straight_through() -> None:
    story = given(plan(1)).ran()
    assert story.told == [
        "task.created",
        "task.started",
        "workspace.requested",
        "workspace.prepared",
        "phase.started",
        "agent.requested",
        "agent.reported",
        "phase.validation_started",
        *CHECKED,
        "phase.result_saved",
        "documents.requested",
        "documents.written",
        "checkpoint.requested",
        "checkpoint.created",
        "phase.completed",
        "task.validation_started",
        *CHECKED,
        "agent.requested",
        "agent.reported",
        "documents.requested",
        "documents.written",
        "checkpoint.requested",
        "checkpoint.created",
        "task.completed",
    ]
    assert story.agents() == [(IMPLEMENT, "1", "m0"), (REVIEW, None, None)]


def test_modules_of_a_wave_are_built_at_once_and_the_next_wave_after_their_merge() -> None:
    story = given(plan(3)).until(AgentRequested)
    assert [(r.phase, r.module) for r in story.all(WorkspaceRequested)[1:]] == [("1", "m0"), ("1", "m1")]

    story.until(PhaseWaveStarted)
    merged = story.all(MergeRequested)
    assert {m.module for m in merged} == {"m0", "m1"}
    third = story.last(WorkspaceRequested)
    assert third.module == "m2" and third.base == story.state.head != "base", "it begins on what was merged"

    assert story.ends("completed").phases["1"].status == "completed"
    story.in_order(
        "phase.started",
        "phase.merge_started",
        "phase.wave_started",
        "phase.merge_started",
        "phase.validation_started",
        "phase.result_saved",
        "phase.completed",
    )
    assert story.agents()[-2:] == [(REVIEW, "1", None), (REVIEW, None, None)]


def test_a_module_is_merged_at_the_commit_on_which_its_checks_passed() -> None:
    story = given(plan(2)).check("files", "failed", module="m1").ran()
    checked = {r.module: r.commit for r in story.all(ChecksRequested) if r.module}
    assert {m.module: m.theirs for m in story.all(MergeRequested)} == checked
    assert story.agents().count((FIX, "1", "m1")) == 1


def test_the_next_phase_begins_on_the_checkpoint_of_the_one_before() -> None:
    story = given(plan(1, 2)).until(WorkspaceRequested, phase="2")
    assert {r.base for r in story.all(WorkspaceRequested)[1:]} == {story.state.checkpoints[-1].commit}
    assert story.state.phases["2"].start == story.state.checkpoints[-1].commit


def test_a_phase_that_is_done_in_the_specification_is_skipped_and_is_no_waiver() -> None:
    story = given(plan(1, 1, done=("1",))).ran()
    assert [(s.phase, s.reason) for s in story.all(PhaseSkipped)] == [("1", "done according to the specification")]
    assert story.state.status == "completed"
    assert {p for _, p, _ in story.agents()} == {"2", None}


def test_what_a_phase_proved_is_saved_with_it() -> None:
    story = given(plan(1)).ran()
    (saved,) = story.all(PhaseResultSaved)
    assert saved.tests_passing and saved.files_created == ("1.py",)
    (proof,) = saved.proofs
    assert proof.criterion == "p1.c1"
    assert {story.facts[v - 1].body.key for v in proof.checks} == {"tests:0"}  # type: ignore[attr-defined]
    assert saved.gotchas_encountered and saved.validation_output


def test_what_nothing_proved_is_listed_as_unproven() -> None:
    criteria = (Criterion("p1.c1", "tests pass", proofs=("tests",)), Criterion("p1.c2", "it is pretty"))
    phase = Phase("1", "One", (Module("m"),), success_criteria=criteria, test_commands=("make test",))
    story = given(Plan("A plan", (phase,))).ran()
    assert story.last(TaskCompleted).unproven == ("p1.c2",)


def test_test_implementer_is_asked_once_where_added_code_is_untested() -> None:
    story = given(plan(1)).check("tested", "failed", times=2).ran()
    assert story.agents().count((TESTS, "1", None)) == 1
    assert story.last(AgentRequested) and story.state.status == "completed"
    asked = next(r for r in story.all(AgentRequested) if r.role == TESTS)
    assert asked.because == ("tested",)
    assert len([r for r in story.all(ChecksRequested) if r.phase == "1"]) == 2, "its commit is checked like any other"


@pytest.mark.parametrize("verdict", ["FAIL", "NO_REPORT"])
def test_a_test_writer_that_fails_is_no_failure_of_the_work(verdict: str) -> None:
    story = given(plan(1)).check("tested", "failed", times=2).agent(TESTS, verdict=verdict).ran()
    assert story.state.status == "completed" and FIX not in {role for role, _, _ in story.agents()}


def test_nobody_asks_for_tests_or_reviews_that_the_settings_do_not_want() -> None:
    story = given(plan(2), settings=Settings(tests_required=False, review=False)).ran()
    assert {role for role, _, _ in story.agents()} == {IMPLEMENT}
    assert story.state.status == "completed"
    assert all(c.kind != "tested" for r in story.all(ChecksRequested) for c in r.checks)


def test_settings_name_the_commands_of_checks_and_the_end_to_end_test() -> None:
    commands = Commands(lint="ruff check", imports="python -m compileall .", e2e="make e2e")
    story = given(plan(1), settings=Settings(commands=commands)).ran()
    told = {c.key: c.command for c in story.last(ChecksRequested).checks}
    assert (told["lint"], told["imports"], told["e2e"]) == ("ruff check", "python -m compileall .", "make e2e")


def test_clearing_the_context_is_suggested_after_every_third_phase_while_more_are_to_come() -> None:
    story = given(plan(1, 1, 1, 1, 1, 1, 1)).ran()
    assert [s.after_phase for s in story.all(ContextClearSuggested)] == ["3", "6"]
    story = given(plan(1, 1, 1)).ran()
    assert story.all(ContextClearSuggested) == []


def test_the_checkpoint_is_asked_for_on_the_checked_tree() -> None:
    story = given(plan(2)).until(CheckpointRequested)
    last = [r for r in story.all(ChecksRequested) if r.module is None][-1]
    assert story.last(CheckpointRequested).checked_tree == "t" + last.commit
    assert story.last(CheckpointRequested).number == 1


def test_names_of_branches_are_safe_and_distinct_even_where_modules_are_named_alike() -> None:
    modules = (Module("über/../x"), Module("UBER x"), Module("--"))
    story = given(Plan("A plan", (Phase("1", "One", modules, test_commands=("t",)),))).ran()
    branches = [r.branch for r in story.all(WorkspaceRequested)]
    assert len(set(branches)) == 4 and all(b.isascii() and ".." not in b for b in branches)
    assert slug("---") == "x" and len(slug("a" * 500)) <= 60 and NOW
