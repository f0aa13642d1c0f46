"""Values that several event types share."""

from __future__ import annotations

import msgspec


class Claim(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who performs an effect: enough to tell whether that process still lives."""

    host: str
    boot: str  # boot id of the host; a rebooted host has lost all its processes
    pid: int
    started: str  # the process's start time as the OS tells it, so that a reused pid is not mistaken


class CheckSpec(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One check to run. `key` is unique within a target; `proves` are criterion ids."""

    key: str
    kind: str  # files | tests | imports | lint | leftovers | tested
    command: str | None = None  # None: detected from the project
    paths: tuple[str, ...] = ()  # for `files`
    proves: tuple[str, ...] = ()
    blocking: bool = True


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something learned: a `discovery`, a `gotcha`, a `performance` insight or a `security` issue."""

    kind: str
    title: str
    text: str = ""
    evidence: str = ""


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an agent found wrong in the specification, in DISCOVERIES.md's own form."""

    original: str
    reality: str
    evidence: str = ""
    action: str = ""
    impact: str = "minor"  # minor | core
    why_fact: str = ""  # why this is a fact and not a design choice


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something only a person can decide. `kind`: escalation | correction | tool | effect | validation."""

    id: str
    kind: str
    text: str
    choices: tuple[str, ...]
    phase: str | None = None
    module: str | None = None


class Proof(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A criterion and the versions of the check events that prove it; none: unproven."""

    criterion: str
    text: str
    checks: tuple[int, ...] = ()
