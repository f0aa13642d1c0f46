"""The kinds of questions that only a person can answer, and the choices for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from conductor.core.state import TaskState
from conductor.events import WHOLE, Question, QuestionAsked, Target
from conductor.ids import NO_EFFECT, EffectId


class QuestionKind(NamedTuple):
    """`choices`: the possible answers. `approval`: only a yes or no is needed. `takes_hint`: a hint given with the
    answer reaches an agent."""

    choices: tuple[str, ...]
    approval: bool = False
    takes_hint: bool = False


KINDS: dict[str, QuestionKind] = {
    # a phase failed and was rolled back
    "escalation": QuestionKind(("retry", "accept", "skip", "abandon"), takes_hint=True),
    # the whole failed; nothing was rolled back
    "validation": QuestionKind(("retry", "accept", "abandon"), takes_hint=True),
    # the specification names commands that no one has approved yet
    "commands": QuestionKind(("approve", "abandon"), approval=True),
    # an allowance or a budget is used up
    "budget": QuestionKind(("extend", "abandon")),
    # the specification may be wrong at its core
    "correction": QuestionKind(("approve", "reject"), approval=True),
    # the specification can be read in several ways; an answer is a hint
    "ambiguity": QuestionKind(("answer", "proceed"), takes_hint=True),
    # something cannot be judged on this machine
    "tool": QuestionKind(("retry", "abandon")),
    # a check was ended by something other than the work, twice
    "check": QuestionKind(("retry", "fail", "abandon"), takes_hint=True),
    # an effect keeps breaking
    "effect": QuestionKind(("retry", "abandon")),
    # a subtask was abandoned
    "subtask": QuestionKind(("retry", "skip", "abandon")),
}

QUOTED = "    "  # indents lines of a question that are not Conductor's own: a command, evidence, an agent's words


def ask(
    state: TaskState,
    kind: str,
    text: str,
    target: Target = WHOLE,
    affects: tuple[str, ...] = (),
    *,
    effect: EffectId = NO_EFFECT,
    correction: str = "",
) -> QuestionAsked:
    """The next question of a task, about a target and possibly about an open effect or a correction."""
    number, choices = f"q{state.asked_count + 1}", KINDS[kind].choices
    question = Question(number, kind, text, choices, target.phase, target.module, affects)
    return QuestionAsked(question, effect, correction)


def quoted(text: str) -> str:
    """`text` as separate, indented lines within a question."""
    return QUOTED + text.replace("\n", f"\n{QUOTED}")


def items(texts: Iterable[str]) -> str:
    """Several texts, each starting on a new line; an item's further lines are indented by two spaces."""
    return "\n".join(text.strip().replace("\n", "\n  ") for text in texts)


def about(lead: str, said: str, then: str = "") -> str:
    """`lead` followed by `said`: in the same sentence if it is one line, else quoted below. `then` comes last."""
    if "\n" in said:
        return f"{lead}:\n{quoted(said)}" + (f"\n{then}" if then else "")
    return f"{lead}: {said}" + (f". {then}" if then else "")


def asked(state: TaskState, target: Target) -> bool:
    """Whether an open question holds back this target: it is about the target, or names its module or phase."""
    return any(_holds(a.question, target) for a in state.questions.values())


def _holds(question: Question, target: Target) -> bool:
    if question.target == target:
        return True
    return target.phase is not None and (target.phase in question.affects or target.module in question.affects)
