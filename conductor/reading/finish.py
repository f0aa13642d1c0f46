"""Turns a draft into a phase of the plan: assigns goals and files to modules, and ids and proofs to criteria."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from conductor.plan.model import Criterion, Module, Phase
from conductor.reading.assemble import PhaseDraft
from conductor.reading.fields.proofs import Evidence
from conductor.reading.markdown.body import ReadItem
from conductor.reading.outline.phases import Warn
from conductor.reading.vocabulary.mentions import Mentions, name_words

_MOST = 100_000  # goals times modules: with more, reading would not be linear in the text


def finish(draft: PhaseDraft, needs: Iterable[str], edges: Mapping[str, Mapping[str, int]], warn: Warn) -> Phase:
    """The phase. `needs`: numbers of phases in the plan's order; `edges`: module -> the modules that it depends on."""
    own = dict.fromkeys(goal.text for goal in draft.goals)
    told = dict.fromkeys(goal.text for module in draft.modules for goal in module.goals)
    goals = tuple({**own, **told})
    if not goals and not draft.done:
        warn(draft.lines[0], f"phase {draft.number} has no goals: write a bullet for each")
    modules = tuple(_modules(draft, edges, warn))
    if own.keys() & told.keys():  # stated for both the phase and a module: in the modules' order
        goals = tuple(dict.fromkeys(goal for module in modules for goal in module.goals))
    if not modules:
        modules = (Module(draft.name, goals=goals, expected_files=draft.files, line=draft.lines[0]),)
    return Phase(
        number=draft.number,
        name=draft.name,
        modules=modules,
        goals=goals,
        depends_on=tuple(needs),
        mode=draft.mode or ("worktrees" if len(modules) > 1 else "direct"),
        success_criteria=criteria_of(
            "doc" if "success_criteria" in draft.inherited else f"p{draft.number}",
            draft.criteria,
            Evidence(set(draft.files), draft.commands),
        ),
        gotchas=draft.gotchas,
        test_commands=draft.commands,
        expected_files=draft.files,
        allows_stubs=draft.allows_stubs,
        inherited=draft.inherited,
        duration=draft.duration,
        status="done" if draft.done else "pending",
        lines=draft.lines,
    )


def criteria_of(prefix: str, entries: Sequence[ReadItem], evidence: Evidence) -> tuple[Criterion, ...]:
    """Criteria with ids `<prefix>.c<n>`, 1-based, and their proofs."""
    return tuple(
        Criterion(f"{prefix}.c{n}", entry.text, entry.line, evidence.proofs(entry.text))
        for n, entry in enumerate(entries, 1)
    )


def _modules(draft: PhaseDraft, edges: Mapping[str, Mapping[str, int]], warn: Warn) -> Iterator[Module]:
    """The declared modules. A goal goes to the modules it names, else to all; a file to the modules it names."""
    names = [module.name for module in draft.modules]
    index = Mentions(names, name_words)
    own = [goal.text for goal in draft.goals]
    if len(names) * len(own) > _MOST:
        warn(draft.lines[0], f"phase {draft.number}: {len(own)} goals are too many to give to {len(names)} modules")
        own = []
    goals = _by_owner(names, ((goal, index.find(goal) or names) for goal in own))
    common = set(goals[names[0]]).intersection(*(goals[name] for name in names)) if names else set()
    claimed = {path for module in draft.modules for path, _ in module.files}
    left = [path for path in draft.files if path not in claimed]
    told = {name: "\n".join(goal for goal in goals[name] if goal not in common) for name in names}
    files = _by_owner(names, ((path, names if len(names) == 1 else _owners(path, index, told)) for path in left))
    for module in draft.modules:
        declared = [str(path) for path, _ in module.files if isinstance(path, str)]
        yield Module(
            module.name,
            depends_on=tuple(edges[module.name]),
            goals=tuple(dict.fromkeys([*goals[module.name], *(goal.text for goal in module.goals)])),
            expected_files=tuple(dict.fromkeys([*declared, *files[module.name]])),
            test_commands=tuple(command.text for command in module.commands),
            line=module.line,
        )


def _owners(path: str, index: Mentions, told: Mapping[str, str]) -> Sequence[str]:
    """The modules that a file belongs to: those named in its path, else those whose own goals name it."""
    return index.find(path) or [name for name, goals in told.items() if path in goals]


def _by_owner(names: Sequence[str], owned: Iterable[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    owned_by: dict[str, list[str]] = {name: [] for name in names}
    for text, owners in owned:
        for owner in owners:
            owned_by[owner].append(text)
    return owned_by
