"""The errors shown to users: what is wrong, what is allowed, what to do, and the exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Process exit codes of `conduct`, documented in the README."""

    OK = 0
    FAILED = 1  # the command ran, and what it checked is not in order
    USAGE = 2  # bad arguments or an unreadable specification
    WAITING = 3  # the task waits for a person
    REFUSED = 4  # the lifecycle does not allow it now
    STORE = 5  # the event store cannot be reached or is not safe
    WORKSPACE = 6  # git or the file system is in the way
    INTERRUPTED = 130  # Ctrl-C: paused cleanly


class ConductorError(Exception):
    """Base of all errors shown to users.

    `what` says what is wrong and where, `allowed` what would be right, `hint` what to do next.
    """

    exit_code: Exit = Exit.FAILED

    def __init__(self, what: str, *, allowed: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.what]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class UsageError(ConductorError):
    """Arguments or input data that cannot be understood."""

    exit_code = Exit.USAGE


class SpecError(ConductorError):
    """A specification that cannot become a plan; `line` is 1-based, 0 for the whole document."""

    exit_code = Exit.USAGE

    def __init__(self, what: str, *, line: int = 0, allowed: str | None = None, hint: str | None = None) -> None:
        super().__init__(f"line {line}: {what}" if line else what, allowed=allowed, hint=hint)
        self.line = line


class Refused(ConductorError):
    """The lifecycle does not allow this input in the current state. Nothing was appended."""

    exit_code = Exit.REFUSED


class StoreError(ConductorError):
    """The event store is unreachable, refuses us, is unsafe, or gave an unexpected reply."""

    exit_code = Exit.STORE


class CorruptLog(StoreError):
    """The record is damaged: a gap, a broken chain, undecodable bytes, a key of the wrong type.

    `task` is the one affected, "" if unknown. `reason` is `what` without the task's name, for where that is shown
    already.
    """

    def __init__(self, what: str, *, task: str = "", reason: str = "", hint: str | None = None) -> None:
        super().__init__(what, hint=hint or (f"`conduct verify {task}` says more" if task else None))
        self.task = task
        self.reason = reason or what


class WorkspaceError(ConductorError):
    """Git or the file system cannot do what is needed; the user's files are untouched."""

    exit_code = Exit.WORKSPACE
