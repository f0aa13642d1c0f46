"""An agent's run: briefing, transcript, tools; then its work is committed and its report recorded as its own word."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import msgspec

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.meter import money
from conductor.agents.prices import price_of
from conductor.agents.roles.role import Role
from conductor.agents.tools.toolbox import Toolbox
from conductor.agents.transcript import Transcript
from conductor.core.budget import extended
from conductor.core.state import TaskState
from conductor.core.targets import standing
from conductor.effects.briefing import briefing
from conductor.effects.commit import commit_work, workplace
from conductor.effects.context import Context
from conductor.effects.roles import acting_role
from conductor.events import AgentReported, AgentRequested, Outcome
from conductor.ids import NO_COMMIT, NO_DIGEST, NO_TREE
from conductor.process.threads import in_thread
from conductor.sandbox.bubblewrap import Places, Sandbox, sandbox
from conductor.text import one_line
from conductor.workspace.facts import locate
from conductor.workspace.workspace import Committed
from projections.briefing import LINE
from projections.documents.relevance import news


async def agent(ctx: Context, request: AgentRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Run the agent. A transcript that is already complete is not run again; an existing commit is found."""
    path = workplace(state, request, request.role)
    acting = acting_role(request.role, ctx.ledger.store, state)
    ended, transcript = await _run(ctx, request, state, path, acting)
    before = standing(state, request.target)
    done = Committed(before.commit, before.tree)
    if acting.read_only:
        await in_thread(ctx.workspace.discard, path, before.commit, effect=request.effect)
    else:
        committed = await commit_work(ctx, request, request.role, state)
        if committed is None:
            ended = _unresolved(ended)
        done = committed or Committed(NO_COMMIT, NO_TREE)
    yield AgentReported(
        role=request.role,
        verdict=ended.verdict,
        commit=done.commit,
        tree=done.tree,
        summary=(ended.summary or ended.reason)[:500],
        report=ctx.blobs.put(ended.report) if ended.report else NO_DIGEST,
        transcript=transcript.head.hash,
        turns=ended.turns,
        files=done.changed,
        files_created=done.created,
        rescued=done.rescued,
        set_aside=await in_thread(ctx.workspace.set_aside, request.effect),
        blocking=ended.blocking,
        findings=ended.findings,
        corrections=ended.corrections,
        model=ended.model,
        usage=ended.usage,
        money=money(ended.usage, price_of(ended.model, state.settings.prices)),
    )


async def _run(
    ctx: Context, request: AgentRequested, state: TaskState, path: Path, acting: Role
) -> tuple[Ended, Transcript]:
    asked = state.open[request.effect].version  # later events reach the agent as news
    text = briefing(ctx.ledger.store.read(state.id, upto=asked), request, ctx.blobs)
    assignment = Assignment(
        task=state.id,
        effect=request.effect,
        role=request.role,
        phase=request.phase,
        module=request.module,
        attempt=request.attempt,
        briefing=text,
        path=str(path),
        hint=request.hint,
        allowance=extended(request.allowance, state.open[request.effect].extended),
        prices=state.settings.prices,
        worked=state.open[request.effect].worked,
        news=partial(_news, ctx, request, asked),
    )
    transcript = Transcript(ctx.ledger.store, ctx.blobs, state.id, request.effect, request.role)
    tools = Toolbox(
        path,
        acting,
        environ=ctx.environ,
        snapshot=lambda: ctx.workspace.snapshot(path, effect=request.effect),
        restore=lambda tree: ctx.workspace.restore(path, tree, effect=request.effect),
        timeout=state.settings.tool_timeout,
        note=ctx.notes(request.effect),
        sandbox=await in_thread(_sandbox, ctx, state, acting, path),
    )
    return await ctx.agents().run(assignment, tools, transcript), transcript


def _news(ctx: Context, request: AgentRequested, asked: int, since: int) -> tuple[int, tuple[str, ...]]:
    """What is newer than its briefing: see Assignment."""
    state = ctx.ledger.catch_up()
    return state.version, tuple(one_line(text, LINE) for text in news(state, request, max(since, asked)))


def _sandbox(ctx: Context, state: TaskState, acting: Role, path: Path) -> Sandbox | None:
    checkout = ctx.workspace.repository
    places = Places(ctx.home, checkout, locate(checkout).common)
    return sandbox(state.settings, path, places, environ=ctx.environ, writable=not acting.read_only)


def _unresolved(ended: Ended) -> Ended:
    """The outcome if conflicts remain: that is our observation; what the agent said is still in its report."""
    return msgspec.structs.replace(ended, verdict="FAIL", summary=f"conflicts remain. {ended.summary}".strip())
