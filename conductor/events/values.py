"""Values that several event types share."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from conductor.ids import EffectId
from conductor.text import one_line

_NAMED, _NAME = 5, 80  # names of files in a sentence, and characters of one

Told = Annotated[str, Meta(min_length=1)]  # text that must not be empty


class Target(msgspec.Struct, frozen=True, gc=False):
    """What work is about: a module of a phase; without a module, the phase's merged tree; without both, the whole."""

    phase: str | None = None
    module: str | None = None

    def __str__(self) -> str:
        """As shown to people."""
        if self.phase is None:
            return "the whole"
        return f"phase {self.phase}, {self.module}" if self.module else f"phase {self.phase}"

    def effect(self, what: str, *counts: int) -> EffectId:
        """The id of an effect on this target. `counts` make it unique in the task."""
        return EffectId(":".join((self.phase or "all", self.module or "-", what, ".".join(map(str, counts)))))


WHOLE = Target()


class Claim(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who performs an effect. A pid shows whether that process is alive only within the same boot and pid namespace.

    Claims recorded before `namespace` and `nonce` existed have neither: for those only the heartbeat counts.
    """

    host: str
    boot: str  # boot id of the host; "": unknown
    pid: int
    started: str  # the process's start time as the OS reports it, so that a reused pid is not mistaken for it
    namespace: str = ""  # the pid namespace; "": unknown
    nonce: str = ""  # random for each process, so that no other is taken for it, not even its own fork


class CheckSpec(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One check to run. `key` is unique within a target; `proves` are criterion ids."""

    key: str
    kind: str  # files | tests | imports | lint | leftovers | tested | interfaces
    command: str | None = None  # None: detected from the project
    paths: tuple[str, ...] = ()  # for `files`
    parts: dict[str, tuple[str, ...]] = {}  # for `interfaces`: subplan -> the files it wrote
    proves: tuple[str, ...] = ()
    blocking: bool = True


class SetAside(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What had to be moved out of a worktree; it is kept in `folder` under its old names.

    Mostly ignored files that changed ignore rules would have made part of the next commit; also the `.git` of a
    repository that an agent created in it, and what was in the way of something else.
    """

    folder: str
    paths: tuple[str, ...]  # at most 50; a folder that was moved as a whole ends with a slash
    count: int  # the total

    @property
    def names(self) -> str:
        """The first few, on one line."""
        named = ", ".join(one_line(path, _NAME) for path in self.paths[:_NAMED])
        return named + (f" and {self.count - _NAMED} more" if self.count > _NAMED else "")

    def __str__(self) -> str:
        return f"{self.names}, now in {self.folder}"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something learned: a `discovery`, a `gotcha`, a `performance` insight or a `security` issue."""

    kind: Literal["discovery", "gotcha", "performance", "security"]
    title: Told
    text: str = ""
    evidence: str = ""
    weight: Literal["", "core", "important", "minor", "pattern"] = ""  # as the agent rates it; "": not stated


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an agent found wrong or unclear in the specification, in the form that DISCOVERIES.md uses.

    `nature`: a `fact` that differs from what is written, a `choice` that the agent would have made differently, or
    `unclear`, which can be read in several ways. `about` says what it touches, `affects` names modules and phases.
    """

    original: Told
    reality: Told
    evidence: str = ""
    action: str = ""
    impact: Literal["minor", "core"] = "minor"
    why_fact: str = ""  # why this is a fact and not a design choice
    nature: Literal["fact", "choice", "unclear"] = "fact"
    about: Literal["detail", "requirement", "architecture"] = "detail"
    affects: tuple[str, ...] = ()
    applied: bool = False  # what was built follows `reality`, not the specification


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where evidence can be checked: a command and its output, or a line of a file and its text."""

    command: str = ""
    output: str = ""
    file: str = ""
    line: int = 0  # from 1
    quote: str = ""


class Amendment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change of the specification that a person approved: `old` is replaced by `new`. `id`: a1, a2, …"""

    id: str
    old: str
    new: str
    approved_by: str  # the question's id; if a subtask asked it, prefixed with the subplan's name
    about: str = "detail"
    affects: tuple[str, ...] = ()
    phase: str | None = None
    module: str | None = None


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something only a person can decide; `core.questions.KINDS` lists the kinds.

    `affects` names modules and phases that it holds back in addition to its own.
    """

    id: str
    kind: str
    text: str  # lines; what is not Conductor's own text is indented by four spaces, its continuation lines by six
    choices: tuple[str, ...]
    phase: str | None = None
    module: str | None = None
    affects: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        return Target(self.phase, self.module)


class Interface(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a source file offers to others, as far as its text shows: one declaration a line."""

    path: str
    names: tuple[str, ...] = ()  # members are indented; empty: it offers nothing, or no longer exists
    more: int = 0  # how many were left out because of the limit per file
    unread: bool = False  # too large, cannot be parsed, or beyond the limit for all files


class Proof(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A criterion and the versions of the check events that prove it; none: unproven."""

    criterion: str
    text: str
    checks: tuple[int, ...] = ()


class Usage(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Tokens as the model's service counts them; the total input is `input + cache_read + cache_write`."""

    input: int = 0  # neither read from the cache nor written to it
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write
