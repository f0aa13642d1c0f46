"""Which agents work on a task: from the words of `--agent` to what answers an assignment."""

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
    """All that can be asked for, with what other packages bring. Imports these: for errors."""
    from conductor.agents.plugins import registered

    return ", ".join([AGENTS, *(f"{name}[:SOURCE]" for name in registered().kinds)])


def agents_for(
    kind: str, source: str, settings: Settings, environ: Mapping[str, str], store: EventStore
) -> AgentRunner:
    """The agents of a task. `source` is as `recorded_source` gives it; `store` has the tasks that can be played again.

    Raises UsageError when there are no such agents, or they cannot work here: no key, no program, a wrong script.
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
            raise UsageError(f"there are no {kind!r} agents", allowed=allowed_agents())
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
    """What stands behind `--agent KIND:SOURCE`, as it is recorded: it means the same from any folder, at any time.

    A script's path; `task:ID` for `scripted:` with the id of one of `tasks`, or its beginning (`find` knows which),
    where no such file is; a program's path. What only another package understands, as it is. Raises UsageError.
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
