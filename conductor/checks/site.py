"""A check's input and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from conductor import text
from conductor.config.settings import Settings
from conductor.ids import CheckStatus, Tree

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_APPLICABLE: Final = "not_applicable"
UNAVAILABLE: Final = "unavailable"
UNFINISHED: Final = "unfinished"  # something else ended it or kept it from starting: it says nothing about the work
STATUSES = (PASSED, FAILED, NOT_APPLICABLE, UNAVAILABLE, UNFINISHED)
SUMMARY_LIMIT = 200  # characters


class Site(msgspec.Struct, frozen=True):
    """Where a check runs: a worktree checked out at `commit`, and what changed in it since the commit `since`."""

    path: Path
    repository: Path  # the user's own checkout, for its .venv and node_modules
    commit: str
    since: str
    tree: Tree
    settings: Settings
    allows_stubs: bool
    changed: tuple[tuple[str, str], ...]  # (git's status letter, path)
    added: Mapping[str, tuple[tuple[int, str], ...]]  # path -> (line number from 1, text)
    note: Path | None  # folder where running process groups are noted


class Result(msgspec.Struct, frozen=True):
    """What Conductor observed. `status`: passed | failed | not_applicable | unavailable | unfinished."""

    status: CheckStatus
    summary: str  # one line of at most SUMMARY_LIMIT characters
    command: str = ""
    exit_code: int | None = None
    duration_ms: int = 0
    output: str = ""


def one_line(summary: str) -> str:
    """`summary` on one line, cut to SUMMARY_LIMIT."""
    return text.one_line(summary, SUMMARY_LIMIT)


def listed(problems: Sequence[str], passed: str, failed: str) -> Result:
    """Passed if there are no problems; else failed, with the problems as output."""
    if not problems:
        return Result(PASSED, one_line(passed))
    return Result(FAILED, one_line(failed), output="\n".join(problems) + "\n")


def combined(results: Sequence[Result]) -> Result:
    """Combine results: failed if any failed, then unfinished, unavailable, passed; not_applicable if all are."""
    for status in (FAILED, UNFINISHED, UNAVAILABLE, PASSED, NOT_APPLICABLE):
        if decisive := [result for result in results if result.status == status]:
            break
    else:
        return Result(NOT_APPLICABLE, "nothing to check")
    if len(results) == 1:
        return results[0]
    ran = [result for result in results if result.status != NOT_APPLICABLE]
    return Result(
        decisive[0].status,
        one_line("; ".join(result.summary for result in decisive)),
        command="; ".join(result.command for result in ran if result.command),
        exit_code=decisive[0].exit_code,
        duration_ms=sum(result.duration_ms for result in ran),
        output="\n".join(f"$ {result.command or result.summary}\n{result.output}" for result in ran),
    )
