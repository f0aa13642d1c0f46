"""The kinds of questions that only a person can answer, and what each kind can be answered with."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.core.state import TaskState
from conductor.events import Question, QuestionAsked

CHOICES: dict[str, tuple[str, ...]] = {
    "escalation": ("retry", "accept", "skip", "abandon"),  # a phase failed and was rolled back
    "validation": ("retry", "accept", "abandon"),  # the whole failed; nothing was rolled back
    "commands": ("approve", "abandon"),  # the specification names commands that nobody here has seen yet
    "budget": ("extend", "abandon"),  # what agents may use is used up
    "correction": ("approve", "reject"),  # the specification may be wrong at its core
    "ambiguity": ("answer", "proceed"),  # the specification can be read in several ways; an answer is a hint
    "tool": ("retry", "abandon"),  # something cannot be judged on this machine
    "check": ("retry", "fail", "abandon"),  # a check was ended by something else, also when it ran again
    "effect": ("retry", "abandon"),  # an effect keeps breaking
    "subtask": ("retry", "skip", "abandon"),  # a part of the plan was given up
}


APPROVALS = frozenset({"commands", "correction"})  # a person need only say yes or no
QUOTED = "    "  # begins each line of a question that is not Conductor's own: a command, evidence, what an agent said


def ask(
    state: TaskState,
    kind: str,
    text: str,
    phase: str | None = None,
    module: str | None = None,
    affects: tuple[str, ...] = (),
) -> QuestionAsked:
    """The next question of a task."""
    return QuestionAsked(Question(f"q{state.asked_count + 1}", kind, text, CHOICES[kind], phase, module, affects))


def quoted(text: str) -> str:
    """`text` as lines of its own within a question."""
    return QUOTED + text.replace("\n", f"\n{QUOTED}")


def items(texts: Iterable[str]) -> str:
    """Several texts, each beginning a line; what an item has of further lines is indented by two blanks."""
    return "\n".join(text.strip().replace("\n", "\n  ") for text in texts)


def about(lead: str, said: str, then: str = "") -> str:
    """What `lead` is about: in its sentence where that is one line, else quoted below it. `then` follows."""
    if "\n" in said:
        return f"{lead}:\n{quoted(said)}" + (f"\n{then}" if then else "")
    return f"{lead}: {said}" + (f". {then}" if then else "")


def takes_hint(kind: str) -> bool:
    """Whether a hint given with the answer reaches an agent."""
    return kind in ("escalation", "validation", "ambiguity", "check")


def asked(state: TaskState, phase: str | None, module: str | None = None) -> bool:
    """Whether an open question holds back this target: it is about it, or names its module or phase."""
    return any(_holds(a.question, phase, module) for a in state.questions.values())


def _holds(question: Question, phase: str | None, module: str | None) -> bool:
    if question.phase == phase and question.module == module:
        return True
    return phase is not None and (phase in question.affects or module in question.affects)
