"""The kinds of questions that only a person can answer, and what each kind can be answered with."""

from __future__ import annotations

from conductor.core.state import TaskState
from conductor.events import Question, QuestionAsked

CHOICES: dict[str, tuple[str, ...]] = {
    "escalation": ("retry", "accept", "skip", "abandon"),  # a phase failed and was rolled back
    "validation": ("retry", "accept", "abandon"),  # the whole failed; nothing was rolled back
    "correction": ("approve", "reject"),  # the specification may be wrong at its core
    "tool": ("retry", "abandon"),  # something cannot be judged on this machine
    "effect": ("retry", "abandon"),  # an effect keeps breaking
}


def ask(state: TaskState, kind: str, text: str, phase: str | None = None, module: str | None = None) -> QuestionAsked:
    """The next question of a task."""
    return QuestionAsked(Question(f"q{state.asked_count + 1}", kind, text, CHOICES[kind], phase, module))


def takes_hint(kind: str) -> bool:
    """Whether a hint given with the answer reaches an agent."""
    return kind in ("escalation", "validation")
