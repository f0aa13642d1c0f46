"""What is amended in one subtask reaches the others: those under way by an event, those to come by their beginning."""

from __future__ import annotations

import pytest

from conductor.core.decide import decide
from conductor.core.state import TaskState, replace
from conductor.errors import Refused
from conductor.events import (
    Amendment,
    AmendmentReceived,
    EffectReleased,
    SpecAmended,
    SubtaskAmended,
    SubtaskEnded,
    SubtaskNewsRequested,
    SubtaskRequested,
    SubtaskTold,
    TaskPaused,
    TaskResumed,
    TaskUnblocked,
)
from conductor.plan.model import Module, Phase, Plan
from tests.core.rules.test_subtasks import cut
from tests.support.simulation.story import Story, given
from tests.support.simulation.world import CUT, NOW, PERSON, RUNNER, World, plan


def abreast(count: int = 3) -> Story:
    """So many parts, which nothing depends on, all under way. A last one, which is not, depends on all."""
    names = [f"p{n}" for n in range(1, count + 1)]
    phases = tuple(Phase(p, p, (Module(f"m{p[1:]}", expected_files=(f"{p[1:]}.py",)),)) for p in names)
    last = Phase("last", "last", (Module("ml"),), depends_on=tuple(names))
    story = given(Plan("Abreast", (*phases, last), complexity=1), settings=replace(CUT, parallel=count)).until(
        SubtaskRequested
    )
    for held in story.ready():
        story.claim(held.request.effect)
    return story


def told(story: Story) -> list[tuple[str, str]]:
    return [(b.subtask, b.amendment.new) for b in story.all(SubtaskNewsRequested)]


def hear(story: Story) -> None:
    """Every word that is due is passed on."""
    while due := [o for o in story.ready() if isinstance(o.request, SubtaskNewsRequested)]:
        story.perform(due[0])


def test_an_amendment_is_the_wholes_at_once_and_goes_to_each_other_that_is_under_way_once() -> None:
    story = abreast()
    batch = story.amends("t.1")
    assert [type(b) for b in batch] == [SubtaskAmended, SpecAmended, SubtaskNewsRequested, SubtaskNewsRequested]
    assert story.state.amendments[0].approved_by == "p1 q1" and story.state.amendments[0].id == "a1"
    assert told(story) == [("t.2", "is 1"), ("t.3", "is 1")]
    story.ends("completed")
    assert len(story.all(SubtaskTold)) == 2


def test_those_that_come_after_it_begin_with_it_and_are_told_nothing() -> None:
    story = cut().until(SubtaskRequested, module="a")
    story.claim(story.open(SubtaskRequested).request.effect)
    story.amends("t.1")
    story.ends("completed")
    assert not story.all(SubtaskNewsRequested)


def test_one_that_waits_for_a_person_is_told_as_well() -> None:
    story = abreast(2)
    story.subtask("awaiting_answer", module="p2")
    story.perform(next(o for o in story.ready() if o.request.module == "p2"))
    story.amends("t.1")
    assert told(story) == [("t.2", "is 1")]


def test_while_everything_waits_a_word_does_not_wake_the_task() -> None:
    """The last to wait is told of what was amended since; the task goes on when one of them does, not for that."""
    story = abreast(2)
    for part in ("p1", "p2"):
        story.subtask("awaiting_answer", module=part)
        story.perform(next(o for o in story.ready() if o.request.module == part))
    assert story.state.status == "awaiting_subtasks"
    batch = story.amends("t.1")
    assert [type(b) for b in batch] == [SubtaskAmended, SpecAmended, SubtaskNewsRequested]
    hear(story)
    assert story.all(SubtaskTold) and not story.all(TaskUnblocked) and story.state.status == "awaiting_subtasks"


def test_a_word_that_is_still_due_does_not_keep_the_task_from_waiting() -> None:
    story = abreast(2)
    story.subtask("awaiting_answer", times=2)
    story.perform(next(o for o in story.ready() if o.request.module == "p2"))
    story.amends("t.1")
    story.perform(next(o for o in story.ready() if o.request.module == "p1"))
    assert story.open(SubtaskNewsRequested) and story.state.status == "awaiting_subtasks"
    hear(story)
    assert story.all(SubtaskTold) and not story.all(TaskUnblocked)


def test_several_reach_a_subtask_in_their_order() -> None:
    story = abreast(2)
    for _ in range(3):
        story.amends("t.1")
    hear(story)
    assert told(story) == [("t.2", f"is {n}") for n in (1, 2, 3)]


def test_what_its_end_says_once_more_is_amended_once() -> None:
    story = abreast(2)
    story.amends("t.1")
    (first,) = story.all(SubtaskAmended)
    late = Amendment("a2", "late", "later", "q2")
    story.luck.fates.clear()
    story._fate("subtask", 1, {"module": "p1"}, {"status": "completed", "amendments": (first.amendment, late)})
    story.ends("completed")
    assert [b.amendment.new for b in story.all(SpecAmended)] == ["is 1", "later"]
    assert [b.amendment.id for b in story.all(SpecAmended)] == ["a1", "a2"]


def test_what_comes_with_an_end_goes_to_the_others_too() -> None:
    story = abreast(2)
    made = Amendment("a1", "was", "is", "q1")
    story._fate("subtask", 1, {"module": "p1"}, {"status": "completed", "amendments": (made,)})
    story.perform(next(o for o in story.ready() if o.request.module == "p1"))
    assert story.all(SubtaskEnded) and told(story) == [("t.2", "is")]


@pytest.mark.parametrize(
    ("affects", "reaches"),
    [
        ((), ["t.2", "t.3"]),  # it does not say
        (("m2",), ["t.2"]),  # a module
        (("p3",), ["t.3"]),  # a phase
        (("3.py",), ["t.3"]),  # a file
        (("p1",), []),  # only its own
        (("billing",), ["t.2", "t.3"]),  # nobody's: nobody can place it
    ],
)
def test_it_goes_to_those_that_it_touches(affects: tuple[str, ...], reaches: list[str]) -> None:
    story = abreast()
    story.amends("t.1", affects=affects)
    assert [subtask for subtask, _ in told(story)] == reaches


def test_one_with_phases_to_come_is_told_whatever_it_affects() -> None:
    """Joined, as they are small: the second part has two phases."""
    names = {"p1": (), "p2": (), "p3": ("p2",), "p4": ("p1", "p3")}
    phases = tuple(Phase(name, name, (Module(f"m{name}"),), depends_on=needs) for name, needs in names.items())
    story = given(Plan("Chain", phases, complexity=81), settings=replace(CUT, decompose_above=80))
    story.until(SubtaskRequested)
    assert [len(part.plan.phases) for part in story.state.subplans] == [1, 2, 1]
    story.amends("t.1", affects=("p1",))
    assert told(story) == [("t.2", "is 1")]


def test_paused_the_word_is_kept_and_passed_on_afterwards() -> None:
    story = abreast(2)
    story.say(TaskPaused())
    story.amends("t.1")
    assert not told(story)
    story.say(TaskResumed())
    assert told(story) == [("t.2", "is 1")]


def test_given_back_it_is_passed_on_by_the_next_and_no_later_word_comes_before_it() -> None:
    story = abreast(2)
    story.amends("t.1")
    held = story.open(SubtaskNewsRequested)
    story.claim(held.request.effect)
    held = story.open(SubtaskNewsRequested)
    story.amends("t.1")
    story.say(EffectReleased(held.request.effect, held.claim_version, "stopped"), RUNNER)
    hear(story)
    assert told(story) == [("t.2", "is 1"), ("t.2", "is 2")]


def test_only_what_is_under_way_and_not_known_is_heard() -> None:
    story = abreast(2)
    story.amends("t.1")
    (first,) = story.all(SubtaskAmended)
    assert "already known" in story.refused(first, RUNNER)
    assert "not under way" in story.refused(replace(first, subtask="t.9"), RUNNER)
    assert "not under way" in story.refused(replace(first, module="p2"), RUNNER)
    assert "may not append" in story.refused(first, PERSON)
    story.ends("completed")
    assert "not under way" in story.refused(replace(first, amendment=Amendment("a7", "x", "y", "q7")), RUNNER)


# ---- in the subtask that is told -----------------------------------------------------------------------------------

OTHERS = Amendment("a1", "sync", "async", "Core q1", phase="subtasks", module="Core")


def child(*shape: int) -> World:
    story = given(plan(*shape))
    story.state = replace(story.state, parent_task_id="p")
    return story


def received(state: TaskState, amendment: Amendment = OTHERS) -> TaskState:
    return decide(state, AmendmentReceived(amendment), actor=RUNNER, now=NOW).state


def test_it_holds_there_as_if_it_had_been_approved_there() -> None:
    story = child(1)
    state = received(story.state)
    (ruling,) = state.rulings
    assert ruling.amended and ruling.version == state.version and "It says now: async" in ruling.text
    assert [(a.id, a.new, a.module) for a in state.amendments] == [("a1", "async", None)]


def test_its_name_there_is_its_own() -> None:
    """Both count from one: what the parent calls a1 is not what the subtask calls so."""
    state = received(received(child(1).state), Amendment("a1", "one", "two", "Left q1"))
    assert [a.id for a in state.amendments] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("status", "parent", "why"),
    [("completed", "p", "is completed"), ("abandoned", "p", "is abandoned"), ("running", "", "not a subtask")],
)
def test_it_is_refused_where_it_can_do_nothing(status: str, parent: str, why: str) -> None:
    state = replace(child(1).state, status=status, parent_task_id=parent)
    with pytest.raises(Refused, match=why):
        received(state)


def test_it_is_taken_once_and_from_a_runner_alone() -> None:
    state = received(child(1).state)
    with pytest.raises(Refused, match="already reads like this"):
        received(state)
    with pytest.raises(Refused, match="may not append"):
        decide(child(1).state, AmendmentReceived(OTHERS), actor=PERSON, now=NOW)


def test_what_was_amended_back_may_be_amended_again() -> None:
    """Only the latest that touches either text says how it reads; what concerns others is not in its way."""
    there, back, else_ = OTHERS, Amendment("a2", "async", "sync", "Core q2"), Amendment("a3", "one", "two", "Core q3")
    state = received(received(received(child(1).state), back), else_)
    with pytest.raises(Refused, match="already reads like this"):
        received(state, back)
    state = received(state, there)
    assert [a.new for a in state.amendments] == ["async", "sync", "two", "async"]
    with pytest.raises(Refused, match="already reads like this"):
        received(state, there)
