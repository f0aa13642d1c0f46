"""The decider: an input and a state in, the batch to append out. Pure; refuses what the lifecycle does not allow.

The batch is the input, then every decision it calls for, so that no decision is ever pending between two appends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from conductor.core import lifecycle
from conductor.core.evolve import evolve
from conductor.core.lifecycle import PHASE_DONE
from conductor.core.machine import TABLES, Mover
from conductor.core.outcomes import misfit
from conductor.core.questions import KINDS
from conductor.core.rules import subtasks
from conductor.core.rules.table import advance
from conductor.core.state import TaskState, received_key, replace
from conductor.core.steps.step import Fact
from conductor.errors import Refused
from conductor.events import (
    REGISTRY,
    AgentRequested,
    AmendmentReceived,
    Body,
    Custom,
    DeliveryAsked,
    DriverChanged,
    EffectStarted,
    Kind,
    Outcome,
    PlanAdopted,
    QuestionAnswered,
    RollbackAsked,
    SubtaskAmended,
    SubtaskChanged,
    TaskCreated,
    WorkReported,
    may_append,
    row_of,
    type_of,
)
from conductor.plan.changes import compare
from conductor.plan.decompose import SUBTASKS

LIMIT = 20_000  # decisions in one batch; only rules that loop could reach it


class Decided(msgspec.Struct, frozen=True):
    """A batch to append and what it leads to: `bodies`, the input first; `rules`, the name of the rule behind each
    ("" for the input); `states`, the state after each."""

    bodies: tuple[Body, ...]
    rules: tuple[str, ...]
    states: tuple[TaskState, ...]

    @property
    def state(self) -> TaskState:
        """The state after the whole batch."""
        return self.states[-1]


def decide(state: TaskState, body: Body, *, actor: str, now: str, mover: Mover = TABLES) -> Decided:
    """The events to append for an input or observation: the input itself, then the decisions that follow from it.

    `now` is RFC 3339 UTC. Raises Refused, which names the state and what is allowed in it; nothing is appended then.
    """
    permit(state, body, actor)
    state = evolve(state, Fact(state.version + 1, now, actor, body), mover)
    bodies, rules, states = [body], [""], [state]
    while (decision := advance(state, now)) is not None:
        if len(bodies) > LIMIT:
            raise AssertionError(f"the rules do not terminate: {decision.rule} keeps deciding")
        state = evolve(state, Fact(state.version + 1, now, "conductor", decision.body), mover)
        bodies.append(decision.body)
        rules.append(decision.rule)
        states.append(state)
    return Decided(tuple(bodies), tuple(rules), tuple(states))


def awaited(state: TaskState) -> tuple[AgentRequested, ...]:
    """Assisted driving: the agents' work that is due now, as Conductor would request it if it drove."""
    if state.driver != "assisted" or state.status not in lifecycle.ACTIVE:
        return ()
    driven, due = replace(state, driver="conductor"), []
    while (decision := advance(driven, state.updated_at)) is not None:
        if isinstance(decision.body, AgentRequested):
            due.append(decision.body)
        driven = evolve(driven, Fact(driven.version + 1, state.updated_at, "conductor", decision.body))
    return tuple(due)


def _refuse_another_plan(state: TaskState) -> None:
    """Raises Refused for a decomposed task and for a subtask: neither can change its plan."""
    parent = state.parent_task_id or (state.id if state.subplans else "")
    if not parent:
        return
    whose = f"task {state.id} is a subtask of task {parent}, which" if state.parent_task_id else f"task {parent}"
    raise Refused(
        f"{whose} was decomposed into subtasks, so its specification can no longer be replaced",
        hint=f"`conduct abandon {parent}` (its branch keeps what is built), then `conduct run` with the changed one",
    )


def permit(state: TaskState, body: Body, actor: str) -> None:
    """Check whether an input or observation may be appended now, as `decide` does first. Raises Refused if not."""
    name = type_of(body)
    row = REGISTRY.get(name) if isinstance(body, Custom) else row_of(body)
    if row is not None and isinstance(body, Custom):
        raise Refused(f"{name} is one of Conductor's own event types", allowed="another name for a custom event")
    kind = row.kind if row else Kind.INPUT
    if not may_append(actor, kind):
        raise Refused(
            f"{actor} may not append {name}, which is {'an' if kind is not Kind.DECISION else 'a'} {kind}",
            allowed="only inputs can be appended from outside; observations and decisions are Conductor's own",
        )
    if (state.version == 0) != isinstance(body, TaskCreated):
        what = f"there is no task {state.id!r}" if state.version == 0 else f"task {state.id!r} exists already"
        raise Refused(what, hint="`conduct list` shows the tasks")
    if isinstance(body, PlanAdopted):
        _refuse_another_plan(state)  # before the status, which would suggest that another status permitted it
    if name in lifecycle.TASK_TRIGGERS and lifecycle.task_after(state.status, name) is None:
        raise Refused(
            f"{name} is not possible while task {state.id} is {state.status}",
            allowed=", ".join(t for t in lifecycle.allowed(state.status) if REGISTRY[t].kind is Kind.INPUT),
        )
    if isinstance(body, Outcome):
        _refuse_outcome(state, body, name)
    if rule := REFUSALS.get(type(body)):
        rule(state, body)


def _refuse_outcome(state: TaskState, body: Outcome, name: str) -> None:
    held = state.open.get(body.effect)
    if held is None:
        raise Refused(f"{name} for {body.effect} under claim {body.claim} is too late: the effect is no longer open")
    if wrong := misfit(held, body):
        raise Refused(f"{name} for {body.effect} under claim {body.claim} is not accepted: {wrong}")


def _started(state: TaskState, body: EffectStarted) -> None:
    held = state.open.get(body.effect)
    if held is None:
        raise Refused(f"effect {body.effect} is not open")
    if held.blocked_by:
        raise Refused(f"effect {body.effect} waits for the answer to {held.blocked_by}")
    if held.claim_version != body.takes_over:
        raise Refused(f"effect {body.effect} is already claimed (claim {held.claim_version})")
    if state.status == "paused":
        raise Refused(f"task {state.id} is paused", hint=f"`conduct resume {state.id}`")


def _answered(state: TaskState, body: QuestionAnswered) -> None:
    asked = state.questions.get(body.question)
    if asked is None:
        waiting = ", ".join(state.questions) or "none"
        raise Refused(
            f"question {body.question!r} is not open in task {state.id}", allowed=f"open questions: {waiting}"
        )
    if body.choice not in asked.question.choices:
        raise Refused(f"{body.choice!r} is not an answer to {body.question}", allowed=", ".join(asked.question.choices))
    if body.choice == "answer" and not body.hint.strip():
        raise Refused(f"the answer to {body.question} is missing", hint='give it with --hint "…"')
    if body.hint and not KINDS[asked.question.kind].takes_hint:
        raise Refused(
            f"a hint to {body.question} would not reach any agent: it is a question of kind {asked.question.kind}",
            allowed="--hint for a question that leads to more agents' work, such as a failed phase",
            hint=f"`conduct answer {state.id} {body.question} {body.choice}` without --hint",
        )


def _rollback(state: TaskState, body: RollbackAsked) -> None:
    numbers = [c.number for c in state.checkpoints]
    if body.checkpoint not in numbers:
        raise Refused(
            f"task {state.id} has no checkpoint {body.checkpoint}",
            allowed=", ".join(map(str, numbers)) or "none yet",
            hint=f"`conduct checkpoints {state.id}` lists them",
        )
    _refuse_while_claimed(state, "roll back")


def _driver(state: TaskState, body: DriverChanged) -> None:
    if body.driver not in ("conductor", "assisted"):
        raise Refused(f"{body.driver!r} is not a driver", allowed="conductor, assisted")
    if body.driver == state.driver:
        raise Refused(f"the driver of task {state.id} is already {state.driver}")
    if state.subplans:
        raise Refused(
            f"task {state.id} was decomposed into subtasks, which only Conductor can drive",
            hint=f"`conduct status {state.id}` shows them",
        )
    if state.parent_task_id:
        raise Refused(f"task {state.id} is a subtask of task {state.parent_task_id}, which only Conductor can drive")
    _refuse_while_claimed(state, "change the driver")


def _adopted(state: TaskState, body: PlanAdopted) -> None:
    changes = compare(state.plan, body.plan)
    if changes.none and body.spec == state.spec:
        raise Refused(f"the specification of task {state.id} has not changed")
    under_way = [p.number for p in state.phases.values() if p.status not in ("pending", *PHASE_DONE)]
    if affected := [n for n in under_way if n in (*changes.changed, *changes.removed)]:
        points = [str(c.number) for c in state.checkpoints]
        raise Refused(
            f"phase {', '.join(affected)} is under way, and its section of the specification changed",
            allowed=f"only after a return to a checkpoint: {', '.join(points)}",
            hint=f"`conduct rollback {state.id} {points[-1] if points else 0}`, then `conduct replan {state.id}`",
        )
    _refuse_while_claimed(state, "adopt another plan")


def _refuse_while_claimed(state: TaskState, what: str) -> None:
    claimed = [k for k, v in state.open.items() if v.claim_version]
    if claimed:
        raise Refused(
            f"cannot {what} while work is under way: {', '.join(claimed)}",
            hint=f"`conduct pause {state.id}` first; `conduct continue {state.id}` takes over what a dead process left",
        )


def _changed(state: TaskState, body: SubtaskChanged) -> None:
    waiting = [subtask.id for subtask in subtasks.waiting(state)]
    if body.subtask not in waiting:
        raise Refused(
            f"task {state.id} is not waiting for subtask {body.subtask}", allowed=", ".join(waiting) or "none"
        )


def _amended_below(state: TaskState, body: SubtaskAmended) -> None:
    there = subtasks.under_way(state)
    if body.phase != SUBTASKS or body.module not in there or there[body.module].id != body.subtask:
        raise Refused(f"subtask {body.subtask} is not under way", allowed=", ".join(s.id for s in there.values()))
    if received_key(body.subtask, body.amendment) in state.received_amendments:
        raise Refused(f"amendment {body.amendment.id} of subtask {body.subtask} is already known")


def _received(state: TaskState, body: AmendmentReceived) -> None:
    if not state.parent_task_id:
        raise Refused(f"task {state.id} is not a subtask: it amends its specification itself")
    if state.status in lifecycle.ENDED:
        raise Refused(f"task {state.id} is {state.status}")
    old, new = body.amendment.old, body.amendment.new
    latest = next((a for a in reversed(state.amendments) if {a.old, a.new} & {old, new}), None)
    if latest is not None and (latest.old, latest.new) == (old, new):  # otherwise it has been amended back since
        raise Refused(f"the specification of task {state.id} already reads like this")


def _work(state: TaskState, body: WorkReported) -> None:
    if state.driver != "assisted":
        raise Refused(f"task {state.id} is driven by Conductor and awaits no work from a client")
    due = awaited(state)
    if not any((r.role, r.phase, r.module) == (body.role, body.phase, body.module) for r in due):
        names = "; ".join(f"{r.role} for phase {r.phase}, module {r.module}" for r in due)
        raise Refused(f"no work by {body.role} is awaited there", allowed=names or "nothing is awaited now")


def _delivery(state: TaskState, body: DeliveryAsked) -> None:
    if state.base_branch is None:
        raise Refused(
            f"task {state.id} started from a detached HEAD: there is no branch to merge into",
            hint=f"merge the branch {state.branch} yourself",
        )
    if state.delivered:
        raise Refused(f"task {state.id} is already merged into {state.base_branch} ({state.delivered[:10]})")


REFUSALS: dict[type[Body], Callable[[TaskState, Any], None]] = {
    EffectStarted: _started,
    QuestionAnswered: _answered,
    RollbackAsked: _rollback,
    DriverChanged: _driver,
    PlanAdopted: _adopted,
    SubtaskChanged: _changed,
    SubtaskAmended: _amended_below,
    AmendmentReceived: _received,
    WorkReported: _work,
    DeliveryAsked: _delivery,
}
