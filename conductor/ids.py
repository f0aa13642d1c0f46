"""Names of things that are strings and must not be mistaken for each other. The type checker holds them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NewType

Commit = NewType("Commit", str)  # a git commit's object id; "": there is none
Tree = NewType("Tree", str)  # a git tree's object id; "": there is none
Branch = NewType("Branch", str)  # a branch's short name
Digest = NewType("Digest", str)  # hex SHA-256 of a text that lies in a blob; "": there is none
EffectId = NewType("EffectId", str)  # names an effect within its task

NO_COMMIT, NO_TREE, NO_DIGEST, NO_EFFECT = Commit(""), Tree(""), Digest(""), EffectId("")

if TYPE_CHECKING:
    AgentVerdict = Literal["PASS", "FAIL", "NO_REPORT"]
    CheckStatus = Literal["passed", "failed", "not_applicable", "unavailable", "unfinished"]
    Driver = Literal["conductor", "assisted"]
    TaskStatus = Literal[
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
    SubtaskStatus = TaskStatus | Literal[""]  # as its parent knows it; "": it is under way, or has not begun
    PhaseStatus = Literal[
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
else:  # held by the type checker alone: a record of a newer version, which knows more of them, stays readable
    AgentVerdict = CheckStatus = Driver = TaskStatus = SubtaskStatus = PhaseStatus = str
