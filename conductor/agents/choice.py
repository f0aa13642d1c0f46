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
        raise UsageError(f"there are no {kind!r} agents", allowed=AGENTS)
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
    where no such file is; a program's path. Raises UsageError.
    """
    if kind == "command":
        from conductor.agents.runners.program.runner import found

        return found(source, environ)
    if kind != "scripted" or not source:
        return str(Path(source).absolute()) if source else ""
    from conductor.agents.runners.scripted.replayed import PREFIX

    if source.startswith(PREFIX):
        return PREFIX + find(source.removeprefix(PREFIX))
    if not Path(source).exists() and any(task.startswith(source) for task in tasks):
        return PREFIX + find(source)
    return str(Path(source).absolute())
