"""Who performs an effect, and whether they still live: the identity behind a claim. What nothing proves stays open."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache

from conductor.events import Claim
from conductor.process import identity


@cache
def me() -> Claim:
    """This process's own claim. A process that it forks makes one of its own."""
    os.register_at_fork(after_in_child=me.cache_clear)
    pid = os.getpid()
    start = identity.started(pid) or ""
    return Claim(socket.gethostname(), identity.boot_id(), pid, start, identity.namespace(), nonce=secrets.token_hex(8))


def mine(claim: Claim) -> bool:
    """Whether this very process made it. Equal ids prove nothing: they are given again, and counted anew elsewhere."""
    return claim.nonce == me().nonce


def actor() -> str:
    """How this process signs its observations."""
    return f"runner:{socket.gethostname()}/{os.getpid()}"


def lives(claim: Claim) -> bool | None:
    """Whether the claimant's process is alive; None: its ids say nothing here, and only its heartbeat can tell.

    They say something within the same boot and the same namespaces. A host name says nothing at all: containers, and
    machines made from one image, share it.
    """
    if mine(claim):
        return True
    own = me()
    known = claim.nonce and claim.boot and claim.namespace
    if not known or (claim.host, claim.boot, claim.namespace) != (own.host, own.boot, own.namespace):
        return None
    if (claim.pid, claim.started) == (own.pid, own.started):
        return None  # we are not it: either it is dead, or these two are not what they seem
    return identity.alive(claim.pid, claim.started)


def seems_alive(claim: Claim) -> bool:
    """Whether its ids name a live process here: no proof of anything, but a reason to leave alone what can wait."""
    own = me()
    return (claim.host, claim.boot) == (own.host, own.boot) and identity.alive(claim.pid, claim.started) is not False
