"""Every error a user can meet: what is wrong, what is allowed, what to do, and the exit code it ends with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Process exit codes of `conduct`, documented in the README."""

    OK = 0
    FAILED = 1  # the command ran and what it looked at is not in order
    USAGE = 2  # bad arguments or an unreadable specification
    WAITING = 3  # the task waits for a person
    REFUSED = 4  # the lifecycle does not allow this now
    STORE = 5  # the event store cannot be reached or is not safe
    WORKSPACE = 6  # git or the file system is in the way
    INTERRUPTED = 130  # Ctrl-C: paused cleanly


class ConductorError(Exception):
    """Base of all errors shown to users.

    `what` says what is wrong and where; `allowed` what would have been right; `hint` what to do next.
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
    """A specification that cannot become a plan; `line` is 1-based, 0 when the whole document is meant."""

    exit_code = Exit.USAGE

    def __init__(self, what: str, *, line: int = 0, allowed: str | None = None, hint: str | None = None) -> None:
        super().__init__(f"line {line}: {what}" if line else what, allowed=allowed, hint=hint)
        self.line = line


class Refused(ConductorError):
    """The lifecycle does not allow this input in the present state. Nothing was appended."""

    exit_code = Exit.REFUSED


class StoreError(ConductorError):
    """The event store is unreachable, refuses us, is unsafe, or answered something unexpected."""

    exit_code = Exit.STORE


class CorruptLog(StoreError):
    """What is recorded does not fit together: a gap, a broken chain, undecodable bytes, a key of another type.

    `task` is the one whose record that is, and it alone; "" where that is not known. `reason` is what is wrong, for
    where the task has been named already.
    """

    def __init__(self, what: str, *, task: str = "", reason: str = "", hint: str | None = None) -> None:
        super().__init__(what, hint=hint or (f"`conduct verify {task}` says more" if task else None))
        self.task = task
        self.reason = reason or what


class WorkspaceError(ConductorError):
    """Git or the file system cannot do what is needed; the user's files are untouched."""

    exit_code = Exit.WORKSPACE
