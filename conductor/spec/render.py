"""Plan -> the object that `conduct plan --json` prints. The keys are READY_FORMAT's and do not change."""

from __future__ import annotations

from typing import Any

from conductor.spec.plan import Module, Phase, Plan


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Title, complexity, warnings and phases; only dicts, lists, strings, numbers and None."""
    return {
        "title": plan.title,
        "complexity": plan.complexity,
        "warnings": [{"line": w.line, "message": w.message} for w in plan.warnings],
        "phases": [_phase(phase) for phase in plan.phases],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "number": phase.number,
        "name": phase.name,
        "goals": list(phase.goals),
        "modules": [_module(module) for module in phase.modules],
        "depends_on": list(phase.depends_on),
        "mode": phase.mode,
        "success_criteria": [criterion.text for criterion in phase.success_criteria],
        "gotchas": list(phase.gotchas),
        "test_commands": list(phase.test_commands),
        "expected_files": list(phase.expected_files),
        "allows_stubs": phase.allows_stubs,
        "inherited": list(phase.inherited),
        "duration": phase.duration,
        "status": phase.status,
        "lines": list(phase.lines),
    }


def _module(module: Module) -> dict[str, Any]:
    return {
        "name": module.name,
        "depends_on": list(module.depends_on),
        "goals": list(module.goals),
        "expected_files": list(module.expected_files),
        "test_commands": list(module.test_commands),
    }
