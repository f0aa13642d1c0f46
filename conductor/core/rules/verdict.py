"""What a rule concludes: a decision to record, a verdict on what it examined, or that it waits."""

from __future__ import annotations

from enum import Enum
from typing import Final

from conductor.events import Body


class Verdict(Enum):
    """The state of work for which there is nothing to decide."""

    PROVEN = "every blocking check passed on its commit, and the review if one is due"
    FAILING = "something failed; a fix may be tried"
    UNAVAILABLE = "a tool or a review is missing, which no fixer can fix"


class Wait(Enum):
    """There is nothing to decide now: something is under way, or a person or a client is awaited."""

    WAIT = "wait"


WAIT: Final = Wait.WAIT

Conclusion = Body | Verdict | Wait
