"""A task's settings, recorded with `task.created`, so that no decision depends on later changes of a file."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

# At most a year: JSON has no infinity, and what is recorded must stay readable forever.
Seconds = Annotated[float, Meta(gt=0, le=31_536_000)]


class Commands(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`[commands]` of conductor.toml: shell commands that replace detected ones; None = detect."""

    test: str | None = None
    lint: str | None = None
    imports: str | None = None
    e2e: str | None = None


class Limits(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Upper limits; None for no limit. `money` is in the currency of the prices."""

    tokens: Annotated[int, Meta(gt=0)] | None = None  # in total: input, output, cache reads and cache writes
    money: Annotated[float, Meta(gt=0)] | None = None
    turns: Annotated[int, Meta(gt=0)] | None = None  # an agent without a limit has 200
    minutes: Seconds | None = None  # of agent working time; two at once count twice


class Budget(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`[budget.agent]`, `[budget.phase]`, `[budget.task]` of conductor.toml: per attempt, per phase, and in total."""

    agent: Limits = Limits()
    phase: Limits = Limits()
    task: Limits = Limits()


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[prices."model-id"]` of conductor.toml, per million tokens."""

    input: Annotated[float, Meta(ge=0)]
    output: Annotated[float, Meta(ge=0)]
    cache_read: Annotated[float, Meta(ge=0)] = 0.0
    cache_write: Annotated[float, Meta(ge=0)] = 0.0


class Settings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`conductor.toml`. Times are seconds."""

    commands: Commands = Commands()
    python: str | None = None  # the project's interpreter, a path; None = .venv, venv, then python3 on PATH
    parallel: Annotated[int, Meta(ge=1)] = 4  # agents at work at once
    fix_tries: Annotated[int, Meta(ge=0)] = 2  # fix-executor runs per target before rollback and escalation
    effect_tries: Annotated[int, Meta(ge=1)] = (
        3  # tries of an effect that breaks (not of a check that fails) before a person is asked
    )
    check_timeout: Seconds = 600.0  # per command
    agent_timeout: Seconds = 3600.0  # per agent attempt
    tool_timeout: Seconds = 120.0  # per bash call of an agent
    sandbox: Literal["auto", "require", "off"] = "auto"  # for agents' commands: if it works, or refuse to run without
    network: bool = False  # whether agents' commands reach the network from the sandbox
    review: bool = True  # code-reviewer after merged parallel phases and at the end
    tests_required: bool = True  # ask test-implementer if no test touches added code
    decompose_above: Annotated[int, Meta(ge=0, le=100)] = (
        80  # complexity above which a plan is decomposed into subtasks
    )
    budget: Budget = Budget()
    prices: dict[str, Price] = {}  # by model; they take precedence over the built-in ones
    models: dict[str, str] = {}  # of live agents, by role or "default": an id, or opus, sonnet, haiku
    merge: bool = False  # merge the task branch into its base at the end
