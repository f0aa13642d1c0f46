"""What the parts of an agent ask of each other: a runner, the model that thinks, and the tools that act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.turns import Said, Stop, ToolResult, Turn
from conductor.agents.roles.role import Role
from conductor.agents.transcript import Transcript
from conductor.config.settings import Settings
from conductor.ids import Tree


class Tools(Protocol):
    """An agent's hands on one worktree, with what its role allows."""

    @property
    def role(self) -> Role: ...

    @property
    def note(self) -> Path | None:
        """The folder where process groups are noted while they run, so that a successor can end them."""

    def snapshot(self) -> Tree:
        """The worktree's present tree. Synchronous, and slow: for a thread."""

    def restore(self, tree: str, /) -> None:
        """Bring the worktree back to a tree. Synchronous, and slow: for a thread."""

    def definitions(self) -> list[dict[str, Any]]:
        """`name`, `description` and `input_schema` (JSON Schema) of each tool this role is offered."""

    async def call(self, name: str, arguments: object) -> ToolResult:
        """Perform one call. Whatever is wrong with it is the result's text: an agent can mend it. Never raises."""
        ...


class Model(Protocol):
    """Whoever thinks of the next turn: a script, or a language model.

    `replays`: its turns can be played again whole on the tree before them, as they do not depend on what was heard.
    """

    @property
    def replays(self) -> bool: ...

    async def next(self, history: Sequence[Turn]) -> Said | Stop:
        """The turn after `history`, whose turns are all complete. Raises AgentBroke, Waiting."""
        ...


@runtime_checkable
class AgentRunner(Protocol):
    """A kind of agent: scripted, live, or a program by itself."""

    @property
    def name(self) -> str: ...

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        """Perform the assignment, or go on with it where its transcript ends.

        Raises AgentBroke, Waiting, Exhausted, or the store's own errors; whatever was journaled stays good.
        """
        ...


class AgentKind(Protocol):
    """Makes the runner of a task's agents: a class, or a function. Another package's entry point names one."""

    def __call__(self, source: str, environ: Mapping[str, str], settings: Settings, /) -> AgentRunner:
        """`source` is what stands after the colon in `--agent NAME:SOURCE`, "" where nothing does.

        Called when a task is begun, to refuse it at once, and again in each process that drives it, from any folder.
        Raises UsageError where such agents cannot work here.
        """
        ...
