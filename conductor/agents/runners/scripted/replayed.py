"""Replays an earlier task: what its models said, as recorded, is executed again by the real tools. No model is called.

A call whose result differs from the recorded one is recorded as a divergence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.protocols import Tools
from conductor.agents.contract.turns import Message, Returned, Said, Stop, ToolResult, Turn
from conductor.agents.loop import play
from conductor.agents.transcript import Transcript
from conductor.errors import UsageError
from conductor.events import AgentRequested, AttemptStarted
from conductor.ids import EffectId
from conductor.log.keys import transcript_of
from conductor.log.store import EventStore
from conductor.process.threads import in_thread
from conductor.redact import MARK

PREFIX = "task:"  # before the id of the task to replay
PLAYABLE = ("anthropic", "scripted")  # agents that use our tools; others have their own

# Meaningless differences between runs: durations, addresses, and the worktree's path.
_VOLATILE = re.compile(r"\d+(\.\d+)?\s?(ms|s|seconds?)\b|0x[0-9a-f]{6,}|\d\d:\d\d:\d\d(\.\d+)?")


class PlayedAgain:
    """An AgentRunner that replays the attempts of an earlier task. `timeout` (seconds) limits a whole attempt."""

    name = "played again"

    def __init__(self, store: EventStore, source: str, timeout: float = 3600.0) -> None:
        """`source`: `task:ID`. Raises UsageError if that task has nothing that can be replayed."""
        self._store = store
        self._task = source.removeprefix(PREFIX)
        self._timeout = timeout
        self._attempts = _attempts(store, self._task)

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        then = await in_thread(lambda: self._recorded(assignment))
        model = _Again(then, self._task, assignment)
        compared = _Compared(tools, transcript, then, (self._task, assignment.task))
        return await play(self.name, model, assignment, compared, transcript, timeout=self._timeout)

    def _recorded(self, assignment: Assignment) -> Transcript | None:
        """The transcript of the same effect, else the latest with the same role, phase, module and attempt."""
        alike = [
            request
            for request in self._attempts
            if (request.role, request.phase, request.module, request.attempt)
            == (assignment.role, assignment.phase, assignment.module, assignment.attempt)
        ]
        same = [request for request in alike if request.effect == assignment.effect] or alike
        if not same:
            return None
        then = Transcript(self._store, self._store.blobs, self._task, same[-1].effect, assignment.role)
        then.read()
        return then


class _Again:
    """The Model: returns the next recorded turn."""

    replays = True

    def __init__(self, then: Transcript | None, task: str, assignment: Assignment) -> None:
        self._then = then
        self._task = task
        self._assignment = assignment

    async def next(self, history: Sequence[Turn]) -> Said | Stop:
        if self._then is None:
            return Stop(f"task {self._task} has no recorded turns for {self._assignment.told_as}")
        if len(history) >= len(self._then.turns):
            ended = self._then.ended
            return Stop(ended.reason if ended and ended.reason else "the recorded turns end here without a report")
        message = self._then.turns[len(history)].message
        if any(MARK in msgspec.json.encode(call.arguments).decode() for call in message.calls):
            return Stop(f"turn {len(history) + 1} contained a likely secret, which was not kept")
        return Said(Message(message.text, message.calls))


class _Compared:
    """Tools that compare each result with the recorded one."""

    def __init__(self, tools: Tools, transcript: Transcript, then: Transcript | None, tasks: tuple[str, str]) -> None:
        self.role = tools.role
        self.note = tools.note
        self.snapshot = tools.snapshot
        self.restore = tools.restore
        self.definitions = tools.definitions
        self._tools = tools
        self._transcript = transcript
        self._then = then
        self._tasks = tasks

    async def call(self, name: str, arguments: object) -> ToolResult:
        result = await self._tools.call(name, arguments)
        then = self._answered()
        if then is not None and (then.error, self._bare(then.text)) != (result.error, self._bare(result.text)):
            await self._transcript.diverge(then.call, then)
        return result

    def _answered(self) -> Returned | None:
        """The recorded result of the current call; None if the task had been cut off before it."""
        number, index = len(self._transcript.turns), len(self._transcript.turns[-1].results)
        results = self._then.turns[number - 1].results if self._then else ()
        return results[index] if index < len(results) else None

    def _bare(self, text: str) -> str:
        for task in self._tasks:
            text = text.replace(task, "TASK")
        return _VOLATILE.sub("~", text)


def _attempts(store: EventStore, task: str) -> list[AgentRequested]:
    """The attempts of a task that our tools can replay. Raises UsageError if there are none."""
    if task not in store.tasks():
        raise UsageError(f"there is no task {task!r} to replay", hint="`conduct list` lists the tasks")
    requests = [event.body for event in store.read(task) if isinstance(event.body, AgentRequested)]
    begun = {}
    for request in requests:
        events = store.read(transcript_of(task, request.effect), upto=1)
        if events and isinstance(events[0].body, AttemptStarted):
            begun[request.effect] = events[0].body.agent
    playable = [request for request in requests if begun.get(request.effect) in (*PLAYABLE, PlayedAgain.name)]
    if not playable:
        kinds = ", ".join(sorted(set(begun.values()))) or "none"
        raise UsageError(
            f"task {task} cannot be replayed: its agents are {kinds}", allowed=f"agents {', '.join(PLAYABLE)}"
        )
    return playable


def divergences(store: EventStore, task: str) -> dict[EffectId, int]:
    """How many results differed from the recorded ones, by effect; effects without any are left out."""
    counts = {}
    for event in store.read(task):
        if isinstance(event.body, AgentRequested):
            transcript = Transcript(store, store.blobs, task, event.body.effect, event.body.role)
            transcript.read()
            if transcript.diverged:
                counts[event.body.effect] = len(transcript.diverged)
    return counts
