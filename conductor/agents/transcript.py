"""The journal of one attempt: every message and every result, recorded before the next step depends on it.

It is a separate stream, chained like a task's; `agent.reported` records its head. It executes nothing.
"""

from __future__ import annotations

import msgspec

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.turns import Begun, Message, Returned, Said, Told, Turn
from conductor.decoding import prepared
from conductor.envelope import Draft, Head, Recorded
from conductor.errors import CorruptLog
from conductor.events import (
    AgentTold,
    AttemptEnded,
    AttemptResumed,
    AttemptStarted,
    Body,
    ContextCompacted,
    ProgramEnded,
    ProgramStarted,
    ResultDiverged,
    ToolReturned,
    ToolStarted,
    TryFailed,
    TryStarted,
    TurnSaid,
    Usage,
)
from conductor.ids import NO_DIGEST, Tree
from conductor.log.blobs import Blobs
from conductor.log.keys import transcript_of
from conductor.log.store import EventStore
from conductor.process.threads import in_thread


class Shown(msgspec.Struct, frozen=True):
    """What compactions still show a model: results after turn `results`, thinking after turn `thinking`, and only the
    summary of the turns up to `summarized`."""

    results: int = 0
    thinking: int = 0
    summarized: int = 0
    summary: str = ""


class Transcript:
    """One attempt's journal. Load it first; all methods raise StoreError.

    VersionConflict means that another runner is writing it: leave the work to that one.
    """

    def __init__(self, store: EventStore, blobs: Blobs, task: str, effect: str, role: str) -> None:
        self.stream = transcript_of(task, effect)
        self.head = Head()  # its hash represents the whole transcript
        self.started = False
        self.turns: list[Turn] = []
        self.begun: Begun | None = None
        self.tries = 0  # for the next turn
        self.shown = Shown()
        self.model = ""  # the last that answered
        self.usage = Usage()  # of everything so far
        self.ended: Ended | None = None
        self.programs: list[ProgramStarted | ProgramEnded] = []
        self.diverged: list[ResultDiverged] = []
        self.told: list[Told] = []
        self.known = 0  # the task's version up to which the agent was told of rulings
        self.warned: dict[str, float] = {}  # limits that the agent was warned about
        self._briefing = NO_DIGEST  # blob digest
        self._opening: str | None = None  # that text
        self._store = store
        self._blobs = blobs
        self._actor = f"agent:{role}"

    async def load(self) -> None:
        """Read the stream. Raises CorruptLog if it is not a transcript, or one of its texts was erased."""
        await in_thread(self.read)

    async def start(self, assignment: Assignment, agent: str) -> None:
        def work() -> None:
            digest = self._blobs.put(assignment.briefing)
            self._append(
                AttemptStarted(
                    agent=agent,
                    effect=assignment.effect,
                    role=assignment.role,
                    attempt=assignment.attempt,
                    briefing=digest,
                    phase=assignment.phase,
                    module=assignment.module,
                    hint=assignment.hint,
                )
            )
            self.started, self._briefing = True, digest

        await in_thread(work)

    async def briefing(self) -> str:
        """The recorded briefing: after a crash the agent gets the same one."""
        if self._opening is None:
            self._opening = await in_thread(lambda: self._text(self._briefing, 0))
        return self._opening

    async def ask(self, model: str) -> None:
        """Journal a try for the next turn before the request is sent."""

        def work() -> None:
            self._append(TryStarted(len(self.turns) + 1, self.tries + 1, model))
            self.tries += 1

        await in_thread(work)

    async def fail(self, kind: str, error: str, wait: float, usage: Usage, odd: tuple[str, ...] = ()) -> None:
        """Journal how the last try failed, and the seconds until the next one."""

        def work() -> None:
            self._append(TryFailed(len(self.turns) + 1, self.tries, kind, error, wait, usage, odd))
            self.usage += usage

        await in_thread(work)

    async def compact(self, upto: int, *, tokens: int, said: Said | None = None) -> None:
        """Journal that the model is shown less from now on: see `context.compacted`. `said` is its summary."""

        def work() -> None:
            body = ContextCompacted(len(self.turns), upto, tokens)
            if said is not None:
                digest = self._blobs.put(said.message.text) if said.message.text else NO_DIGEST
                body = msgspec.structs.replace(body, summary=digest, model=said.model, usage=said.usage, odd=said.odd)
            self._append(body)
            self._compacted(body, said.message.text if said else "")

        await in_thread(work)

    async def say(self, said: Said, tree: Tree) -> None:
        """Journal a message before its calls are made on the worktree whose tree is `tree`."""

        def work() -> None:
            number = len(self.turns) + 1
            digest = self._blobs.put(msgspec.json.encode(said.message))
            self._append(TurnSaid(number, digest, tree, said.model, said.usage, said.odd))
            self._said(Turn(number, said.message, tree, usage=said.usage), said.model)

        await in_thread(work)

    async def begin(self, call: str, tree: Tree) -> None:
        """Journal that a call of the last turn is about to be made; restoring `tree` undoes it ("": nothing does)."""

        def work() -> None:
            self._append(ToolStarted(len(self.turns), call, tree))
            self.begun = Begun(call, tree)

        await in_thread(work)

    async def hear(self, result: Returned) -> None:
        """Journal the result of the last turn's next call."""

        def work() -> None:
            digest = self._blobs.put(result.text)
            self._append(ToolReturned(len(self.turns), result.call, digest, result.error))
            self._heard(msgspec.structs.replace(result, digest=digest))

        await in_thread(work)

    async def resume(self, begun: Begun | None = None) -> None:
        """Journal that the last turn is resumed: with the call whose result is unknown, or from its start."""

        def work() -> None:
            turn = self.turns[-1]
            if begun is not None:
                self._append(AttemptResumed(turn.number, begun.tree, begun.call))
                return
            self._append(AttemptResumed(turn.number, turn.tree))
            self._void()

        await in_thread(work)

    async def program(self, body: ProgramStarted | ProgramEnded) -> None:
        """Journal that a program that is the agent is about to be started, or has ended."""

        def work() -> None:
            self._append(body)
            self._programmed(body)

        await in_thread(work)

    async def diverge(self, call: str, then: Returned) -> None:
        """Journal that the result of the last turn's next call differs from the recorded one, `then`."""

        def work() -> None:
            body = ResultDiverged(len(self.turns), call, self._blobs.put(then.text), then.error)
            self._append(body)
            self.diverged.append(body)

        await in_thread(work)

    async def tell(self, text: str, *, upto: int = 0, near: dict[str, float] | None = None) -> None:
        """Journal what the agent is told with the next turn: see `agent.told`."""

        def work() -> None:
            body = AgentTold(len(self.turns), self._blobs.put(text), upto, near or {})
            self._append(body)
            self._told(body, text)

        await in_thread(work)

    async def end(self, ended: Ended) -> None:
        def work() -> None:
            report = self._blobs.put(ended.report) if ended.report else NO_DIGEST
            self._append(AttemptEnded(ended.verdict, ended.turns, report, ended.reason))
            self.ended = ended

        await in_thread(work)

    def _append(self, body: Body) -> None:
        self.head = self._store.append(self.stream, self.head, [Draft(body, self._actor)], feed=False).head

    def _said(self, turn: Turn, model: str) -> None:
        self.turns.append(turn)
        self.tries = 0
        self._spent(model, turn.usage)

    def _spent(self, model: str, usage: Usage) -> None:
        self.model = model or self.model
        self.usage += usage

    def _heard(self, result: Returned) -> None:
        turn = self.turns[-1]
        self.turns[-1] = msgspec.structs.replace(turn, results=(*turn.results, result))
        self.begun = None

    def _void(self) -> None:
        turn = self.turns[-1] = msgspec.structs.replace(self.turns[-1], results=())
        self.begun = None
        self.diverged = [body for body in self.diverged if body.turn < turn.number]

    def _programmed(self, body: ProgramStarted | ProgramEnded) -> None:
        self.programs.append(body)
        if isinstance(body, ProgramEnded):
            self.usage += body.usage

    def _told(self, body: AgentTold, text: str) -> None:
        self.told.append(Told(body.turn, text))
        self.known = max(self.known, body.upto)
        self.warned.update(body.near)

    def _compacted(self, body: ContextCompacted, summary: str) -> None:
        if summary:
            self.shown = Shown(body.turn, body.turn, body.turn, summary)
        else:
            self.shown = msgspec.structs.replace(
                self.shown, results=max(body.upto, self.shown.results), thinking=body.turn
            )
        self._spent(body.model, body.usage)

    def read(self) -> None:
        """`load`, synchronously."""
        self.turns, self.ended, self.begun, self.programs, self.diverged = [], None, None, [], []
        self.tries, self.shown, self.model, self.usage = 0, Shown(), "", Usage()
        self.told, self.known, self.warned = [], 0, {}
        events = self._store.read(self.stream)
        for event in events:
            self._fold(event)
        self.started = bool(events)
        self.head = Head(events[-1].version, events[-1].head) if events else Head()

    def _fold(self, event: Recorded) -> None:
        match event.body:
            case AttemptStarted(briefing=digest):
                self._briefing = digest
            case TryStarted():
                self.tries += 1
            case TryFailed(usage=usage):
                self.usage += usage
            case TurnSaid(turn=number, message=digest, tree=tree, model=model, usage=usage):
                message = msgspec.json.decode(self._text(digest, number), type=prepared(Message))
                self._said(Turn(number, message, tree, usage=usage), model)
            case ToolStarted(call=call, tree=tree):
                self.begun = Begun(call, tree)
            case ToolReturned(call=call, result=digest, error=error, turn=number):
                self._heard(Returned(call, self._text(digest, number), error, digest))
            case AttemptResumed(call=call):
                if not call:
                    self._void()
            case ContextCompacted() as body:
                self._compacted(body, self._text(body.summary, body.turn) if body.summary else "")
            case ProgramStarted() | ProgramEnded() as body:
                self._programmed(body)
            case ResultDiverged() as body:
                self.diverged.append(body)
            case AgentTold() as body:
                self._told(body, self._text(body.text, body.turn))
            case AttemptEnded(turns=turns, report=digest, reason=reason):
                silent = Ended.silent(reason, turns)
                ended = Ended.reported(self._text(digest, turns), turns) if digest else silent
                self.ended = msgspec.structs.replace(ended, model=self.model, usage=self.usage)
            case _:
                raise CorruptLog(f"{self.stream}/{event.version}: {event.type} does not belong in a transcript")

    def _text(self, digest: str, turn: int) -> str:
        kept = self._blobs.get(digest)
        if kept is None:
            raise CorruptLog(
                f"{self.stream}: the text of turn {turn} was erased, so this attempt cannot go on",
                hint="have the work tried again",
            )
        return kept.decode()
