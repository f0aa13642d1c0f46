"""The protocols between the parts of an agent: the runner, the model that thinks, and the tools that act."""

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
    """An agent's tools on one worktree, as its role allows."""

    @property
    def role(self) -> Role: ...

    @property
    def note(self) -> Path | None:
        """The folder that lists running process groups, so that a successor can end them."""

    def snapshot(self) -> Tree:
        """The worktree's current tree. Synchronous and slow: run it in a thread."""

    def restore(self, tree: str, /) -> None:
        """Restore the worktree to a tree. Synchronous and slow: run it in a thread."""

    def definitions(self) -> list[dict[str, Any]]:
        """`name`, `description` and `input_schema` (JSON Schema) of each of the role's tools."""

    async def call(self, name: str, arguments: object) -> ToolResult:
        """Perform one call. Errors are returned as the result's text, for the agent to correct. Never raises."""
        ...


class Model(Protocol):
    """What produces the next turn: a script or a language model.

    `replays`: a turn can be replayed as a whole on the tree before it, because it does not depend on earlier results.
    """

    @property
    def replays(self) -> bool: ...

    async def next(self, history: Sequence[Turn]) -> Said | Stop:
        """The turn after `history`, all of whose turns are complete. Raises AgentBroke, Waiting."""
        ...


@runtime_checkable
class AgentRunner(Protocol):
    """A kind of agent: scripted, live, or a separate program."""

    @property
    def name(self) -> str: ...

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        """Perform the assignment, or resume it where its transcript ends.

        Raises AgentBroke, Waiting, Exhausted, or the store's errors; what was journaled remains valid.
        """
        ...


class AgentKind(Protocol):
    """A class or function that makes the runner of a task's agents. Another package's entry point names one."""

    def __call__(self, source: str, environ: Mapping[str, str], settings: Settings, /) -> AgentRunner:
        """`source` is the text after the colon in `--agent NAME:SOURCE`, or "".

        Called when a task is created, to fail early, and again in each process that drives it, from any folder.
        Raises UsageError if such agents cannot work here.
        """
        ...
