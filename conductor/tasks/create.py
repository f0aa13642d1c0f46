"""Creates a task: a specification and a repository in, a recorded task out, or an error before anything is recorded.

It touches nothing in the repository but a lock in its git folder.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from conductor.agents.choice import agents_for, recorded_source
from conductor.app import App
from conductor.config import given
from conductor.config.configuration import read_settings
from conductor.core.lifecycle import ENDED
from conductor.core.names import slug
from conductor.effects.roles import own_roles
from conductor.errors import Refused
from conductor.events import TaskCreated
from conductor.ids import Branch, Driver
from conductor.plan.model import Plan, Warning_
from conductor.reading.reader import read
from conductor.sandbox.bubblewrap import insist
from conductor.workspace.results import Facts
from conductor.workspace.workspace import Workspace, inspect

LARGEST = 10_000_000  # bytes of a specification


class Created(msgspec.Struct, frozen=True):
    """`dirty` are the user's uncommitted files, which the task does not see."""

    task: str
    plan: Plan
    dirty: tuple[str, ...]


def read_spec(path: Path) -> tuple[bytes, Plan]:
    """A specification's bytes and its plan. Raises UsageError (unreadable) and SpecError (no plan), with the line."""
    hint = "give the path of a READY.md; `conduct init` writes one as a starting point"
    text = given.read(path, "the specification", most=LARGEST, allowed="a Markdown file", hint=hint)
    return text, read(text, name=path.name)


def create(
    app: App,
    spec: Path,
    *,
    repository: Path,
    agent: str,
    actor: str,
    driver: Driver = "conductor",
    branch: str | None = None,
    another: bool = False,
    merge: bool | None = None,
    approve: Callable[[tuple[str, ...]], bool] = lambda _: False,
    request: str | None = None,
) -> Created:
    """Record a new task. `agent`: see `agents.choice.AGENTS`; `another`: allow a second task of the same specification.

    `approve` gets the specification's commands that were not approved before; if it returns False, the task asks about
    them and waits.

    Raises UsageError (for example if a sandbox is required and there is none), SpecError, WorkspaceError (no
    repository, no commits, not writable, the branch cannot be created), Refused (such a task is already under way).
    """
    text, plan = read_spec(spec)
    facts = inspect(repository)
    top = Path(facts.top)
    settings = read_settings(top, merge=merge)
    kind, _, source = agent.partition(":")
    if driver == "conductor":
        source = recorded_source(kind, source, app.environment.variables, app.store.tasks(), app.find)
        agents_for(kind, source, settings, app.environment.variables, app.store)
        insist(settings, app.environment.variables)
    task = _new_task_id(plan.title)
    workspace = Workspace(top, task, app.environment.home / "worktrees" / task)
    workspace.refuse_unwritable()
    roles, doubts = own_roles(workspace, facts.commit, app.store.blobs)
    plan = msgspec.structs.replace(plan, warnings=(*plan.warnings, *(Warning_(0, doubt) for doubt in doubts)))
    digest = app.store.blobs.put(text)
    if not another:
        _refuse_second(app, facts, digest)  # before the user is asked anything
    known = _approved(app, facts, digest, plan)
    unseen = tuple(c for c in plan.commands() if c not in known)
    approved = plan.commands() if not unseen or approve(unseen) else known
    body = TaskCreated(
        title=plan.title,
        plan=plan,
        spec_path=_relative(spec, top),
        spec=digest,
        repository=facts.top,
        base_commit=facts.commit,
        base_branch=facts.branch,
        branch=Branch(branch or f"conductor/{task}"),
        agent=kind,
        agent_source=source,
        driver=driver,
        settings=settings,
        approved=approved,
        roles=roles,
    )
    with workspace.alone():  # of two processes here at once, the second sees the first one's task
        if not another:
            _refuse_second(app, facts, digest)
        unfinished = (s for s in app.standing().values() if s.repository == facts.top and s.status not in ENDED)
        workspace.refuse_taken(body.branch, [s.branch for s in unfinished])
        app.ledger(task).submit(body, actor=actor, request=request)
    return Created(task, plan, facts.dirty)


def _new_task_id(title: str) -> str:
    """A readable id with a random ending: `pinch-a-recipe-k3vqx`."""
    ending = "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(5))
    return f"{slug(title)[:28].strip('-')}-{ending}"


def _refuse_second(app: App, facts: Facts, digest: str) -> None:
    for task, state in app.standing().items():
        if state.parent_task_id:  # the error names its parent
            continue
        alike = state.repository == facts.top and state.spec == digest
        if alike and state.status not in ENDED and not app.damaged(task):  # a damaged one cannot be continued
            raise Refused(
                f"task {task} already builds this specification here; it is {state.status}",
                hint=f"`conduct continue {task}` continues it; `--new` starts another",
            )


def _approved(app: App, facts: Facts, digest: str, plan: Plan) -> tuple[str, ...]:
    """The plan's commands that a person approved in an earlier task with the same text and repository."""
    alike = [s for s in app.standing().values() if s.repository == facts.top and s.spec == digest]
    return tuple(c for c in plan.commands() if any(c in s.approved for s in alike))


def _relative(spec: Path, top: Path) -> str:
    path = spec.resolve()
    return str(path.relative_to(top.resolve())) if path.is_relative_to(top.resolve()) else str(path)
