"""What a rule is: it reads a state and returns at most one decision. Rules keep no state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from conductor.core.lifecycle import TASK_STATES
from conductor.core.rules.verdict import Wait
from conductor.core.state import TaskState
from conductor.events import Body
from conductor.ids import TaskStatus


class Decision(NamedTuple):
    """An event to record, and the name of the rule that calls for it."""

    rule: str
    body: Body


class Rule(NamedTuple):
    """`decide` is called while the task is in one of `statuses`; its second argument is now, as RFC 3339 UTC.

    None: it has no decision, so the next rule is tried. A wait: later rules are not tried.
    """

    name: str
    decide: Callable[[TaskState, str], Body | Decision | Wait | None]
    statuses: tuple[TaskStatus, ...] = TASK_STATES


def first(rules: Iterable[Rule], state: TaskState, now: str) -> Decision | None:
    """The decision of the first rule that has one; None if none has, or if a rule waits first."""
    for rule in rules:
        found = rule.decide(state, now) if state.status in rule.statuses else None
        if isinstance(found, Wait):
            return None
        if found is not None:
            return found if isinstance(found, Decision) else Decision(rule.name, found)
    return None
