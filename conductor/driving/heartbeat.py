"""Heartbeats of claims: sent from a thread, and awaited where nothing else shows whether a claimant is alive."""

from __future__ import annotations

import contextlib
import threading
import time

from conductor.driving import claims
from conductor.driving.ledger import Ledger
from conductor.errors import StoreError
from conductor.events import Claim
from conductor.ids import EffectId
from conductor.log.store import EventStore

BEAT = 5.0  # seconds between heartbeats
TTL_MS = 20_000  # milliseconds that each of them lasts
PATIENCE = 10.0  # seconds of silence until a claimant counts as dead: two beats, in case it was only delayed


class Heartbeat:
    """Sends the heartbeats of a runner's claims while the `with` block lasts.

    It uses a thread, so that whatever blocks the runner's event loop, such as a slow disk, does not make it look dead.
    A failed beat is tried again; if another runner takes over in the meantime, our outcome is refused.
    """

    def __init__(self, store: EventStore, task: str) -> None:
        self._store = store
        self._task = task
        self._held: dict[EffectId, int] = {}
        self._sure: dict[EffectId, float] = {}  # effect -> when its claim was last known to be ours
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name=f"heartbeat of {task}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=1.0)  # not longer, as it may hang on a server that does not answer

    def announce(self, effect: EffectId, claim: int) -> None:
        """The first beat, before the claim is recorded: no claim may be seen without one. Raises StoreError."""
        self._sure[effect] = time.monotonic()
        self._store.heartbeat(self._task, effect, claim, TTL_MS)

    def hold(self, effect: EffectId, claim: int) -> None:
        """Send its heartbeats from now on."""
        self._held[effect] = claim

    def let_go(self, effect: EffectId) -> None:
        self._held.pop(effect, None)

    def holds(self, effect: EffectId, claim: int) -> bool:
        """Whether the claim is still ours. Raises StoreError if the log has to be asked and cannot be reached.

        It is ours as long as its beats are on time. After a longer stop (SIGSTOP, sleep) only the log knows.
        """
        if self._held.get(effect) != claim:
            return False
        now = time.monotonic()
        if now - self._sure[effect] < TTL_MS / 1000:
            return True
        self._store.heartbeat(self._task, effect, claim, TTL_MS)
        held = Ledger(self._store, self._task).catch_up().open.get(effect)
        if held is None or held.claim_version != claim:
            return False
        self._sure[effect] = now
        return True

    def _keep_up(self) -> None:
        while not self._ended.wait(BEAT):
            for effect, claim in list(self._held.items()):
                now = time.monotonic()
                with contextlib.suppress(StoreError):
                    self._store.heartbeat(self._task, effect, claim, TTL_MS)
                    if now - self._sure[effect] < TTL_MS / 1000:
                        self._sure[effect] = now


class Silence:
    """Which claims of a task may be taken over, as polled by one runner.

    An expired heartbeat is not enough: the server may have been away, or this machine asleep, and a live claimant has
    not had time to beat again. So it must be missing for PATIENCE seconds during which this process was running.
    """

    def __init__(self, store: EventStore, task: str) -> None:
        self._store = store
        self._task = task
        self._since: dict[int, float] = {}  # claim -> start of its silence
        self._looked: dict[int, float] = {}

    def given_up(self, effect: EffectId, version: int, claim: Claim) -> bool:
        """Whether the claimant is dead, or silent for so long that it counts as dead. Raises StoreError."""
        alive = claims.lives(claim)
        if alive is not None:
            return not alive
        now = time.monotonic()
        away = now - self._looked.get(version, now) > BEAT  # this process was the one that was stopped
        self._looked[version] = now
        if away or self._store.has_heartbeat(self._task, effect, version):
            self._since.pop(version, None)
            return False
        return now - self._since.setdefault(version, now) >= PATIENCE
