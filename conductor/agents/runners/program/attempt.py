"""What agents that are separate programs have in common: running an attempt, and finding the report in their text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import msgspec

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.protocols import Tools
from conductor.agents.contract.report import ReportError, read_report
from conductor.agents.transcript import Transcript
from conductor.events import ProgramEnded, ProgramStarted
from conductor.ids import Tree
from conductor.process.threads import in_thread

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:json)?[ \t]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)


async def attempt(
    agent: str,
    work: Callable[[], Awaitable[Ended]],
    assignment: Assignment,
    transcript: Transcript,
    *,
    timeout: float,
) -> Ended:
    """Perform an attempt by calling `work`; an attempt that has ended is not repeated. `timeout` in seconds.

    Raises what `work` raises; the attempt can then be resumed.
    """
    await transcript.load()
    if transcript.ended is not None:
        return transcript.ended
    if not transcript.started:
        await transcript.start(assignment, agent)
    try:
        async with asyncio.timeout(timeout) as limit:
            ended = await work()
    except TimeoutError:
        if not limit.expired():
            raise
        ended = Ended.silent(f"time limit: {timeout:g} s", len(transcript.turns))
    ended = msgspec.structs.replace(ended, turns=len(transcript.turns), model=transcript.model, usage=transcript.usage)
    await transcript.end(ended)
    return ended


async def tree_at_start(tools: Tools, transcript: Transcript) -> Tree:
    """The worktree's tree at the start of the attempt; on a resumed attempt, the worktree is restored to it."""
    began = first_start(transcript)
    if began is None:
        return await in_thread(tools.snapshot)
    await in_thread(lambda: tools.restore(began.tree))
    return began.tree


def first_start(transcript: Transcript) -> ProgramStarted | None:
    return next((body for body in transcript.programs if isinstance(body, ProgramStarted)), None)


def last_start(transcript: Transcript) -> ProgramStarted | None:
    return next((body for body in reversed(transcript.programs) if isinstance(body, ProgramStarted)), None)


def went_well(transcript: Transcript) -> bool:
    """Whether the program's last run ended without an error."""
    last = transcript.programs[-1] if transcript.programs else None
    return isinstance(last, ProgramEnded) and not last.error


def report_in(text: str) -> str:
    """The JSON of the report at the end of a text: its last fenced block, or the whole text.

    Raises ReportError if there is none or it cannot be read.
    """
    whole = text.strip()
    blocks = [found[2].strip() for found in _FENCED.finditer(whole) if found[2].lstrip().startswith("{")]
    if not blocks and not whole.startswith("{"):
        raise ReportError("the last message contains no report")
    raw = blocks[-1] if blocks else whole
    read_report(raw)
    return raw
