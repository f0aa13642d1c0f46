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
    """What work is about: a module of a phase; without a module the phase's merged tree; without both the whole."""

    phase: str | None = None
    module: str | None = None

    def __str__(self) -> str:
        """In words, for people."""
        if self.phase is None:
            return "the whole"
        return f"phase {self.phase}, {self.module}" if self.module else f"phase {self.phase}"

    def effect(self, what: str, *counts: int) -> EffectId:
        """The id of an effect on it. `counts` make it the only one of its name in the task."""
        return EffectId(":".join((self.phase or "all", self.module or "-", what, ".".join(map(str, counts)))))


WHOLE = Target()


class Claim(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who performs an effect. Whether that process lives, its id tells only within its own boot and namespaces.

    Claims recorded before there were `namespace` and `nonce` have neither: of these only a heartbeat tells.
    """

    host: str
    boot: str  # boot id of the host; "": unknown
    pid: int
    started: str  # the process's start time as the OS tells it, so that a reused pid is not mistaken
    namespace: str = ""  # in which pid and start time are counted; "": unknown
    nonce: str = ""  # random, of that process alone: nobody else is taken for it, not even its own fork


class CheckSpec(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One check to run. `key` is unique within a target; `proves` are criterion ids."""

    key: str
    kind: str  # files | tests | imports | lint | leftovers | tested | interfaces
    command: str | None = None  # None: detected from the project
    paths: tuple[str, ...] = ()  # for `files`
    parts: dict[str, tuple[str, ...]] = {}  # for `interfaces`: part -> the files that it was to write
    proves: tuple[str, ...] = ()
    blocking: bool = True


class SetAside(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What had to leave a worktree and is kept in `folder`, under its old names.

    Mostly ignored files that a change of rules would have made part of the next commit; also the `.git` of a
    repository that an agent made in it, and what stood where something else had to go.
    """

    folder: str
    paths: tuple[str, ...]  # at most 50; a folder that was moved as a whole ends with a slash
    count: int  # of all

    @property
    def names(self) -> str:
        """The first of them, on one line."""
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
    weight: Literal["", "core", "important", "minor", "pattern"] = ""  # as its finder sees it; "": not said


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an agent found wrong or unclear in the specification, in DISCOVERIES.md's own form.

    `nature`: a `fact` that is otherwise than written, a `choice` that the agent would have made differently, or
    `unclear`: it can be read in several ways. `about` says what it touches, `affects` names modules and phases.
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
    """Where an evidence can be looked at: a command with what it printed, or a file's line with what stands there."""

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
    approved_by: str  # the question's id; of one that a subtask asked, with its part before it
    about: str = "detail"
    affects: tuple[str, ...] = ()
    phase: str | None = None
    module: str | None = None


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something only a person can decide; `core.questions.KINDS` lists the kinds.

    `affects` names modules and phases that it holds back besides its own.
    """

    id: str
    kind: str
    text: str  # in lines; what is not Conductor's own word begins with four blanks, what goes on with that with six
    choices: tuple[str, ...]
    phase: str | None = None
    module: str | None = None
    affects: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        return Target(self.phase, self.module)


class Interface(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a source file offers to others, as far as its text tells: a declaration each, on one line."""

    path: str
    names: tuple[str, ...] = ()  # of members indented; without any: it offers nothing, or is there no more
    more: int = 0  # left out, beyond what is kept of one file
    unread: bool = False  # too large, not to be parsed, or beyond what is kept of all


class Proof(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A criterion and the versions of the check events that prove it; none: unproven."""

    criterion: str
    text: str
    checks: tuple[int, ...] = ()


class Usage(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Tokens as the model's service counts them; the whole input is `input + cache_read + cache_write`."""

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
