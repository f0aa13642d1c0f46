"""What to do now, as an instruction with the exact calls. It follows from the state alone, so no context is needed."""

from __future__ import annotations

from conductor.core.decide import awaited
from conductor.core.lifecycle import DONE, PHASE_DONE, WAITING
from conductor.core.state import TaskState
from conductor.events import AgentRequested

SPELLED_OUT = 8  # agents whose calls are in the text


def instruction(state: TaskState) -> str:
    """One short text, for a model."""
    task = f'task_id="{state.id}"'
    if state.status in DONE:
        return f"The task is {state.status.replace('_', ' ')}. Call complete_task({task}) for its checklist and branch."
    if state.status == "abandoned":
        return f"The task was given up. Its work is on branch {state.branch}. start_task starts another."
    if state.driver != "assisted":
        return (
            f"Conductor drives this task with its own agents: `conduct continue {state.id}` in a terminal. To take it "
            f'over, call pause_task({task}), emit_event({task}, type="driver.changed", data={{"driver": "assisted"}}), '
            f"then resume_task({task})."
        )
    if state.status in ("paused", "planned"):
        return f"The task is {state.status}. Call resume_task({task}) to continue."
    asked = _ask(state)
    if work := awaited(state):
        return " ".join(filter(None, [_clear(state), _launch(state, work), asked]))
    if asked:
        return asked
    if state.status in WAITING:
        return f"The task is {state.status.replace('_', ' ')}. Call next_step({task}) later."
    return f"Conductor still has work to do itself. Call next_step({task}): it does that and says what comes next."


def _launch(state: TaskState, work: tuple[AgentRequested, ...]) -> str:
    """Launch the agents that are due, and report each."""
    together = (
        f"Launch these {len(work)} agents in one message, so that they work in parallel." if len(work) > 1 else ""
    )
    steps = [together]
    for request in work[:SPELLED_OUT]:
        where = f'phase="{request.phase or "final"}"' + (f', module="{request.module}"' if request.module else "")
        call = f'task_id="{state.id}", role="{request.role}", {where}'
        steps.append(
            f"{request.role}: hand it what get_briefing({call}) gives; it may write only in its working_directory. "
            f"When it has ended, call agent_reported({call}, verdict=…, summary=…) with what it said."
        )
    if len(work) > SPELLED_OUT:
        steps.append("The calls for the others are in `due`.")
    steps.append("Conductor then commits, checks, merges and keeps the work itself; do none of that by hand.")
    return " ".join(filter(None, steps))


def _ask(state: TaskState) -> str:
    """What the user has to decide."""
    if not state.questions:
        return ""
    calls = ", ".join(f'ask_user(task_id="{state.id}", question_id="{id_}")' for id_ in state.questions)
    return f"The user has to decide: call {calls}. Do not decide for them."


def _clear(state: TaskState) -> str:
    """Every few phases a client's context can be cleared: the log remembers."""
    done = sum(phase.status in PHASE_DONE for phase in state.phases.values())
    if not done or done != state.suggested:
        return ""
    return (
        f"{done} phases are complete: suggest that the user clears the context now and continues with "
        f'get_full_state(task_id="{state.id}").'
    )
