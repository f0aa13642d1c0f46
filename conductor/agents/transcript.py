"""The journal of one attempt: every message and every result, recorded before the next step depends on it.

It is a stream of its own, chained like a task's; its head is what `agent.reported` witnesses. It executes nothing.
"""

from __future__ import annotations

import re

import msgspec

from conductor.agents.assignment import Assignment, Ended
from conductor.agents.threads import finish
from conductor.agents.turns import Message, Returned, Turn
from conductor.envelope import Draft, Head, sha256
from conductor.errors import CorruptLog
from conductor.events import AttemptEnded, AttemptResumed, AttemptStarted, Body, ToolReturned, TurnSaid
from conductor.log.blobs import Blobs
from conductor.log.store import EventStore, transcript_stream


def transcript_of(task: str, effect: str) -> str:
    """The stream of an effect's transcript. An effect's id may hold any module name; the stream's name must not."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", effect)[:80].strip("-")
    return transcript_stream(task, f"{readable}-{sha256(effect.encode())[:12]}".lstrip("-"))


class Transcript:
    """One attempt's journal. Load it first; all methods raise StoreError.

    VersionConflict means that another runner writes it now: leave the work to that one.
    """

    def __init__(self, store: EventStore, blobs: Blobs, task: str, effect: str, role: str) -> None:
        self.stream = transcript_of(task, effect)
        self.head = Head()  # its hash stands for the whole transcript
        self.started = False
        self.turns: list[Turn] = []
        self.ended: Ended | None = None
        self._store = store
        self._blobs = blobs
        self._actor = f"agent:{role}"

    async def load(self) -> None:
        """Read what is there. Raises CorruptLog when it is not a transcript, or when what it said was erased."""
        await finish(self._load)

    async def start(self, assignment: Assignment, agent: str) -> None:
        def work() -> None:
            self._append(
                AttemptStarted(
                    agent=agent,
                    effect=assignment.effect,
                    role=assignment.role,
                    attempt=assignment.attempt,
                    briefing=self._blobs.put(assignment.briefing),
                    phase=assignment.phase,
                    module=assignment.module,
                    hint=assignment.hint,
                )
            )
            self.started = True

        await finish(work)

    async def say(self, message: Message, tree: str) -> None:
        """Journal a message, before its calls are done on the worktree whose tree is `tree`."""

        def work() -> None:
            turn = Turn(len(self.turns) + 1, message, tree)
            self._append(TurnSaid(turn.number, self._blobs.put(msgspec.json.encode(message)), tree))
            self.turns.append(turn)

        await finish(work)

    async def hear(self, result: Returned) -> None:
        """Journal what the last turn's next call answered."""

        def work() -> None:
            number = self.turns[-1].number
            self._append(ToolReturned(number, result.call, self._blobs.put(result.text), result.error))
            self._heard(result)

        await finish(work)

    async def resume(self) -> None:
        """Void the last turn's results: it is about to be played again."""

        def work() -> None:
            turn = self.turns[-1]
            self._append(AttemptResumed(turn.number, turn.tree))
            self._void()

        await finish(work)

    async def end(self, ended: Ended) -> None:
        def work() -> None:
            report = self._blobs.put(ended.report) if ended.report else ""
            self._append(AttemptEnded(ended.verdict, ended.turns, report, ended.reason))
            self.ended = ended

        await finish(work)

    def _append(self, body: Body) -> None:
        self.head = self._store.append(self.stream, self.head, [Draft(body, self._actor)], feed=False).head

    def _heard(self, result: Returned) -> None:
        turn = self.turns[-1]
        self.turns[-1] = msgspec.structs.replace(turn, results=(*turn.results, result))

    def _void(self) -> None:
        self.turns[-1] = msgspec.structs.replace(self.turns[-1], results=())

    def _load(self) -> None:
        self.turns, self.ended = [], None
        events = self._store.read(self.stream)
        for event in events:
            match event.body:
                case AttemptStarted():
                    pass
                case TurnSaid(turn=number, message=digest, tree=tree):
                    message = msgspec.json.decode(self._text(digest, number), type=Message)
                    self.turns.append(Turn(number, message, tree))
                case ToolReturned(call=call, result=digest, error=error, turn=number):
                    self._heard(Returned(call, self._text(digest, number), error))
                case AttemptResumed():
                    self._void()
                case AttemptEnded(turns=turns, report=digest, reason=reason):
                    silent = Ended.silent(reason, turns)
                    self.ended = Ended.reported(self._text(digest, turns), turns) if digest else silent
                case _:
                    raise CorruptLog(f"{self.stream}/{event.version}: {event.type} does not belong into a transcript")
        self.started = bool(events)
        self.head = Head(events[-1].version, events[-1].head) if events else Head()

    def _text(self, digest: str, turn: int) -> str:
        kept = self._blobs.get(digest)
        if kept is None:
            raise CorruptLog(
                f"{self.stream}: what was said in turn {turn} was erased, so this attempt cannot go on",
                hint="let the work be tried again",
            )
        return kept.decode()
