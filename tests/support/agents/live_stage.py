"""A live agent on a real worktree and store, and the local server that it asks."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import msgspec

from conductor.agents.contract.assignment import Ended
from conductor.agents.runners.anthropic.retry_policy import RetryPolicy
from conductor.agents.runners.anthropic.runner import AnthropicAgent, Sizes
from conductor.log.store import EventStore
from tests.support.agents.stage import Stage, toolbox
from tests.support.messages_server.server import KEY, MessagesServer

QUICK = RetryPolicy(tries=3, pause=0.01, longest=0.02, local_wait=1.0, recorded_wait=60.0, idle_timeout=30.0)
IMPATIENT = msgspec.structs.replace(QUICK, idle_timeout=1.0)


def live(
    stage: Stage,
    server: MessagesServer,
    *,
    store: EventStore | None = None,
    retry_policy: RetryPolicy = QUICK,
    sizes: Sizes | None = None,
    timeout: float = 60.0,
    models: dict[str, str] | None = None,
    key: str = KEY,
) -> Ended:
    """Play the stage's attempt, from its start or on from where it stands."""
    sizes = sizes or Sizes()
    environ = server.environ | {"ANTHROPIC_API_KEY": key}
    agent = AnthropicAgent(environ, models or {}, timeout, retry_policy=retry_policy, sizes=sizes)
    tools = toolbox(stage.worktree, stage.assignment.role, environ=os.environ | environ)
    return asyncio.run(agent.run(stage.assignment, tools, stage.transcript(store)))


def bodies(stage: Stage, kind: type[msgspec.Struct]) -> list[Any]:
    return [e.body for e in stage.store.read(stage.transcript().stream) if isinstance(e.body, kind)]


def kept(stage: Stage, digest: str) -> str:
    return (stage.store.blobs.get(digest) or b"").decode()
