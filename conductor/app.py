"""The composition root: an environment in, a wired application out. Stores, workspaces and runners are built here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from conductor.config.environment import Environment
from conductor.core.lifecycle import ENDED
from conductor.driving.ledger import Ledger
from conductor.errors import UsageError, WorkspaceError
from conductor.log.store import EventStore

if TYPE_CHECKING:
    from conductor.core.state import TaskState
    from conductor.driving.runner import Performer, Runner
    from conductor.effects.context import Context
    from conductor.events import Body, Outcome, Request, TaskCreated
    from conductor.workspace.workspace import Workspace
    from projections.engine import Engine, Quarantined


class App:
    """Everything a door needs. `fast` speaks to the server over a plain socket, for short commands."""

    def __init__(self, environment: Environment, *, fast: bool = False) -> None:
        self.environment = environment
        self._fast = fast

    @cached_property
    def home(self) -> Path:
        return self.environment.make_home()

    @cached_property
    def store(self) -> EventStore:
        """Connected. Raises StoreError: down, refused, unsafe."""
        if self.environment.url is None:
            from conductor.log.embedded import connection

            link = connection(self.home, self._fast)
        else:
            from conductor.log.connect import connect
            from conductor.log.safety import refuse_if_unsafe

            link = connect(self.environment.url, self._fast)
            refuse_if_unsafe(link, accept=self.environment.accept_unsafe)
        return EventStore(link, self.environment.namespace)

    @cached_property
    def views(self) -> Engine:
        """The projections, caught up when read."""
        from projections.engine import Engine
        from projections.registry import PROJECTIONS

        return Engine(self.store, PROJECTIONS)

    # ---- tasks ---------------------------------------------------------------------------------------------------

    def find(self, name: str) -> str:
        """A task's id from a unique prefix, in any repository.

        Raises UsageError if no task has that prefix, or several do.
        """
        tasks = self.store.tasks()
        if not name:
            raise UsageError("the task's name is empty", allowed="a task's id, or a prefix of it")
        if name in tasks:
            return name
        alike = [t for t in tasks if t.startswith(name)]
        alike = [t for t in alike if t.rpartition(".")[0] not in alike]  # of a task and its subtasks, the task
        if len(alike) == 1:
            return alike[0]
        if alike:
            raise UsageError(f"several tasks begin with {name!r}", allowed=", ".join(alike))
        raise UsageError(f"there is no task {name!r}", hint="`conduct list` shows them")

    def standing(self) -> dict[str, TaskState]:
        """The states of all tasks that could be folded, oldest first; their requests are reduced to the common fields.

        Records damaged since then are included: `damaged` inspects the records themselves.
        """
        unreadable = {held.task for held in self.views.quarantined("tasks")}
        return {view.task: view.stored_state.state for view in self.views.all("tasks") if view.task not in unreadable}

    def damaged(self, *tasks: str) -> dict[str, Quarantined]:
        """What is wrong with the records of `tasks`, by task; intact ones are left out. Reads the whole records."""
        from projections.damage import damaged

        return damaged(self.store, self.views, *tasks)

    def ledger(self, task: str) -> Ledger:
        """A task's ledger, not yet caught up."""
        return Ledger(self.store, task)

    def known(self, task: str) -> Ledger:
        """The caught-up ledger of an existing task. Raises CorruptLog if its record is damaged or gone."""
        ledger = self.ledger(task)
        ledger.open()
        return ledger

    def submit(self, task: str, body: Body, *, actor: str, request: str | None = None) -> TaskState:
        """Append an input to a task, with the decisions it calls for; returns the state after it. Raises Refused."""
        ledger = self.known(task)
        ledger.submit(body, actor=actor, request=request)
        if ledger.state.subplans:
            from conductor.effects.watch import end_unneeded

            end_unneeded(self.store, ledger.state)
        return ledger.state

    # ---- driving -------------------------------------------------------------------------------------------------

    def workspace(self, state: TaskState) -> Workspace:
        from conductor.workspace.workspace import Workspace

        return Workspace(Path(state.repository), state.id, self.home / "worktrees" / state.id)

    def performer(self, ledger: Ledger) -> Performer:
        """What performs a task's effects. Its context is created when the first is claimed, as git is slow to load.

        Raises WorkspaceError if the repository's folder is gone, and UsageError if the task's agents cannot work here:
        no key, no program. A script is read when it is needed.
        """
        from conductor.agents.choice import agents_for

        state, environ = ledger.state, self.environment.variables
        if not Path(state.repository).is_dir():
            raise WorkspaceError(f"the repository {state.repository} is gone", hint="move it back to where it was")

        agents = cache(partial(agents_for, state.agent, state.agent_source, state.settings, environ, self.store))
        if state.agent != "scripted" and _needs_agents(state):
            agents()

        @cache
        def context() -> Context:
            from conductor.effects.context import Context

            return Context(
                ledger=ledger,
                blobs=self.store.blobs,
                workspace=self.workspace(state),
                agents=agents,
                home=self.home,
                environ=self.environment.variables,
                drive=self._drive,
            )

        def performed(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
            from conductor.effects.dispatch import perform

            return perform(context(), request, claim, state)

        return performed

    def runner(self, ledger: Ledger, performer: Performer | None = None) -> Runner:
        """A runner for a caught-up ledger."""
        from conductor.driving.runner import Runner
        from conductor.effects.watch import Watch

        def take_over(effect: str) -> None:
            from conductor.effects.context import notes
            from conductor.process.groups import end_left_over

            end_left_over(notes(self.home, ledger.task, effect))

        return Runner(ledger, performer or self.performer(ledger), take_over, Watch(self.store))

    async def _drive(self, task: str, created: TaskCreated) -> TaskState:
        """Drive a task until it ends or waits, creating it with `created` if needed; returns its state then."""
        from conductor.events import TaskStarted

        ledger = self.ledger(task)
        if not ledger.catch_up().version:
            ledger.submit(created, actor="conductor", request=task)
        if ledger.state.status == "planned":
            ledger.submit(TaskStarted(), actor="conductor")
        return await self.runner(ledger).run()

    def release_dead(self, ledger: Ledger) -> None:
        """Release the claims of processes that are dead or without a heartbeat, so that a person may roll back."""
        from conductor.driving import claims
        from conductor.events import EffectReleased

        for effect, held in list(ledger.catch_up().open.items()):
            if held.claim is None:
                continue
            alive, why = claims.lives(held.claim), "its process is dead"
            if alive is None:
                alive = self.store.has_heartbeat(ledger.task, effect, held.claim_version)
                why = "its heartbeat has run out"
            if not alive:
                ledger.submit(EffectReleased(effect, held.claim_version, why), actor=claims.actor())


def _needs_agents(state: TaskState) -> bool:
    """Whether the task can continue now and Conductor is the one that starts its agents."""
    from conductor.core.lifecycle import WAITING

    waits = state.status in WAITING and state.status != "rate_limited"
    return state.driver == "conductor" and not waits and state.status not in ENDED
