"""Live agents: Claude through the Messages API, streamed. Its tool calls are made by the common loop, never here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec

from conductor.agents import compaction
from conductor.agents.contract.assignment import AgentRejected, Assignment, Ended
from conductor.agents.contract.protocols import Tools
from conductor.agents.contract.turns import Said, Stop, Turn
from conductor.agents.loop import play
from conductor.agents.models import EVERY_ROLE, model_of
from conductor.agents.roles.role import ROLES
from conductor.agents.runners.anthropic import conversation
from conductor.agents.runners.anthropic.failures import FailureRule, classify
from conductor.agents.runners.anthropic.reply import CUT, Reply
from conductor.agents.runners.anthropic.retry_policy import RetryPolicy
from conductor.agents.transcript import Transcript
from conductor.errors import UsageError

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

KEY, URL = "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"
MAX_CUTS = 3  # consecutive messages that were cut off


class Sizes(msgspec.Struct, frozen=True):
    """Sizes in tokens. They suit every current model."""

    output: int = 32_000  # of one message, thinking included
    context: int = 150_000  # above this it is compacted


class AnthropicAgent:
    """An AgentRunner that calls Claude. One client serves all attempts, which may run concurrently on one event loop.

    `environ` holds the key, which goes nowhere else. `models` are the user's choices: see `models.model_of`.
    `timeout` (seconds) limits a whole attempt.
    """

    name = "anthropic"

    def __init__(
        self,
        environ: Mapping[str, str],
        models: Mapping[str, str],
        timeout: float = 3600.0,
        *,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 (immutable)
        sizes: Sizes = Sizes(),  # noqa: B008
    ) -> None:
        """Raises UsageError if there is no key, or a model is chosen for an unknown role."""
        key = environ.get(KEY, "").strip()
        if not key:
            raise UsageError(f"{KEY} is not set", hint="export your key, or choose other agents with --agent")
        if unknown := models.keys() - {*ROLES, EVERY_ROLE}:
            raise UsageError(
                f"conductor.toml, `models`: unknown role {sorted(unknown)[0]!r}",
                allowed=f"{EVERY_ROLE}, {', '.join(ROLES)}",
            )
        self._key = key
        self._url = environ.get(URL) or "https://api.anthropic.com"
        self._models = models
        self._timeout = timeout
        self._retry_policy = retry_policy
        self._sizes = sizes
        self._client: AsyncAnthropic | None = None
        self._users = 0

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        async with self._connected() as client:
            claude = _Claude(client, tools, transcript, self._models, self._retry_policy, self._sizes)
            return await play(self.name, claude, assignment, tools, transcript, timeout=self._timeout)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncAnthropic]:
        """The client, for as long as it is in use."""
        await asyncio.to_thread(import_module, "anthropic")  # takes a second: let others go on meanwhile
        from anthropic import AsyncAnthropic, Timeout

        if self._client is None:
            # We journal every try, so the SDK must not retry on its own.
            waits = Timeout(self._retry_policy.idle_timeout, connect=min(15.0, self._retry_policy.idle_timeout))
            self._client = AsyncAnthropic(api_key=self._key, base_url=self._url, max_retries=0, timeout=waits)
        client = self._client
        self._users += 1
        try:
            yield client
        finally:
            self._users -= 1
            if not self._users:
                self._client = None
                await client.close()


class _Claude:
    """The Model of one attempt. All of its state is in the transcript, so another process can continue."""

    replays = False

    def __init__(
        self,
        client: AsyncAnthropic,
        tools: Tools,
        transcript: Transcript,
        models: Mapping[str, str],
        retry_policy: RetryPolicy,
        sizes: Sizes,
    ) -> None:
        role = tools.role
        self._client = client
        self._transcript = transcript
        self._retry_policy = retry_policy
        self._sizes = sizes
        self._request = {
            "model": model_of(role, models),
            "max_tokens": sizes.output,
            "system": conversation.system(role.prompt),
            "tools": tools.definitions(),
        }

    async def next(self, history: Sequence[Turn]) -> Said | Stop:
        if (stop := _stop(history)) is not None:
            return stop
        await self._compact(history)
        while True:
            answer = await self._ask(history)
            if isinstance(answer, Said):
                return answer
            await self._show_less(answer, history)

    async def _ask(self, history: Sequence[Turn], ask: str = "") -> Said | FailureRule:
        """What the model says next, or why the request has to change. Waits and retries according to the policy."""
        journal = self._transcript
        told = conversation.messages(await journal.briefing(), history, journal.shown, ask, journal.told)
        failed, waited = 0, 0.0
        while True:
            await self._transcript.ask(str(self._request["model"]))
            reply = Reply()
            try:
                return await self._stream(reply, told)
            except Exception as error:
                rule = classify(error)
                if rule is None:
                    raise
            failed += 1
            if rule.action in ("shorten", "forget"):
                await self._transcript.fail(rule.kind, rule.what, 0.0, reply.usage, reply.odd)
                return rule
            try:
                wait = self._retry_policy.wait(rule, failed, waited)
            except Exception:
                await self._transcript.fail(rule.kind, rule.what, 0.0, reply.usage, reply.odd)
                raise
            await self._transcript.fail(rule.kind, rule.what, round(wait, 3), reply.usage, reply.odd)
            await asyncio.sleep(wait)
            waited += wait

    async def _stream(self, reply: Reply, told: list[dict[str, Any]]) -> Said:
        stream = await self._client.messages.create(**self._request, messages=told, stream=True)  # type: ignore[call-overload]
        async with stream:
            async for event in stream:
                reply.add(event)
        return reply.said()

    async def _compact(self, history: Sequence[Turn]) -> None:
        """Old results are dropped first; if that is not enough, a summary replaces everything."""
        shown, limit = self._transcript.shown, self._sizes.context
        tokens = compaction.tokens_of(history, shown)
        if tokens <= limit:
            return
        if upto := compaction.results_to_drop(history, shown, limit):
            await self._transcript.compact(upto, tokens=tokens)
            return
        answer = await self._ask(history, conversation.SUMMARIZE)
        if isinstance(answer, Said):
            upto = 0 if answer.message.text else len(history) - 1
            await self._transcript.compact(upto, tokens=tokens, said=answer)
        else:
            await self._show_less(answer, history)

    async def _show_less(self, rule: FailureRule, history: Sequence[Turn]) -> None:
        """Drop what the service no longer accepts. Raises AgentRejected if it has been dropped already."""
        shown = self._transcript.shown
        upto = len(history) - 1 if rule.action == "shorten" else shown.results
        if not history or (upto <= shown.results and shown.thinking == len(history)):
            raise AgentRejected(rule.what, hint=rule.hint)
        await self._transcript.compact(upto, tokens=compaction.tokens_of(history, shown))


def _stop(history: Sequence[Turn]) -> Stop | None:
    """The reason not to call the model again, or None."""
    if not history:
        return None
    last = history[-1].message
    if last.stop == "refusal":
        return Stop(f"the model refused to continue: {last.detail or last.text or 'it gave no reason'}")
    if all(turn.message.stop in CUT for turn in history[-MAX_CUTS:]) and len(history) >= MAX_CUTS:
        return Stop(f"the model's messages were cut off {MAX_CUTS} times in a row: {last.stop}")
    if conversation.is_silent(history[-1]) and any(map(conversation.is_silent, history[:-1])):
        return Stop()
    return None
