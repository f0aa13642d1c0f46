"""The rules of a task, named and in order: the first one with a decision makes it.

Their names are recorded with the decisions, so that an audit can say which rule made one. They are as stable as the
names of events.
"""

from __future__ import annotations

from conductor.core.lifecycle import ACTIVE, DONE, ENDED, TASK_STATES, WAITING
from conductor.core.rules import corrections, limits, subtasks, task, waiting
from conductor.core.rules.rule import Decision, Rule, first
from conductor.core.rules.work import work
from conductor.core.state import TaskState

LIVE = tuple(status for status in TASK_STATES if status not in ENDED)
BLOCKED = tuple(status for status in WAITING if status != "rate_limited")


RULES: tuple[Rule, ...] = (
    Rule("deliver", lambda state, now: task.deliver(state), DONE),
    Rule("abandon", lambda state, now: task.abandon(state), LIVE),
    Rule("reopen-stale-phase", lambda state, now: task.reopen(state), LIVE),
    Rule("rule-on-correction", lambda state, now: corrections.judge(state), LIVE),
    Rule("ask-about-broken-effect", lambda state, now: limits.broken(state), (*ACTIVE, *WAITING, "rolling_back")),
    Rule("ask-for-allowance", lambda state, now: limits.exhausted(state), LIVE),
    Rule("warn-of-budget", lambda state, now: limits.neared(state), LIVE),
    Rule("tell-subtask", lambda state, now: subtasks.news(state), (*ACTIVE, *WAITING)),
    Rule("work", work, ACTIVE),
    Rule("wait", waiting.block, ACTIVE),
    Rule("go-on", waiting.unblock, BLOCKED),
    Rule("end-rate-limit", waiting.end_rate_limit, ("rate_limited",)),
    Rule("roll-back", waiting.roll_back, ("rolling_back",)),
)


def advance(state: TaskState, now: str) -> Decision | None:
    """The next decision; None if everything waits. Folding decisions until there is none terminates."""
    return first(RULES, state, now)
