"""Distinct types for strings that must not be mixed up. Only the type checker tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NewType

Commit = NewType("Commit", str)  # a git commit's object id; "": none
Tree = NewType("Tree", str)  # a git tree's object id; "": none
Branch = NewType("Branch", str)  # a branch's short name
Digest = NewType("Digest", str)  # hex SHA-256 of a text stored as a blob; "": none
EffectId = NewType("EffectId", str)  # names an effect within its task

NO_COMMIT, NO_TREE, NO_DIGEST, NO_EFFECT = Commit(""), Tree(""), Digest(""), EffectId("")

TaskStates = Literal[
    "planned",
    "running",
    "validating",
    "awaiting_answer",
    "awaiting_approval",
    "rate_limited",
    "budget_exhausted",
    "awaiting_subtasks",
    "paused",
    "rolling_back",
    "completed",
    "completed_with_waivers",
    "abandoned",
]
PhaseStates = Literal[
    "pending",
    "building",
    "merging",
    "validating",
    "fixing",
    "checkpointing",
    "completed",
    "rolling_back",
    "escalated",
    "restoring",
    "waived",
    "skipped",
]

if TYPE_CHECKING:
    AgentVerdict = Literal["PASS", "FAIL", "NO_REPORT"]
    CheckStatus = Literal["passed", "failed", "not_applicable", "unavailable", "unfinished"]
    Driver = Literal["conductor", "assisted"]
    TaskStatus = TaskStates
    SubtaskStatus = TaskStatus | Literal[""]  # as known to its parent; "": it is running, or has not started
    PhaseStatus = PhaseStates
else:  # not enforced at run time, so that records of newer versions with more values stay readable
    AgentVerdict = CheckStatus = Driver = TaskStatus = SubtaskStatus = PhaseStatus = str
