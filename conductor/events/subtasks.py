"""Subplans of a plan that is too large for one task: each is built by its own task, which the parent waits for."""

from __future__ import annotations

from typing import Literal

from conductor.events.effects import Outcome, Request
from conductor.events.values import Amendment, Correction, Finding
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import Branch, Commit, TaskStatus, Tree
from conductor.plan.model import Plan, Subplan

observation, decision = Kind.OBSERVATION, Kind.DECISION


@event("task.decomposed", decision)
class TaskDecomposed(Body, frozen=True):
    """The plan is too large for one task: its subplans are built by subtasks."""

    parts: tuple[Subplan, ...]
    plan: Plan  # what is left to the task itself: a phase whose modules are the subplans


@event("subtask.requested", decision)
class SubtaskRequested(Request, frozen=True, kw_only=True):
    """The subplan `module` is to be built by the task `subtask`, which is created if it does not exist yet."""

    subtask: str
    base: Commit  # the commit it builds on, which contains everything it depends on
    branch: Branch
    parallel: int  # how many of its agents may work at once


@event("subtask.ended", observation)
class SubtaskEnded(Outcome, frozen=True, kw_only=True):
    """The subtask has ended; what of it matters to the parent."""

    subtask: str
    status: Literal["completed", "completed_with_waivers", "abandoned"]
    commit: Commit
    tree: Tree
    waived: tuple[str, ...] = ()  # phase numbers; "final" for its final validation
    unproven: tuple[str, ...] = ()  # ids of criteria that no check proved
    failing: tuple[str, ...] = ()  # kinds of checks that failed in what a person waived
    files: tuple[str, ...] = ()  # changed since its base, as git saw it
    files_created: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()  # accepted ones
    amendments: tuple[Amendment, ...] = ()  # of the specification, approved by a person in the subtask


@event("subtask.waits", observation)
class SubtaskWaits(Outcome, frozen=True, kw_only=True):
    """The subtask cannot continue without a person."""

    subtask: str
    status: TaskStatus
    questions: tuple[str, ...] = ()  # ids within the subtask


@event("subtask.amended", observation)
class SubtaskAmended(Body, frozen=True, kw_only=True):
    """In a running subtask, a person approved a correction to the core of the specification."""

    subtask: str
    phase: str
    module: str
    correction: Correction
    amendment: Amendment  # with its id in the subtask


@event("subtask.news_requested", decision)
class SubtaskNewsRequested(Request, frozen=True, kw_only=True):
    """A subtask that started before an amendment that affects it is to be informed."""

    subtask: str
    amendment: Amendment


@event("subtask.told", observation)
class SubtaskTold(Outcome, frozen=True, kw_only=True):
    """The subtask's own record now holds the amendment."""

    subtask: str
    amendment: str  # its id
    version: int = 0  # of the event in the subtask's stream; 0: it has ended, has not started or already has it


@event("amendment.received", observation)
class AmendmentReceived(Body, frozen=True):
    """In a subtask: the specification was amended outside it, and reads like this from here on."""

    amendment: Amendment  # with its id in the parent


@event("subtask.changed", observation)
class SubtaskChanged(Body, frozen=True):
    """A subtask that was waiting can continue, or has ended in the meantime."""

    subtask: str
    status: TaskStatus
