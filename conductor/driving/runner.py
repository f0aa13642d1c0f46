"""The loop: claim what the state requests, perform it, and append the outcome, which is the next input.

Starting, continuing and recovering after a crash are the same path: find what is open, and perform it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from conductor.agents.contract.assignment import AgentRejected, Exhausted, Waiting
from conductor.core.lifecycle import ACTIVE, WAITING
from conductor.core.machine import machines
from conductor.core.state import Open, TaskState
from conductor.driving import claims
from conductor.driving.heartbeat import Heartbeat, Silence
from conductor.driving.ledger import Ledger
from conductor.envelope import utc_now
from conductor.errors import ConductorError, CorruptLog, Refused, StoreError, UsageError
from conductor.events import (
    Body,
    BudgetExhausted,
    EffectDeferred,
    EffectFailed,
    EffectReleased,
    EffectStarted,
    Outcome,
    Request,
    SubtaskNewsRequested,
)
from conductor.ids import EffectId
from conductor.log.store import VersionConflict
from conductor.workspace import fence

POLL = 0.25  # seconds between checks for events appended by others

RETRY = 0.25  # seconds before a failed effect is tried again, doubled each time

Performer = Callable[[Request, int, TaskState], AsyncIterator[Outcome]]
Watch = Callable[[TaskState], Iterable[Body]]


class Runner:
    """Performs one task's open effects, at most `settings.parallel` at a time, until nothing is left to do here.

    `perform` yields the outcomes of a request under a claim; `take_over` ends what a dead claimant left running;
    `watch` reports what happened in its subtasks.
    """

    def __init__(
        self, ledger: Ledger, perform: Performer, take_over: Callable[[str], None], watch: Watch = lambda _: ()
    ) -> None:
        self._ledger = ledger
        self._perform = perform
        self._take_over = take_over
        self._watch = watch
        self._at_work: dict[EffectId, asyncio.Task[None]] = {}
        self._claims: dict[EffectId, int] = {}
        self._actor = claims.actor()
        self._heartbeat = Heartbeat(ledger.store, ledger.task)
        self._silence = Silence(ledger.store, ledger.task)

    async def run(self) -> TaskState:
        """Drive the task until it ends, is paused, or waits for a person. Returns its state then.

        Raises StoreError if the log cannot be reached: running work is stopped, and nothing acknowledged is lost.
        """
        with self._heartbeat:
            try:
                while True:
                    state = self._ledger.catch_up()
                    self._stop_superseded(state)
                    state = self._observe(state)
                    self._start_ready(state)
                    if not self._at_work and _at_rest(state):
                        return state
                    await self._some_end()
            finally:
                await self._stop_all()

    def _observe(self, state: TaskState) -> TaskState:
        for seen in self._watch(state):
            with contextlib.suppress(Refused):  # another runner was first
                self._ledger.submit(seen, actor=self._actor)
        return self._ledger.state

    def _start_ready(self, state: TaskState) -> None:
        if state.status == "paused":
            return
        for effect, held in state.open.items():
            if len(self._at_work) >= state.settings.parallel and not isinstance(held.request, SubtaskNewsRequested):
                continue  # news for running subtasks does not wait for a free slot
            if effect not in self._at_work and not held.blocked_by and _due(held) and self._free(held):
                self._at_work[effect] = asyncio.create_task(self._attempt(held), name=effect)

    def _free(self, held: Open) -> bool:
        """Whether it is unclaimed, or claimed by this process or by one that is dead or counts as dead."""
        if held.claim is None or claims.mine(held.claim):
            return True
        return self._silence.given_up(held.request.effect, held.claim_version, held.claim)

    async def _attempt(self, held: Open) -> None:
        effect = held.request.effect
        if held.failures:
            await asyncio.sleep(RETRY * 2**held.failures)
        started = EffectStarted(effect, claims.me(), takes_over=held.claim_version)
        try:
            self._ledger.submit(started, actor=self._actor, announce=partial(self._heartbeat.announce, effect))
        except Refused:
            return  # another runner was first, or the request is superseded
        self._ledger.move_by(machines())  # only after the first action, because the import would delay resuming
        claim = self._ledger.state.open[effect].claim_version
        self._claims[effect] = claim
        self._heartbeat.hold(effect, claim)
        try:
            self._take_over(effect)
            with fence.held_while(partial(self._heartbeat.holds, effect, claim)):
                await self._outcomes(held.request, claim)
        finally:
            self._heartbeat.let_go(effect)
            self._claims.pop(effect, None)

    async def _outcomes(self, request: Request, claim: int) -> None:
        try:
            async for outcome in self._perform(request, claim, self._ledger.state):
                self._ledger.submit(outcome, actor=self._actor)
            if self._holds(request.effect, claim):
                raise ConductorError("it ended without an outcome")
        except asyncio.CancelledError:
            self._give_back(EffectReleased(request.effect, claim, "stopped"))
            raise
        except VersionConflict:  # of a transcript: the runner we took over from has written to it again
            self._give_back(EffectReleased(request.effect, claim, "another runner wrote its transcript"))
        except CorruptLog as error:
            if error.task in ("", self._ledger.task):
                raise
            self._give_back(EffectFailed(request.effect, claim, str(error), final=True))  # only what needs it
        except StoreError:
            raise
        except Waiting as wait:
            self._give_back(_deferred(request.effect, claim, wait))
        except Exhausted as dry:
            self._give_back(
                BudgetExhausted(effect=request.effect, claim=claim, what=dry.used_up, turns=dry.turns, usage=dry.usage)
            )
        except ConductorError as error:  # includes a refused outcome; if the claim is lost, this one is refused too
            final = isinstance(error, AgentRejected | UsageError)
            self._give_back(EffectFailed(request.effect, claim, str(error), final))
        except Exception as error:  # a handler's fault is recorded and retried; the user never sees a traceback
            self._give_back(EffectFailed(request.effect, claim, f"{type(error).__name__}: {error}"))

    def _holds(self, effect: EffectId, claim: int) -> bool:
        held = self._ledger.state.open.get(effect)
        return held is not None and held.claim_version == claim

    def _give_back(self, outcome: Outcome) -> None:
        with contextlib.suppress(Refused):
            self._ledger.submit(outcome, actor=self._actor)

    def _stop_superseded(self, state: TaskState) -> None:
        """Stop work that is no longer requested under our claim; stop everything if the task is paused."""
        for effect, work in self._at_work.items():
            claim = self._claims.get(effect)
            held = state.open.get(effect)
            superseded = claim is not None and (held is None or held.claim_version != claim)
            if superseded and held is not None:
                self._heartbeat.let_go(effect)  # another runner has it, and our work would get in its way
            # Only once: a second cancellation would not wait for the git command that the first one waits for.
            if (superseded or state.status == "paused") and not work.cancelling():
                work.cancel()

    async def _some_end(self) -> None:
        if not self._at_work:
            await asyncio.sleep(POLL)
            return
        done, _ = await asyncio.wait(self._at_work.values(), timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        for work in done:
            del self._at_work[EffectId(work.get_name())]
            if not work.cancelled() and (error := work.exception()):
                raise error

    async def _stop_all(self) -> None:
        for work in self._at_work.values():
            if not work.cancelling():
                work.cancel()
        await asyncio.gather(*self._at_work.values(), return_exceptions=True)
        self._at_work.clear()


def _due(held: Open) -> bool:
    return not held.deferred or utc_now() >= held.deferred


def _deferred(effect: EffectId, claim: int, wait: Waiting) -> EffectDeferred:
    until = datetime.fromtimestamp(wait.until, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return EffectDeferred(effect=effect, claim=claim, until=until, kind=wait.kind, reason=wait.what)


def _at_rest(state: TaskState) -> bool:
    """Whether no runner could do anything: done, paused, waiting, or every open effect waits for an answer."""
    if state.status in (*ACTIVE, "rolling_back"):
        return not any(not o.blocked_by for o in state.open.values())
    if state.status == "rate_limited":
        return False  # it continues by itself
    if state.status in WAITING:
        return True
    return state.status == "paused" or not state.open
