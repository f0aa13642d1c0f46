"""What a rule concludes: a decision to record, a verdict on what it looked at, or that it waits."""

from __future__ import annotations

from enum import Enum
from typing import Final

from conductor.events import Body


class Verdict(Enum):
    """Where work stands when there is nothing to decide for it."""

    PROVEN = "every blocking check passed on its commit, and the review where one is due"
    FAILING = "something failed; a fix may be tried"
    UNAVAILABLE = "a tool or a review is missing; no fixer can mend that"


class Wait(Enum):
    """Nothing is to be decided now: something is under way, or a person or a client is awaited."""

    WAIT = "wait"


WAIT: Final = Wait.WAIT

Conclusion = Body | Verdict | Wait
