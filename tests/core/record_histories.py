"""Record the golden histories: `python -m tests.core.record_histories`. Only when a rule is meant to change.

What a released version recorded must fold for ever: add a history of a new name then, and replace none.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from conductor.core.state import TaskState
from conductor.envelope import Draft, Head, encode
from conductor.events import RollbackAsked, TaskPaused, TaskResumed
from tests.support.places import FIXTURES
from tests.support.simulation.story import IMPLEMENT, SYNTHESIS, Story, given
from tests.support.simulation.world import CUT, NOW, large, plan

HISTORIES = FIXTURES / "histories"


def plain() -> Story:
    """Two phases of one module each, nothing in the way."""
    return given(plan(1, 1), seed=1).ran()


def parallel() -> Story:
    """Waves, a failing module check, a conflict that takes two runs, missing tests, a fix of the merged tree."""
    story = given(plan(3), seed=2).check("files", "failed", module="m1").conflict(module="m1")
    story.agent(SYNTHESIS, verdict="FAIL", commit="", tree="").check("tested", "failed")
    return story.check("tests:0", "failed", module=None).ran()


def rollback() -> Story:
    """A phase that fails, is retried with a hint, fails again and is accepted; then a rollback, and all anew."""
    story = given(plan(1, 2), seed=3).check("tests:0", "failed", times=6, phase="2").ran()
    story.answer("retry", "mind the tabs")
    story.ran().answer("accept")
    story.ran().say(RollbackAsked(1, "not good enough"))
    story.run(until=lambda _: story.state.status == "paused")
    story.agent(IMPLEMENT, verdict="NO_REPORT").say(TaskResumed())
    story.run(until=lambda batch: len(batch) > 1)
    story.say(TaskPaused("lunch"))
    story.say(TaskResumed())
    return story.ran()


def subtasks() -> Story:
    """A plan that was cut: a part waits for a person, one is begun anew, one conflicts, one is left out in the end."""
    story = given(large(3, 1), settings=CUT, seed=4).subtask("awaiting_answer", module="m1").conflict(module="m1")
    story.subtask("abandoned", module="m0, m2").subtask("abandoned", times=2, module="Phase 2")
    story.ran().answer("retry")
    story.ran().below()
    story.ran().answer("retry")
    story.ran().answer("skip")
    return story.ran()


STORIES: dict[str, Callable[[], Story]] = {
    "plain": plain,
    "parallel": parallel,
    "rollback": rollback,
    "subtasks": subtasks,
}


def wires(story: Story) -> list[bytes]:
    """The history as it is stored: each batch caused by its input."""
    drafts, cause = [], 0
    for fact in story.facts:
        decided = fact.actor == "conductor"
        cause = cause if decided else fact.version
        effect = getattr(story.facts[cause - 1].body, "effect", None)
        drafts.append(Draft(fact.body, fact.actor, cause=cause if decided else None, correlation=effect))
    return encode("t", Head(), drafts, time=NOW)[0]


def state_bytes(state: TaskState) -> bytes:
    return msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n"


def main() -> None:
    HISTORIES.mkdir(parents=True, exist_ok=True)
    for name, tell in STORIES.items():
        story = tell()
        (HISTORIES / f"{name}.jsonl").write_bytes(b"".join(wire + b"\n" for wire in wires(story)))
        (HISTORIES / f"{name}.state.json").write_bytes(state_bytes(story.state))
        print(f"{name}: {len(story.facts)} events, {story.state.status}")


if __name__ == "__main__":
    main()
