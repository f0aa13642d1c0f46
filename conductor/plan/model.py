"""The plan that a specification is read as: immutable values, recorded whole in `task.created`."""

from __future__ import annotations

import msgspec


class Warning_(msgspec.Struct, frozen=True, gc=False):
    """Something doubtful in the document. `line` is 1-based; 0: the message names another file."""

    line: int
    message: str


class Criterion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A success criterion. `id` is `p<phase>.c<n>` or `doc.c<n>`.

    `proofs` are the check keys that prove it when they pass (`files`, `tests`, `imports`, `lint`, `leftovers`,
    or `tests:<n>` for the n-th of the phase's test commands, 0-based; for a criterion of the document also `e2e`, but
    never `tests:<n>`). Empty: no check can prove it, and it is listed as unproven.
    """

    id: str
    text: str
    line: int = 0
    proofs: tuple[str, ...] = ()


class Module(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a phase that one agent builds in one worktree. `depends_on` names modules of the same phase."""

    name: str
    depends_on: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    expected_files: tuple[str, ...] = ()
    test_commands: tuple[str, ...] = ()
    line: int = 0


class Phase(msgspec.Struct, frozen=True, omit_defaults=True):
    """One phase. `number` is text as written (`1`, `2a`, `-1`); `lines` are its first and last line, 1-based."""

    number: str
    name: str
    modules: tuple[Module, ...]
    goals: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    mode: str = "direct"  # direct | worktrees
    success_criteria: tuple[Criterion, ...] = ()
    gotchas: tuple[str, ...] = ()
    test_commands: tuple[str, ...] = ()
    expected_files: tuple[str, ...] = ()
    allows_stubs: bool = False
    inherited: tuple[str, ...] = ()  # names of the fields that came from the document level
    duration: str | None = None
    status: str = "pending"  # pending | done
    lines: tuple[int, int] = (0, 0)
    digest: str = ""  # of its section's text, to detect changes

    def waves(self) -> tuple[tuple[str, ...], ...]:
        """Module names in dependency waves: each wave depends only on earlier ones.

        Raises ValueError on a cycle or an unknown name; the reader reports both as a SpecError.
        """
        from conductor.plan.graph import waves

        return waves({m.name: m.depends_on for m in self.modules})

    def module(self, name: str) -> Module:
        return next(m for m in self.modules if m.name == name)


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole specification, as read. Phases are in the order in which they run."""

    title: str
    phases: tuple[Phase, ...]
    mission: str = ""
    success_criteria: tuple[Criterion, ...] = ()
    gotchas: tuple[str, ...] = ()
    quality_requirements: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    immutable_requirements: tuple[str, ...] = ()
    evolvable_requirements: tuple[str, ...] = ()
    custom_roles: tuple[str, ...] = ()
    end_to_end: str | None = None  # the spec's own end-to-end command
    complexity: int = 0
    warnings: tuple[Warning_, ...] = ()

    def commands(self) -> tuple[str, ...]:
        """Every command of the specification that checks would run."""
        named = [c for p in self.phases for c in (*p.test_commands, *(x for m in p.modules for x in m.test_commands))]
        return tuple(dict.fromkeys([*named, *filter(None, [self.end_to_end])]))

    def phase(self, number: str) -> Phase:
        return next(p for p in self.phases if p.number == number)


class Subplan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a decomposed plan, built by a subtask. `depends_on` names other subplans."""

    name: str
    plan: Plan
    depends_on: tuple[str, ...] = ()
