"""Plays a fable to wherever it goes, a person's moods included, and says what does not hold."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator

from conductor.app import App
from conductor.core.lifecycle import DONE, ENDED, WAITING
from conductor.core.state import TaskState
from conductor.errors import Refused
from conductor.events import (
    CheckObserved,
    CheckpointCreated,
    ChecksRequested,
    PhaseCompleted,
    QuestionAnswered,
    RollbackAsked,
    TaskAbandoned,
    TaskPaused,
)
from tests.lies.fables import GOOD, Fable, begin
from tests.support.runs.sandbox import PERSON, Sandbox, git
from tests.support.runs.witness import Checkout, left_running, verified

ROUNDS = 6  # how often a person comes back to it
MINE = {"README.md", "untracked.txt", "debug.log"}  # what `make_dirty` leaves uncommitted: a delivery spares it


async def trial(box: Sandbox, seed: int) -> list[str]:
    """What does not hold in a seed's fable."""
    fable = begin(box, seed)
    before = Checkout(box.repo)
    app = box.app()
    task = await asyncio.to_thread(box.create, app)
    luck = random.Random(f"person {seed}")
    async with asyncio.timeout(1000):  # only what never ends: a busy machine takes its time
        state = await _pass_time(box, app, task, luck)
    wrong = await asyncio.to_thread(lambda: list(_wrong(box, state, fable, before)))
    return [f"seed {seed} ({state.id}, {state.status}): {what}" for what in wrong]


async def _pass_time(box: Sandbox, app: App, task: str, luck: random.Random) -> TaskState:
    for left in reversed(range(ROUNDS)):
        running = asyncio.ensure_future(box.driven(task, app))
        if luck.random() < 0.25:
            await asyncio.wait([running], timeout=luck.random() * 3)
            with contextlib.suppress(Refused):
                await asyncio.to_thread(app.submit, task, TaskPaused("a mood"), actor=PERSON)
        state = await running
        if not left or state.status in ENDED or (state.status == "paused" and luck.random() < 0.1):
            break
        await asyncio.to_thread(_decide, app, state, luck)
    return state


def _decide(app: App, state: TaskState, luck: random.Random) -> None:
    """Answer something, or return to some checkpoint, or give up; or let it be."""
    with contextlib.suppress(Refused):
        if state.checkpoints and luck.random() < 0.15:
            point = luck.choice(state.checkpoints).number
            app.submit(state.id, RollbackAsked(point, "a mood"), actor=PERSON)
        elif luck.random() < 0.02:
            app.submit(state.id, TaskAbandoned("a mood"), actor=PERSON)
        elif state.questions:
            name = luck.choice(list(state.questions))
            choices = state.questions[name].question.choices
            choice = luck.choice([c for c in choices if c != "abandon" or luck.random() < 0.2])
            app.submit(state.id, QuestionAnswered(name, choice, "a hint"), actor=PERSON)


def _wrong(box: Sandbox, state: TaskState, fable: Fable, before: Checkout) -> Iterator[str]:
    yield from _end(box, state)
    yield from _proof(box, state, fable)
    yield from _nothing_lost(box, state, before)
    yield from verified(box, state.id)
    yield from (f"left running: {process}" for process in left_running(box.root))


def _end(box: Sandbox, state: TaskState) -> Iterator[str]:
    """It has ended, or is paused, or it is said what a person is asked."""
    if state.status in WAITING and not state.questions:
        yield "waits for nothing"
    if state.status not in (*ENDED, *WAITING, "paused") and not state.questions:
        yield f"stands still while {state.status}, open: {list(state.open)}"
    if state.status == "abandoned":
        (given_up,) = box.bodies(state.id, TaskAbandoned)
        if not given_up.reason:
            yield "abandoned without a reason"


def _proof(box: Sandbox, state: TaskState, fable: Fable) -> Iterator[str]:
    """A completed phase passed its checks on that very tree; and what its checks would find there is good."""
    asked: dict[str, ChecksRequested] = {}
    passed: set[tuple[str | None, str]] = set()
    points: dict[int, CheckpointCreated] = {}
    for body in box.bodies(state.id):
        match body:
            case ChecksRequested():
                asked[body.effect] = body
            case CheckObserved(status="passed") if asked[body.effect].module is None:
                passed.add((asked[body.effect].phase, body.tree))
            case CheckpointCreated():
                points[body.number] = body
            case PhaseCompleted():
                point = points[body.checkpoint]
                if (body.phase, point.checked_tree) not in passed:
                    yield f"phase {body.phase} completed on a tree that no check passed on"
                yield from _bad(box, fable, body.phase, point.commit)
    if state.status == "completed":
        for phase in state.phases:
            yield from _bad(box, fable, phase, state.head)


def _bad(box: Sandbox, fable: Fable, phase: str, commit: str) -> Iterator[str]:
    for file in fable.wanted[phase]:
        content = git(box.repo, "cat-file", "blob", f"{commit}:{file}", check=False)
        if content != GOOD.rstrip("\n"):
            yield f"phase {phase} is complete in {commit[:10]}, and {file} says {content!r}"


def _nothing_lost(box: Sandbox, state: TaskState, before: Checkout) -> Iterator[str]:
    now = Checkout(box.repo)
    paths = MINE if state.delivered else before.files.keys() | now.files.keys()
    yield from (f"the user's {p} changed" for p in sorted(paths) if before.files.get(p) != now.files.get(p))
    if not state.delivered:
        yield from (f"the user's {part} changed" for part in ("index", "head", "config") if _differ(part, before, now))
    # An agent can make refs, and stash: git keeps one stash for all worktrees. What the user had must still be there.
    kept = set(git(box.repo, "rev-list", "--all", "--reflog").split())
    for ref, commit in (line.split() for line in before.refs):
        moved = f"{ref} {commit}" not in now.refs
        if moved and not (ref == "refs/stash" or (state.delivered and ref == "refs/heads/main")):
            yield f"the user's {ref} moved"
        if commit not in kept:
            yield f"the user's {ref} ({commit[:10]}) is lost"
    # Not by reflogs, which expire: what Conductor recorded, and what agents committed, is under a ref.
    kept = set(git(box.repo, "rev-list", "--all").split())
    for body in box.bodies(state.id):
        commit = getattr(body, "commit", "")
        if commit and commit not in kept:
            yield f"{type(body).__name__} {commit[:10]} is under no ref"
    own = box.root / "commits"
    for commit in own.read_text().split() if own.exists() else ():
        if commit not in kept:
            yield f"an agent's own commit {commit[:10]} is under no ref"
    if (box.home / "worktrees" / "outside.txt").exists():
        yield "a tool wrote outside of its worktree"
    if state.status in DONE and git(box.repo, "rev-parse", state.branch) != state.head:
        yield f"{state.branch} is not at {state.head[:10]}"


def _differ(part: str, one: Checkout, other: Checkout) -> bool:
    return bool(getattr(one, part) != getattr(other, part))
