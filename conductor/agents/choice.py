"""Which agents work on a task: from the value of `--agent` to a runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conductor.errors import UsageError

if TYPE_CHECKING:
    from conductor.agents.contract.protocols import AgentRunner
    from conductor.config.settings import Settings
    from conductor.log.store import EventStore

AGENTS = "anthropic, claude-code[:PATH], command:PROGRAM, scripted:PATH, scripted:TASK"
_PATHS = ("claude-code", "scripted")  # kinds whose source is a path


def allowed_agents() -> str:
    """All kinds of agents, including those of other packages, which it imports: for error messages only."""
    from conductor.agents.plugins import registered

    return ", ".join([AGENTS, *(f"{name}[:SOURCE]" for name in registered().kinds)])


def agents_for(
    kind: str, source: str, settings: Settings, environ: Mapping[str, str], store: EventStore
) -> AgentRunner:
    """The agents of a task. `source` is what `recorded_source` returned; `store` has the tasks that can be replayed.

    Raises UsageError if the kind is unknown or cannot work here: no key, no program, an invalid script.
    """
    if kind == "anthropic":
        from conductor.agents.runners.anthropic.runner import AnthropicAgent

        return AnthropicAgent(environ, settings.models, settings.agent_timeout)
    if kind == "claude-code":
        from conductor.agents.runners.claude_code.runner import ClaudeCodeAgent

        return ClaudeCodeAgent(source, environ, settings)
    if kind == "command":
        from conductor.agents.runners.program.runner import CommandAgent

        return CommandAgent(source, environ, settings)
    if kind != "scripted":
        from conductor.agents.plugins import runner_of

        runner = runner_of(kind, source, environ, settings)
        if runner is None:
            raise UsageError(f"unknown kind of agent: {kind!r}", allowed=allowed_agents())
        return runner
    from conductor.agents.runners.scripted.replayed import PREFIX, PlayedAgain

    if source.startswith(PREFIX):
        return PlayedAgain(store, source, settings.agent_timeout)
    from conductor.agents.runners.scripted.runner import ScriptedAgent
    from conductor.agents.runners.scripted.script import Script

    return ScriptedAgent(Script.load(Path(source)), settings.agent_timeout)


def recorded_source(
    kind: str, source: str, environ: Mapping[str, str], tasks: Sequence[str], find: Callable[[str], str]
) -> str:
    """The source in `--agent KIND:SOURCE` as it is recorded: it means the same from any folder, at any time.

    The absolute path of a script or program; `task:ID` for `scripted:` with the id of one of `tasks` or a prefix of it
    (`find` completes it), unless a file has that name. Another package's source is kept as it is. Raises UsageError.
    """
    if kind == "command":
        from conductor.agents.runners.program.runner import found

        return found(source, environ)
    if not source or kind not in _PATHS:
        return source
    if kind != "scripted":
        return str(Path(source).absolute())
    from conductor.agents.runners.scripted.replayed import PREFIX

    if source.startswith(PREFIX):
        return PREFIX + find(source.removeprefix(PREFIX))
    if not Path(source).exists() and any(task.startswith(source) for task in tasks):
        return PREFIX + find(source)
    return str(Path(source).absolute())
