"""What an agent gets to read: its phase, its module, what must hold, what went wrong. A pure view of the state."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.core.rules import checks
from conductor.core.state import TaskState
from conductor.core.steps.effects import FIX, REVIEW, SYNTHESIS, TESTS
from conductor.core.targets import target_of
from conductor.events import AgentRequested
from conductor.log.blobs import Blobs
from conductor.spec.plan import Module, Phase

MISSION = {
    FIX: "Checks failed on the tree in your working directory. Mend the cause of each; change no test to hide it.",
    SYNTHESIS: "A merge is in progress in your working directory. Resolve the conflicts so that both intents hold.",
    REVIEW: "Read the change. Name as `blocking` only what must be mended before it may stand. Change nothing.",
    TESTS: "Write tests for the added code that no test touches. Change no product code.",
}


def briefing(state: TaskState, request: AgentRequested, blobs: Blobs) -> str:
    """The whole briefing as Markdown; check outputs are read from their blobs."""
    plan = state.planned(request.phase) if request.phase is not None else None
    module = _module(plan, request.module)
    parts = [f"# {state.title}", state.plan.mission]
    parts.append(MISSION.get(request.role, "Implement what follows in your working directory."))
    if plan is None:
        parts.append("## The whole task\n" + _list(f"Phase {p.number}: {p.name}" for p in state.plan.phases))
    else:
        parts += _phase(plan, module)
    parts.append(_section("What went wrong", _reasons(state, request, blobs)))
    if request.hint:
        parts.append(f"## A person's hint\n\n{request.hint}")
    parts.append(_section("Done before", _done(state)))
    return "\n\n".join(p for p in parts if p) + "\n"


def _phase(plan: Phase, module: Module | None) -> list[str]:
    """The phase as the module sees it: its own goals, files and commands where it has them."""
    goals = module.goals if module and module.goals else plan.goals
    files = module.expected_files if module and module.expected_files else plan.expected_files
    commands = module.test_commands if module and module.test_commands else plan.test_commands
    name = f"## Phase {plan.number}: {plan.name}" + (f", module {module.name}" if module else "")
    return [
        name,
        _section("Goals", goals),
        _section("Expected files", files),
        _section("Success criteria", (c.text for c in plan.success_criteria)),
        _section("Test commands", commands),
        _section("Gotchas", plan.gotchas),
        _section("Other modules, not yours to touch", (m.name for m in plan.modules if module and m != module)),
    ]


def _reasons(state: TaskState, request: AgentRequested, blobs: Blobs) -> list[str]:
    """Each reason with the exact output of the check behind it."""
    target = target_of(state, request.phase, request.module)
    outputs = {f"{c.key}: {c.summary}": c.output for c in checks.failing(target)}
    outputs |= {c.key: c.output for c in target.checks.values() if c.status == "failed" and not c.blocking}
    rows = []
    for reason in request.because:
        digest = outputs.get(reason, "")
        text = (blobs.get(digest) or b"").decode(errors="replace") if digest else ""
        rows.append(reason + (f"\n\n{_quoted(text)}" if text else ""))
    return rows


def _done(state: TaskState) -> list[str]:
    return [
        f"Phase {p.number} ({state.planned(p.number).name}): " + (", ".join(p.files_created) or "no new files")
        for p in state.phases.values()
        if p.checkpoint is not None
    ]


def _module(plan: Phase | None, name: str | None) -> Module | None:
    return next((m for m in plan.modules if m.name == name), None) if plan and len(plan.modules) > 1 else None


def _section(title: str, rows: Iterable[str]) -> str:
    text = _list(rows)
    return f"### {title}\n\n{text}" if text else ""


def _list(rows: Iterable[str]) -> str:
    return "\n".join(f"- {row}" for row in rows)


def _quoted(text: str) -> str:
    return "\n".join("      " + line for line in text.splitlines())
