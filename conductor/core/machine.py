"""Advances a task: the two lifecycles consume an event and move the task and its phases.

There are two movers, both built from `lifecycle`'s tables and kept equal by a test: `Machines`, based on `transitions`,
in a process that drives a task; `TABLES`, the same rows in a dict, for bulk replay and short commands, which cannot
afford the import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from conductor.core import lifecycle
from conductor.core.state import PhaseState, TaskState, put_phase, replace
from conductor.events import Body, TaskRolledBack, type_of
from conductor.ids import PhaseStatus, TaskStatus

if TYPE_CHECKING:
    from transitions import Machine


class IllegalFact(ValueError):
    """A fact that cannot follow the ones before it: this core did not write that record."""


class Mover(Protocol):
    """Both lifecycles: where a trigger leads from a status; None if it is not legal there."""

    def task(self, status: TaskStatus, trigger: str) -> TaskStatus | None: ...

    def phase(self, status: PhaseStatus, trigger: str) -> PhaseStatus | None: ...


class _Tables:
    """The lifecycles compiled to a dict."""

    task = staticmethod(lifecycle.task_after)
    phase = staticmethod(lifecycle.phase_after)


TABLES: Mover = _Tables()


class Machines:
    """The lifecycles as `transitions` machines. Not thread-safe."""

    def __init__(self) -> None:
        self._task: Machine = machine("task")
        self._phase: Machine = machine("phase")

    def task(self, status: TaskStatus, trigger: str) -> TaskStatus | None:
        return _triggered(self._task, status, trigger)

    def phase(self, status: PhaseStatus, trigger: str) -> PhaseStatus | None:
        return _triggered(self._phase, status, trigger)


def machine(name: str) -> Machine:
    """The lifecycle `task` or `phase` as a `transitions.Machine` whose model is itself."""
    from transitions import Machine

    states, rows = (
        (lifecycle.TASK_STATES, lifecycle.TASK) if name == "task" else (lifecycle.PHASE_STATES, lifecycle.PHASE)
    )
    return Machine(
        states=list(states),
        initial=states[0],
        transitions=[
            {"trigger": trigger, "source": list(sources), "dest": None if dest == lifecycle.STAY else dest}
            for trigger, sources, dest in rows
        ],
        auto_transitions=False,
        send_event=False,
    )


@cache
def machines() -> Mover:
    """The machines of this process. The first call imports `transitions`, which takes about 50 ms."""
    return Machines()


def consume(state: TaskState, version: int, body: Body, mover: Mover) -> TaskState:
    """`state` with the task and the affected phases advanced. An event that is not a trigger changes nothing.

    Raises IllegalFact if the lifecycle does not allow the event.
    """
    trigger = type_of(body)
    if trigger in lifecycle.TASK_TRIGGERS:
        status = mover.task(state.status, trigger)
        if status is None:
            raise IllegalFact(f"version {version}: {trigger} is not legal for a task that is {state.status}")
        state = replace(state, status=status)
    if trigger in lifecycle.PHASE_TRIGGERS:
        for phase in _affected(state, body):
            moved = mover.phase(phase.status, trigger)
            if moved is None:
                what = f"phase {phase.number}, which is {phase.status}"
                raise IllegalFact(f"version {version}: {trigger} is not legal for {what}")
            state = put_phase(state, replace(phase, status=moved))
    return state


def undone_by(phase: PhaseState, checkpoint: int) -> bool:
    """Whether a rollback to a checkpoint undoes the phase: it had not ended by then."""
    return phase.settled is None or phase.settled > checkpoint


def _affected(state: TaskState, body: Body) -> list[PhaseState]:
    """The phases that a trigger moves: the one it names; for a rollback, the started ones that it undoes."""
    if isinstance(body, TaskRolledBack):
        return [p for p in state.phases.values() if p.status != "pending" and undone_by(p, body.checkpoint)]
    number = getattr(body, "phase", None)
    return [state.phases[number]] if number is not None else []


def _triggered(machine: Machine, status: lifecycle.S, trigger: str) -> lifecycle.S | None:
    from transitions import MachineError

    machine.set_state(status)
    try:
        machine.trigger(trigger)
    except MachineError:
        return None
    moved: lifecycle.S = machine.state
    return moved
