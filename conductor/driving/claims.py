"""The identity behind a claim, and whether that process is still alive; None where nothing proves it."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache

from conductor.events import Claim
from conductor.process import identity


@cache
def me() -> Claim:
    """This process's claim. A forked process gets its own."""
    os.register_at_fork(after_in_child=me.cache_clear)
    pid = os.getpid()
    start = identity.started(pid) or ""
    return Claim(socket.gethostname(), identity.boot_id(), pid, start, identity.namespace(), nonce=secrets.token_hex(8))


def mine(claim: Claim) -> bool:
    """Whether this very process made it. Equal pids prove nothing: they are reused, and each namespace has its own."""
    return claim.nonce == me().nonce


def actor() -> str:
    """The actor of this process's observations."""
    return f"runner:{socket.gethostname()}/{os.getpid()}"


def lives(claim: Claim) -> bool | None:
    """Whether the claimant's process is alive; None: its ids prove nothing here, and only its heartbeat counts.

    They prove something only within the same boot and namespaces. A host name proves nothing: containers, and machines
    created from one image, share it.
    """
    if mine(claim):
        return True
    own = me()
    known = claim.nonce and claim.boot and claim.namespace
    if not known or (claim.host, claim.boot, claim.namespace) != (own.host, own.boot, own.namespace):
        return None
    if (claim.pid, claim.started) == (own.pid, own.started):
        return None  # not this process, so either it is dead or its ids are not what they seem
    return identity.alive(claim.pid, claim.started)


def seems_alive(claim: Claim) -> bool:
    """Whether its ids name a live process here: not a proof, but a reason to leave alone what can wait."""
    own = me()
    return (claim.host, claim.boot) == (own.host, own.boot) and identity.alive(claim.pid, claim.started) is not False
