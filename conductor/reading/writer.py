"""Turns a Plan into the object that `conduct plan --json` prints (with READY_FORMAT's keys), or a strict READY.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from conductor.plan.model import Criterion, Module, Phase, Plan
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.mentions import Mentions, name_words


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


def plan_to_ready(plan: Plan) -> str:
    """The plan as a strict READY.md, which is read back as the same plan; see `differences`."""
    own = _Lines()
    own.heading(1, plan.title)
    own.paragraphs(2, "Mission", plan.mission)
    own.bullets(2, "Success Criteria", (c.text for c in plan.success_criteria), box=True)
    own.bullets(2, "Requirements (IMMUTABLE)", plan.immutable_requirements)
    own.bullets(2, "Proposed Approach (EVOLVABLE)", plan.evolvable_requirements)
    own.heading(2, "Implementation Phases")
    for phase in plan.phases:
        _phase_to_ready(phase, own)
    own.bullets(2, "Known Gotchas", plan.gotchas)
    own.bullets(2, "Quality Requirements", plan.quality_requirements)
    given = (phase.test_commands for phase in plan.phases if "test_commands" in phase.inherited)
    own.commands(2, "Validation Commands", next(given, ()))
    own.commands(2, "End-to-End Command", (plan.end_to_end,) if plan.end_to_end else ())
    if plan.files:
        own.heading(2, "Files to Create/Modify")
        own.files(3, "New Files", plan.files)
    own.bullets(2, "Custom Roles", plan.custom_roles)
    return own.text()


def differences(plan: Plan, other: Plan) -> tuple[str, ...]:
    """The differences between two plans, as names (`phase 2: goals`), ignoring lines, warnings and the score."""
    left, right = (msgspec.structs.replace(p, warnings=(), complexity=0, phases=()) for p in (plan, other))
    found = [name for name in Plan.__struct_fields__ if _bare(getattr(left, name)) != _bare(getattr(right, name))]
    if [phase.number for phase in plan.phases] != [phase.number for phase in other.phases]:
        return (*found, "phases")
    for a, b in zip(plan.phases, other.phases, strict=True):
        names = [name for name in Phase.__struct_fields__ if name not in ("lines", "digest")]
        found += [f"phase {a.number}: {name}" for name in names if _bare(getattr(a, name)) != _bare(getattr(b, name))]
    return tuple(found)


def _bare(value: Any) -> Any:
    """A value of a plan without its lines."""
    if isinstance(value, tuple):
        return tuple(_bare(item) for item in value)
    if isinstance(value, Criterion):
        return (value.id, value.text, value.proofs)
    return msgspec.structs.replace(value, line=0) if isinstance(value, Module) else value


def _phase_to_ready(phase: Phase, own: _Lines) -> None:
    own.heading(3, f"Phase {phase.number}: {phase.name}")
    only = Module(phase.modules[0].name, goals=phase.goals, expected_files=phase.expected_files)
    plain = len(phase.modules) == 1 and _bare(phase.modules[0]) == only  # its only module has everything
    modules = () if plain and only.name == phase.name else phase.modules
    own.labels(
        ("Modules", _plain(only.name) if plain and modules else ""),
        ("Depends on", ", ".join(f"Phase {number}" for number in phase.depends_on)),
        ("Working mode", phase.mode),
        ("Duration", phase.duration or ""),
        ("Status", "done" if phase.status == "done" else ""),
        ("Stubs", "allowed" if phase.allows_stubs else ""),
    )
    shared = _shared(phase)
    own.bullets(4, "Tasks", shared)
    if not plain:
        for module in modules:
            own.heading(4, f"Module: {module.name}")
            own.labels(("Depends on", ", ".join(module.depends_on)))
            own.bullets(5, "Tasks", (goal for goal in module.goals if goal not in shared))
            own.files(5, "Files", module.expected_files)
            own.commands(5, "Test Commands", module.test_commands)
    if "expected_files" not in phase.inherited:  # otherwise they follow from the document's
        own.files(4, "Files", phase.expected_files)
    if "test_commands" not in phase.inherited:
        own.commands(4, "Validation Commands", phase.test_commands)
    if "success_criteria" not in phase.inherited:
        own.bullets(4, "Success Criteria", (criterion.text for criterion in phase.success_criteria), box=True)
    if "gotchas" not in phase.inherited:
        own.bullets(4, "Gotchas", phase.gotchas)


def _shared(phase: Phase) -> tuple[str, ...]:
    """The first goals that need no explicit owner: they belong to the modules they name, else to all, and come first in
    these."""
    names = [module.name for module in phase.modules]
    if len(names) == 1:
        return phase.goals
    index = Mentions(names, name_words)
    shared: list[str] = []
    taken = dict.fromkeys(names, 0)
    for goal in phase.goals:
        owners = [module.name for module in phase.modules if goal in module.goals]
        first = all(phase.module(name).goals[taken[name]] == goal for name in owners)
        if set(owners) != set(index.find(goal) or names) or not first:
            break
        shared.append(goal)
        for name in owners:
            taken[name] += 1
    return tuple(shared)


class _Lines:
    """A Markdown builder: blocks with a blank line between them."""

    def __init__(self) -> None:
        self._blocks: list[str] = []

    def text(self) -> str:
        return "\n\n".join(self._blocks) + "\n"

    def heading(self, level: int, title: str) -> None:
        text = re.sub(r"(#+)$", r"\\\1", _plain(" ".join(title.split())))  # a heading's text may end in hashes
        self._blocks.append(f"{'#' * level} {text}")

    def labels(self, *pairs: tuple[str, str]) -> None:
        if lines := [f"{label}: {value}" for label, value in pairs if value]:
            self._blocks.append("\n".join(lines))

    def paragraphs(self, level: int, title: str, text: str) -> None:
        if text:
            self.heading(level, title)
            self._blocks.append("\n\n".join(_plain(part) for part in text.split("\n\n")))

    def bullets(self, level: int, title: str, texts: Iterable[str], *, box: bool = False) -> None:
        if items := [_item(text, box) for text in texts]:
            self.heading(level, title)
            self._blocks.append("\n".join(items))

    def files(self, level: int, title: str, paths: Sequence[str]) -> None:
        self._listed(level, title, [f"- {_code(path)}" for path in paths])

    def commands(self, level: int, title: str, commands: Sequence[str]) -> None:
        if any("\n" in command for command in commands):  # a code span cannot contain line breaks
            self._listed(level, title, ["```bash", *commands, "```"])
        else:
            self._listed(level, title, [f"- {_code(command)}" for command in commands])

    def _listed(self, level: int, title: str, lines: Sequence[str]) -> None:
        if lines:
            self.heading(level, title)
            self._blocks.append("\n".join(lines))


def _item(text: str, box: bool) -> str:
    """A bullet with its nested contents indented below it, other lines as separate paragraphs.

    One that starts with a label gets a checkbox, which marks it as work whatever the label means.
    """
    first, *rest = text.split("\n")
    lines = [f"- {'[ ] ' * (box or _is_labelled(first))}{_plain(first)}"]
    for line in rest:
        bare = line.lstrip()
        indent = "  " + line[: len(line) - len(bare)]
        if bare.startswith("- "):
            lines.append(f"{indent}- {'[ ] ' * _is_labelled(bare[2:])}{_plain(bare[2:])}")
        else:
            lines += ["", f"{indent}{_plain(bare)}", ""]
    return "\n".join(lines)


def _is_labelled(text: str) -> bool:
    label, colon, _ = text.partition(":")
    return bool(colon) and labels.field_of(label) is not None


_CODE_OR_SPECIAL = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))|(?P<special>[\\*<\[\]`]|(?<!\w)_|_(?!\w)|&(?=#?\w+;))",
    re.DOTALL,
)


def _plain(text: str) -> str:
    """Text that Markdown renders unchanged: code spans stay, other markup is escaped."""
    escaped = _CODE_OR_SPECIAL.sub(lambda m: m["code"] or f"\\{m['special']}", text)
    number = re.match(r"^(\d{1,9})([.)])(?=\s|$)", escaped)
    if number:
        return f"{number[1]}\\{number[2]}{escaped[number.end() :]}"
    return f"\\{escaped}" if re.match(r"^[-+#>~=|]", escaped) else escaped


def _code(text: str) -> str:
    """A code span, with more backticks than any run inside it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"
