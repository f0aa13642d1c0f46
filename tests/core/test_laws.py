"""Laws of every history, whatever happens: drawn shapes, troubles, pauses, rollbacks, changes of driver, lies."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor.config.settings import Settings
from conductor.core import lifecycle
from conductor.core.rules.subtasks import waiting
from conductor.envelope import Draft, Head, decode, encode
from conductor.events import QuestionAnswered, TaskResumed
from tests.support.folding import fold
from tests.support.simulation.chaos import Chaos
from tests.support.simulation.story import Story
from tests.support.simulation.world import CUT, NOW, large, plan

QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4)
troubles = st.sampled_from([0.02, 0.05, 0.1, 0.2, 0.5, 1.0])
tries = st.builds(
    Settings,
    fix_tries=st.integers(0, 2),
    effect_tries=st.integers(1, 3),
    merge=st.booleans(),
    decompose_above=st.sampled_from([0, 100]),
    parallel=st.integers(1, 4),
)
worlds = st.builds(
    lambda shape, **how: Chaos(large(*shape), **how),
    shapes,
    seed=st.integers(0, 10**6),
    trouble=troubles,
    settings=tries,
    driver=st.sampled_from(["conductor", "assisted"]),
)


@settings(QUICK, max_examples=120)
@given(worlds, st.integers(100, 500))
def test_no_history_breaks_a_law_or_comes_to_a_dead_stop(world: Chaos, moves: int) -> None:
    """Held at each step by `Chaos.say` and `Laws`: see there."""
    world.moves(moves)
    assert lifecycle.task_after(world.state.status, "finding.reported") or world.state.status == "abandoned"


@QUICK
@given(worlds, st.integers(20, 200))
def test_when_trouble_ends_and_a_person_answers_every_task_is_completed(world: Chaos, moves: int) -> None:
    world.moves(moves)
    world.luck.trouble = 0.0
    for _ in range(60):
        if world.state.status in lifecycle.ENDED:
            break
        if world.state.status == "paused":
            world.say(TaskResumed())
        world.run()
        while waiting(world.state):
            world.below()
            world.run()
        for name, asked in list(world.state.questions.items()):
            if name in world.state.questions:
                choice = asked.question.choices[0]
                world.say(QuestionAnswered(name, choice, "this way" if choice == "answer" else ""))
    assert world.state.status in lifecycle.ENDED, world.facts[-6:]


@QUICK
@given(worlds, st.integers(1, 150), st.data())
def test_a_history_read_in_two_parts_or_from_the_wire_gives_the_same_state(
    world: Chaos, moves: int, data: st.DataObject
) -> None:
    world.moves(moves)
    cut = data.draw(st.integers(0, len(world.facts)))
    wires, _ = encode("t", Head(), [Draft(f.body, f.actor) for f in world.facts], time=NOW)
    events = [decode(wire) for wire in wires]
    before = fold("t", events[:cut])
    assert before.version == cut
    assert fold("t", events[cut:], before) == fold("t", events) == world.state


@QUICK
@given(shapes, st.integers(0, 10**6), troubles, st.sampled_from([Settings(), CUT]))
def test_a_run_comes_to_rest_before_a_person_or_at_its_end(
    shape: list[int], seed: int, trouble: float, how: Settings
) -> None:
    """Agents that always fail, reviewers that never report, tools that never come: each ends in a question."""
    story = Story(large(*shape), seed=seed, trouble=trouble, settings=how)
    state = story.run(limit=4000)
    assert state.questions or waiting(state) or state.status in lifecycle.DONE
    if state.status == "awaiting_subtasks":
        return
    if state.questions:
        assert state.status in ("awaiting_answer", "awaiting_approval")
        assert all(asked.question.choices for asked in state.questions.values())


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_long_histories_keep_the_laws(seed: int) -> None:
    for n in range(100):
        world = Chaos(
            (large if n % 2 else plan)(
                *((1,), (1, 3, 2), (2, 1), (3,), (1, 1, 1, 1))[n % 5], done=("1",) if n % 7 == 0 else ()
            ),
            seed=1000 * seed + n,
            trouble=(0.02, 0.05, 0.1, 0.2, 0.4)[(n // 5) % 5],
            driver="assisted" if n % 3 == 0 else "conductor",
            settings=CUT,
        )
        world.moves(500)
